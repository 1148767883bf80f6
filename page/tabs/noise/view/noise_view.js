// Draws x_t = √ᾱ_t x_0 + √(1-ᾱ_t) ε for every chosen schedule, at the t of the slider.
// `props.value` holds x_0 and ε, `props.tables` the schedules' tables; see forward.py. The drawn
// schedule's come from drawing.js. What this view consists of precedes it: panels.js, chips.js,
// plots.js and so on. Nothing here sends a request, but for the file that the page opens with.

const SWEEP_MS = 6000; // duration of playing from t = 0 to the end, whatever T is
const AGAIN_MS = 1000; // before the next try to get the picture that the page opens with
const REST_MS = 1200; // pause at the end before it starts over

const slider = find(".time");
const playButton = find(".play");
let opening = null; // the picture that the page opens with, which is a file, once it is here
let picture;
let schedules = [];
let chosen = null; // the schedule of the panel to denoise; the first if null
let panels = [];
let playing = null; // timestamp of t = 0 in this sweep
let frame = 0; // id of the animation frame requested while playing
let fraction = recall("t") ?? 0.3; // t / (T - 1), kept when T changes and for a reload

// ---- time

function draw() {
  const t = Number(slider.value);
  const now = find(".now");
  now.textContent = `${t} / ${slider.max}`;
  // the chosen panel's noise level, for "Denoise from here" in the Generate tab
  // -∞ where ᾱ is 0: no number in JSON
  if (schedules.length) now.dataset.logSnr = Math.max(-99, (chosen ?? schedules[0]).logSnr[t]);
  else delete now.dataset.logSnr;
  for (const panel of panels) drawPanel(panel, t);
  movePlots(t);
  tellPoints();
}

/** Clouds of points dissolve beside the picture: page/widgets/points. */
function tellPoints() {
  document.dispatchEvent(new Event("forward"));
}

window.forwardNow = () => ({
  t: Number(slider.value),
  last: Number(slider.max),
  isPlaying: playing !== null,
  schedules: schedules.filter(({ name }) => !hiddenPanels.has(name)),
});

const drawSoon = inNextFrame(draw);

function play(now) {
  if (playing === null || !element.isConnected) return;
  const elapsed = now - playing;
  if (elapsed > SWEEP_MS + REST_MS) playing = now;
  fraction = Math.min(1, Math.max(0, elapsed) / SWEEP_MS);
  slider.value = Math.round(fraction * slider.max);
  draw();
  frame = requestAnimationFrame(play);
}

function setPlaying(on) {
  const done = slider.value === slider.max ? 0 : slider.value / slider.max;
  playing = on ? performance.now() - done * SWEEP_MS : null;
  playButton.textContent = playLabel(on, say);
  cancelAnimationFrame(frame); // otherwise each update of the page would start another loop
  if (on) frame = requestAnimationFrame(play);
  tellPoints();
}

// ---- links, which page/tabs/noise/link.py reads and writes

window.noiseShown = () => ({
  schedules: schedules.map((schedule) => (schedule === drawn ? drawnText() : schedule.name)),
  t: Number(slider.value),
  hidden: schedules.map(({ name }) => name).filter((name) => hiddenPanels.has(name)),
  details: detailed,
});

function followLink() {
  if (!props.linked) return;
  const { points: linked, share, hidden, details } = props.linked;
  fraction = share;
  setPlaying(false);
  hiddenPanels.clear();
  for (const name of hidden) hiddenPanels.add(name);
  remember("hidden", hidden);
  setDetailed(details);
  if (linked) setPoints(linked.map((point) => [...point]));
  else update();
}

// ---- what Python sends

// gr.Examples leaves its buttons unnamed, and may add them after this script has run
function nameExamples() {
  whenThere("#noise-examples .gallery-item", () => {
    document.querySelectorAll("#noise-examples .gallery-item").forEach((button, k) => {
      button.ariaLabel = say(props.examples[k]);
    });
  });
}

async function fetchOpening() {
  try {
    opening = await (await fetch(props.value.file)).json();
  } catch {
    setTimeout(fetchOpening, AGAIN_MS); // the connection was lost
    return;
  }
  update();
}

function update() {
  const value = props.value.file ? opening : props.value;
  if (!value) return;
  picture = readPicture(value);
  renewDrawn();
  schedules = [...props.tables.rows.map(readTable), ...(drawn ? [drawn] : [])];
  chosen = null;
  panels = schedules.map(makePanel);
  makeChips();
  showPanels();
  showEditor();
  tellPython();
  nameExamples();
  if (schedules.length) {
    slider.max = schedules[0].T - 1;
    slider.value = Math.round(fraction * slider.max);
  }
  makePlots();
  setPlaying(playing !== null);
  draw();
}

slider.addEventListener("input", () => {
  fraction = slider.value / slider.max;
  setPlaying(false);
  drawSoon();
});
playButton.addEventListener("click", () => setPlaying(playing === null));
addEventListener("pagehide", () => remember("t", fraction));
watch(["value", "tables", "label"], update);
watch("linked", followLink);
new ResizeObserver(() => {
  if (find(".signal .axes").clientWidth === plotsWidth) return; // it only became longer
  makePlots();
  draw();
}).observe(element);
if (props.value.file) fetchOpening();
update();
followLink();
