// Handles on the curve of the drawn schedule, for mouse, finger and keyboard; drawing.js says how
// they may move.

const NEAR = 30; // pixels between the two taps of a double tap
const ON_IT = 14; // pixels from a handle's middle, where a tap means the handle itself
const DOUBLE_MS = 400;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const STEP = { u: 0.01, nats: 0.25, signal: 0.01 }; // of an arrow key; five times that with Shift
const MOST_SIGNAL = 1 - 1e-6; // of a handle on ᾱ's curve, whose log-SNR is infinite at 1

const handleLayer = make("div", { className: "handles", role: "group" });
let handles = [];
let selected = 0;
let onSignal = false; // on the curve of ᾱ, not of log-SNR
let grip = null; // while a hand holds a handle: from the pointer to its middle
let dragged = false; // whether it has moved it
let lastTap = { at: -Infinity, x: 0, y: 0 };

const logit = (p) => Math.log(p / (1 - p));
const sigmoid = (v) => 1 / (1 + Math.exp(-v));

function setOnSignal(on) {
  onSignal = on;
  update();
}

// ---- between points and pixels

const handlePlot = () => (onSignal ? plots.signal : plots.snr);

function toPixels([u, value]) {
  const { toX, toY } = handlePlot();
  return [
    toX(clamp(u * drawn.T - 0.5, 0, drawn.T - 1)),
    toY(onSignal ? sigmoid(value) : value * DB_PER_NAT),
  ];
}

function fromPixels(x, y) {
  const { fromX, fromY } = handlePlot();
  const [t, height] = [fromX(x), fromY(y)];
  const value = onSignal
    ? logit(clamp(height, 1 - MOST_SIGNAL, MOST_SIGNAL))
    : clamp(height, -DRAWING_DB, DRAWING_DB) / DB_PER_NAT;
  return [clamp((t + 0.5) / drawn.T, 0, 1), value];
}

function pointerAt({ clientX, clientY }) {
  const box = handleLayer.getBoundingClientRect();
  return [clientX - box.left, clientY - box.top];
}

// ---- showing them

function placeHandles() {
  if (!drawn || !plots) {
    handleLayer.remove();
    return;
  }
  const frame = find(onSignal ? ".signal .frame" : ".snr .frame");
  if (handleLayer.parentNode !== frame) frame.append(handleLayer);
  if (handles.length !== points.length) {
    handles = points.map(() => make("span", { className: "handle", role: "slider", tabIndex: 0 }));
    handleLayer.replaceChildren(...handles);
  }
  points.forEach((_, k) => {
    handles[k].classList.toggle("selected", k === selected);
    placeHandle(k);
  });
  for (const [name, off] of [
    ["delete", points.length <= LEAST_POINTS],
    ["add", points.length >= props.limits.most_points],
    ["undo", !past.length],
    ["redo", !undone.length],
  ])
    find(`.editor .${name}`).disabled = off;
  find(".editor select").value = startedFrom;
  showStrip();
}

function placeHandle(k) {
  const [x, y] = toPixels(points[k]);
  handles[k].style.transform = `translate(${x}px, ${y}px)`;
  describe(handles[k], points[k], k);
}

function describe(handle, [u, value], k) {
  const decibel = (value * DB_PER_NAT).toFixed(1);
  const most = (props.limits.most_drawn * DB_PER_NAT).toFixed(1);
  const where = {
    t: Math.round(clamp(u * drawn.T - 0.5, 0, drawn.T - 1)),
    decibel,
    signal: sigmoid(value).toFixed(3),
  };
  handle.ariaLabel = say("noise_draw_handle", { k: k + 1, count: points.length });
  handle.ariaOrientation = "vertical";
  handle.ariaValueMin = -most;
  handle.ariaValueMax = most;
  handle.ariaValueNow = decibel;
  handle.ariaValueText = say("noise_draw_at", where);
}

// ---- mouse and finger

const moveSoon = inNextFrame(() => points && followPoint());

/** Pixels from (x, y) to each handle. */
function distances(x, y) {
  return points.map((point) => {
    const [ownX, ownY] = toPixels(point);
    return Math.hypot(ownX - x, ownY - y);
  });
}

function grasp(event) {
  if (event.button || !event.target.classList.contains("handle")) return;
  event.preventDefault();
  const [x, y] = pointerAt(event);
  const far = distances(x, y);
  selected = far.indexOf(Math.min(...far)); // not the uppermost of those that overlap
  const [ownX, ownY] = toPixels(points[selected]);
  grip = { x: ownX - x, y: ownY - y };
  dragged = false;
  handles[selected].setPointerCapture(event.pointerId);
  handles[selected].focus({ preventScroll: true });
  notify("");
  placeHandles();
}

function drag(event) {
  if (!grip || !points) return;
  const [x, y] = pointerAt(event);
  const [ownX, ownY] = toPixels(points[selected]);
  if (Math.hypot(x + grip.x - ownX, y + grip.y - ownY) < 1) return; // a tap moves nothing
  dragged = true;
  movePoint(selected, ...fromPixels(x + grip.x, y + grip.y));
  moveSoon();
}

function release() {
  if (!grip) return;
  grip = null;
  if (points) settlePoints();
}

/** Two taps on one place, of a finger or a mouse: not every browser calls the former a dblclick. */
function tap(event) {
  const [x, y] = pointerAt(event);
  const ofDrag = dragged;
  dragged = false;
  if (ofDrag || Math.min(...distances(x, y)) < ON_IT) return;
  const again =
    event.timeStamp - lastTap.at < DOUBLE_MS && Math.hypot(x - lastTap.x, y - lastTap.y) < NEAR;
  lastTap = again ? { at: -Infinity, x, y } : { at: event.timeStamp, x, y };
  if (again) addPoint(...fromPixels(x, y));
}

for (const frame of element.querySelectorAll(".frame")) {
  const ifHere = (act) => (event) => handleLayer.parentNode === frame && act(event);
  frame.addEventListener("pointerdown", ifHere(grasp));
  frame.addEventListener("pointermove", ifHere(drag));
  frame.addEventListener("pointerup", ifHere(release));
  frame.addEventListener("pointercancel", ifHere(release));
  frame.addEventListener("click", ifHere(tap));
}

// ---- the keyboard

function pressed(event) {
  const k = handles.indexOf(event.target);
  if (k >= 0 && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
    event.preventDefault();
    (event.shiftKey ? redo : undo)();
    handles[selected].focus({ preventScroll: true });
    return;
  }
  if (k < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  selected = k;
  if (event.key in KEYS) nudge(...KEYS[event.key], event.shiftKey ? 5 : 1);
  else if (["Delete", "Backspace"].includes(event.key)) deletePoint();
  else if (["Enter", "Insert", "+"].includes(event.key)) addBeside();
  else return;
  event.preventDefault();
}

function nudge(right, up, times) {
  const [u, value] = points[selected];
  const raised = onSignal
    ? logit(clamp(sigmoid(value) + up * times * STEP.signal, 1 - MOST_SIGNAL, MOST_SIGNAL))
    : value + up * times * STEP.nats;
  movePoint(selected, u + right * times * STEP.u, up ? raised : value);
  notify("");
  followPoint();
}

handleLayer.addEventListener("keydown", pressed);
handleLayer.addEventListener("keyup", ({ key }) => key in KEYS && points && settlePoints());
handleLayer.addEventListener("focusin", ({ target }) => {
  if (grip) return;
  selected = Math.max(0, handles.indexOf(target));
  placeHandles();
});
