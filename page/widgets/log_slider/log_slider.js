// A whole number on a logarithmic scale. `props.stops` are the slider's places; the box takes any
// number from `props.low` to `props.high`.

const [box, slider] = [find("input[type=number]"), find("input[type=range]")];
const { stops } = props;

function nearest(value) {
  const away = stops.map((stop) => Math.abs(Math.log(stop / value)));
  return away.indexOf(Math.min(...away));
}

function take(value) {
  props.value = value;
  update();
  trigger("change");
}

function update() {
  const { value } = props;
  if (document.activeElement !== box) box.value = value ?? "";
  if (value > 0) slider.value = nearest(value);
  slider.setAttribute("aria-valuetext", value);
}

box.addEventListener("input", () => take(box.value === "" ? null : Number(box.value)));
slider.addEventListener("input", () => {
  box.value = stops[slider.value];
  take(stops[slider.value]);
});

function translate() {
  find(".title").textContent = slider.ariaLabel = say(props.named);
}

slider.max = stops.length - 1;
Object.assign(box, { min: props.low, max: props.high });
find(".stops").append(...stops.map((stop) => make("span", { textContent: stop })));
watch("value", update);
watch("label", translate);
translate();
update();
