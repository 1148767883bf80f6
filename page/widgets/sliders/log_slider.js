// A whole number on a logarithmic scale. `props.stops` are the slider's places; the box takes any
// number from `props.low` to `props.high`. All three may change.

const [box, slider] = [find("input[type=number]"), find("input[type=range]")];

function take(value) {
  props.value = value;
  update();
  trigger("change");
}

function update() {
  const { value } = props;
  if (document.activeElement !== box) box.value = value ?? "";
  if (value > 0) slider.value = nearestStop(props.stops, value);
  slider.setAttribute("aria-valuetext", value);
}

box.addEventListener("input", () => take(box.value === "" ? null : Number(box.value)));
slider.addEventListener("input", () => {
  box.value = props.stops[slider.value];
  take(props.stops[slider.value]);
});

function translate() {
  find(".title").textContent = slider.ariaLabel = say(props.named);
}

function offer() {
  slider.max = props.stops.length - 1;
  Object.assign(box, { min: props.low, max: props.high });
  find(".stops").replaceChildren(...props.stops.map((stop) => make("span", { textContent: stop })));
  update();
}

watch("stops", offer);
watch("value", update);
watch("label", translate);
translate();
offer();
