// Two handles on one axis. `props.value` is [low, high], between `props.low` and `props.high`.

const axis = find(".axis");
const handles = [...axis.querySelectorAll("input")];
let held = 0; // the handle that the pointer moves

/** A handle stops where the other one is. */
function take(k, number) {
  const [low, high] = props.value;
  props.value = k ? [low, Math.max(low, number)] : [Math.min(high, number), high];
  update();
  trigger("change");
}

/** The number under the pointer. */
function under({ clientX }) {
  const { left, width } = axis.getBoundingClientRect();
  const handle = Number.parseFloat(getComputedStyle(axis).getPropertyValue("--handle"));
  const share = (clientX - left - handle / 2) / (width - handle);
  const { low, high } = props;
  return Math.round(low + Math.min(1, Math.max(0, share)) * (high - low));
}

function nearest(number) {
  const [low, high] = props.value;
  if (low === high) return Number(number > low || low === props.low); // the one that can move there
  return Number(high - number < number - low);
}

axis.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  event.preventDefault();
  axis.setPointerCapture(event.pointerId);
  held = nearest(under(event));
  handles[held].focus();
  take(held, under(event));
});
axis.addEventListener("pointermove", (event) => {
  if (axis.hasPointerCapture(event.pointerId)) take(held, under(event));
});
handles.forEach((handle, k) => {
  handle.addEventListener("input", () => take(k, Number(handle.value)));
});

function update() {
  const { low, high, value } = props;
  handles.forEach((handle, k) => {
    Object.assign(handle, { min: low, max: high, value: value[k] });
    handle.setAttribute("aria-valuetext", say(`${props.named}_at`, { t: value[k] }));
    axis.style.setProperty(["--from", "--to"][k], (value[k] - low) / (high - low));
  });
  find("output").textContent = value.join(" – ");
}

function translate() {
  const { named } = props;
  find(".title").textContent = find("[role=group]").ariaLabel = say(named);
  find(".info").textContent = say(`${named}_info`);
  ["low", "high"].forEach((end, k) => {
    handles[k].ariaLabel = say(`${named}_${end}`);
    find(".ends").children[k].textContent = say(`${named}_end_${end}`);
  });
  update();
}

watch(["value", "low"], update);
watch("label", translate);
translate();
