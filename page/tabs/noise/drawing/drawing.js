// The schedule that a hand draws: its points, how they may move, and what follows. handles.js has
// the handles. Nothing here sends a request.

const GAP = 0.002; // between the u of two points, while a hand moves one
const LEAST_POINTS = 2;
let points = recall("drawn") ?? null; // [u, log-SNR] each; null while there is no drawn schedule
let drawn = null; // the schedule through them
let startedFrom = ""; // the named schedule that they are still those of
let settled = JSON.stringify(points); // as they were when the hand last rested
let [past, undone] = [[], []]; // earlier ones, and those that Redo brings back

const drawButton = make("button", { type: "button", className: "draw" });
drawButton.addEventListener("click", () => {
  startFrom(schedules[0]?.name ?? "cosine");
  handles[selected].focus();
});

/** The tables through the points, for the T of the others. */
function computeDrawn() {
  const { T, zero_terminal } = props.tables;
  const tables = tablesOf(monotoneCubic(points), T, props.limits);
  const shown = zero_terminal ? zeroTerminalSnr(tables) : tables;
  const left = Math.sqrt(shown.alphasCumprod[T - 1]);
  return {
    ...{ name: "drawn", color: props.limits.color, T, left },
    ...shown,
    decibel: shown.logSnr.map((v) => v * DB_PER_NAT),
    is_noise: left <= props.limits.noise_enough,
    is_exact: left === 0,
  };
}

function renewDrawn() {
  drawn = points && computeDrawn();
}

/** As endpoints and links write it: see ddpm/schedules/text_form.py. */
function drawnText() {
  return ["drawn", ...points.map(([u, value]) => `${u}_${value}`)].join("~");
}

function tellPython() {
  const { dataset } = find(".editor");
  if (!points) delete dataset.drawn;
  else dataset.drawn = drawnText() + (props.tables.zero_terminal ? "~zero_terminal" : "");
}

/** Undo goes back to where a hand rested. */
function notePast() {
  const now = JSON.stringify(points);
  if (now === settled) return;
  undone = [];
  if (!points) past = [];
  else if (settled !== "null") past.push(settled);
  settled = now;
}

/** Take the latest of `from`; what is given up for it goes `to` where it is found again. */
function travel(from, to) {
  if (!from.length) return;
  to.push(settled);
  settled = from.pop();
  setPoints(JSON.parse(settled));
}

const undo = () => travel(past, undone);
const redo = () => travel(undone, past);

/** The chosen point has moved: only what shows it is drawn again, within a frame. */
function followPoint() {
  Object.assign(drawn, computeDrawn());
  const panel = panels.find(({ schedule }) => schedule === drawn);
  const t = Number(slider.value);
  showVerdict(panel);
  drawPanel(panel, t);
  mendPlots(drawn);
  movePlots(t);
  if (!plots) return;
  placeHandle(selected);
  showStrip();
}

/** The hand rests: what is kept of the points, and what takes longer. */
function settlePoints() {
  Object.assign(drawn, computeDrawn());
  showVerdict(panels.find(({ schedule }) => schedule === drawn));
  notePast();
  remember("drawn", points);
  tellPython();
  showList();
  makePlots();
  draw();
}

/** Other points, or none. */
function setPoints(others, from = "") {
  points = others;
  startedFrom = from;
  selected = points ? Math.min(selected, points.length - 1) : 0;
  notePast();
  remember("drawn", points);
  update();
}

/** A hand begins to draw, and wants to see the picture. */
function startFrom(name) {
  hiddenPanels.delete("drawn");
  setPoints(
    props.tables.starts[name].map((point) => [...point]),
    name,
  );
}

// ---- how points may move

const clamp = (v, low, high) => Math.min(high, Math.max(low, v));
const rounded = (v) => Number(v.toFixed(4)); // links stay short

/** Move a point as near to (u, value) as its neighbours let it: in order, and never rising. */
function movePoint(k, u, value) {
  const [before, after] = [points[k - 1], points[k + 1]];
  const { most_drawn } = props.limits;
  const [low, high] = [before ? before[0] + GAP : 0, after ? after[0] - GAP : 1];
  points[k] = [
    low <= high ? clamp(rounded(u), low, high) : points[k][0],
    clamp(rounded(value), after ? after[1] : -most_drawn, before ? before[1] : most_drawn),
  ];
  points[k][0] = rounded(points[k][0]);
  startedFrom = "";
}

/** A point near (u, value), which is chosen then. Says so where there is no room for one. */
function addPoint(u, value) {
  const k = points.findIndex(([other]) => other > u);
  const at = k < 0 ? points.length : k;
  const before = points[at - 1]?.[0] ?? -1;
  const after = points[at]?.[0] ?? 2;
  if (points.length >= props.limits.most_points || after - before < 3 * GAP) {
    notify(say("noise_draw_full", { most: props.limits.most_points }));
    return;
  }
  points.splice(at, 0, [u, value]);
  movePoint(at, u, value);
  selected = at;
  changedCount();
}

/** A point on the curve, halfway to a neighbour of the chosen one: to the next if there is one. */
function addBeside() {
  const k = Math.min(selected, points.length - 2);
  const u = (points[k][0] + points[k + 1][0]) / 2;
  addPoint(u, monotoneCubic(points)(u));
}

function deletePoint() {
  if (points.length <= LEAST_POINTS) {
    notify(say("noise_draw_few", { least: LEAST_POINTS }));
    return;
  }
  points.splice(selected, 1);
  selected = Math.min(selected, points.length - 1);
  startedFrom = "";
  changedCount();
}

function changedCount() {
  notify("");
  settlePoints();
  handles[selected].focus({ preventScroll: true });
}
