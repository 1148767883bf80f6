// A sketch pad of 28 × 28 grey levels; pad.py defines `props.value`.
// Strokes are drawn at that size, so the visitor sees what the network will see.

const canvas = find("canvas");
const context = canvas.getContext("2d", { willReadFrequently: true });
const size = canvas.width;
const shades = [...element.querySelectorAll(".shade")];
const UNDOS = 50;
const history = []; // ImageData before each change, newest last
let pen = null; // its position while drawing
let finger = null; // or mouse, which draws

function blank() {
  context.fillStyle = "#000";
  context.fillRect(0, 0, size, size);
}

function remember() {
  history.push(context.getImageData(0, 0, size, size));
  if (history.length > UNDOS) history.shift();
}

function read() {
  const grey = context.getImageData(0, 0, size, size).data.filter((_, i) => i % 4 === 0);
  return grey.some((v) => v) ? btoa(String.fromCharCode(...grey)) : "";
}

function write(value) {
  const image = context.createImageData(size, size);
  const grey = Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
  for (let i = 0; i < size * size; i++) image.data.fill(grey[i] ?? 0, 4 * i, 4 * i + 3);
  for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255;
  context.putImageData(image, 0, 0);
}

function change(act) {
  remember();
  act();
  props.value = read();
}

function position(event) {
  const box = canvas.getBoundingClientRect();
  const inside = (v, low, length) => ((v - low) / length) * size;
  return [inside(event.clientX, box.left, box.width), inside(event.clientY, box.top, box.height)];
}

function stroke(event) {
  const to = position(event);
  context.lineCap = context.lineJoin = "round";
  context.lineWidth = Number(find(".width input").value);
  const grey = shades.find((shade) => shade.ariaPressed === "true").dataset.grey;
  context.strokeStyle = `rgb(${grey} ${grey} ${grey})`;
  context.beginPath();
  context.moveTo(...pen);
  context.lineTo(...to);
  context.stroke();
  pen = to;
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button || pen) return; // of a second finger
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  finger = event.pointerId;
  remember();
  pen = position(event);
  stroke(event); // a click draws a dot
});
canvas.addEventListener("pointermove", (event) => {
  if (pen && event.pointerId === finger) stroke(event);
});
for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, ({ pointerId }) => {
    if (!pen || pointerId !== finger) return;
    pen = null;
    props.value = read();
  });
}
shades.forEach((shade) => {
  const { grey } = shade.dataset;
  shade.style.background = `rgb(${grey} ${grey} ${grey})`;
  shade.addEventListener("click", () => {
    for (const other of shades) other.ariaPressed = String(other === shade);
  });
});
find(".undo").addEventListener("click", () => {
  if (!history.length) return;
  context.putImageData(history.pop(), 0, 0);
  props.value = read();
});
find(".clear").addEventListener("click", () => change(blank));
find(".invert").addEventListener("click", () =>
  change(() => {
    const image = context.getImageData(0, 0, size, size);
    const { data } = image;
    for (let i = 0; i < data.length; i++) if (i % 4 !== 3) data[i] = 255 - data[i];
    context.putImageData(image, 0, 0);
  }),
);

function translate() {
  for (const shade of shades) {
    shade.ariaLabel = shade.title = say(`pad_grey_${shade.dataset.grey}`);
  }
}

function update() {
  if (props.value !== read()) change(() => write(props.value));
}

watch("value", update);
watch("label", translate);
blank();
translate();
update();
