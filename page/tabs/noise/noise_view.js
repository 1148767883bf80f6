// Draws x_t = √ᾱ_t x_0 + √(1-ᾱ_t) ε for every chosen schedule, at the t of the slider.
// `props.value` holds x_0 and ε, `props.tables` the schedules' tables; see forward.py.
// panels.js precedes it. Nothing here sends a request.

const SWEEP_MS = 6000; // duration of playing from t = 0 to the end, whatever T is
const REST_MS = 1200; // pause at the end before it starts over
const MAX_DB = 45; // the limit of the log-SNR plot

const slider = find(".time");
const playButton = find(".play");
const copyButton = find(".copy");
let picture;
let schedules;
let chosen = null; // the schedule of the panel to denoise; the first if null
let panels;
let plots;
let playing = null; // timestamp of t = 0 in this sweep
let frame = 0; // id of the animation frame requested while playing
// t as a fraction of T-1, kept when T changes and for a reload. A link may set it.
const query = new URLSearchParams(location.search);
const linked = query.get("t") / ((query.get("T") ?? props.tables[0]?.T) - 1);
let fraction = query.has("t") && linked >= 0 && linked <= 1 ? linked : (recall("t") ?? 0.3);
let requested = false; // whether a redraw is scheduled

// ---- curves

function makePlots() {
  const [signal, snr] = [find(".signal .axes"), find(".snr .axes")];
  signal.innerHTML = snr.innerHTML = "";
  if (!schedules.length || !signal.clientWidth) return []; // not visible yet
  const last = schedules[0].T - 1;
  const lines = (column) =>
    schedules.map(({ color, [column]: ys }) => ({ className: "curve", color, ys }));
  const common = { last, end: `t = ${last}` };
  return [
    plot(signal, {
      ...common,
      lines: lines("alphasCumprod"),
      low: 0,
      high: 1,
      ticks: [0, 0.5, 1],
      label: say("noise_view_signal"),
    }),
    plot(snr, {
      ...common,
      lines: lines("decibel"),
      low: -MAX_DB,
      high: MAX_DB,
      ticks: [-40, -20, 0, 20, 40],
      label: say("noise_view_snr"),
    }),
  ];
}

// ---- time

function draw() {
  const t = Number(slider.value);
  const now = find(".now");
  now.textContent = `${t} / ${slider.max}`;
  // the chosen panel's noise level, for "Denoise from here" in the Generate tab
  if (schedules.length) now.dataset.logSnr = (chosen ?? schedules[0]).logSnr[t];
  else delete now.dataset.logSnr;
  for (const panel of panels) drawPanel(panel, t);
  for (const moveTo of plots) moveTo(t);
}

function drawSoon() {
  if (requested) return;
  requested = true;
  requestAnimationFrame(() => {
    requested = false;
    draw();
  });
}

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
  playButton.textContent = on ? `❚❚ ${say("pause")}` : `▶ ${say("play")}`;
  cancelAnimationFrame(frame); // otherwise each update of the page would start another loop
  if (on) frame = requestAnimationFrame(play);
}

// ---- a link to these settings, read by permalink.py

function linkHere() {
  const url = new URL(location.href);
  for (const own of ["__theme", "present"]) url.searchParams.delete(own); // the sender's
  const { T, notebook } = schedules[0];
  const settings = { T, notebook: Number(notebook), seed: props.value.seed, t: slider.value };
  for (const [name, value] of Object.entries(settings)) url.searchParams.set(name, value);
  url.searchParams.set("schedules", schedules.map(({ name }) => name).join());
  return url.href.replaceAll("%2C", ",");
}

async function copyLink() {
  const link = make("a", { href: linkHere(), textContent: linkHere() });
  history.replaceState(history.state, "", link.href);
  const copied = await navigator.clipboard?.writeText(link.href).then(
    () => true,
    () => false,
  ); // there is no clipboard over http
  find(".copied").replaceChildren(
    copied ? say("noise_view_copied") : say("noise_view_copy_this"),
    " ",
    link,
  );
}

// ---- what Python sends

// gr.Examples leaves its buttons unnamed, and may add them after this script has run
function nameExamples() {
  const buttons = document.querySelectorAll("#noise-examples .gallery-item");
  buttons.forEach((button, k) => {
    button.ariaLabel = say(props.examples[k]);
  });
  if (!buttons.length && element.isConnected) setTimeout(nameExamples, 200);
}

function update() {
  picture = readPicture(props.value);
  schedules = props.tables.map(readTable);
  chosen = null;
  panels = schedules.map(makePanel);
  find(".panels").replaceChildren(...panels.map(({ panel }) => panel));
  if (!panels.length) find(".panels").innerHTML = `<p class="none">${say("noise_none")}</p>`;
  find(".panels").style.setProperty("--columns", Math.max(1, panels.length));
  nameExamples();
  find(".time-label").textContent = say("noise_view_time");
  copyButton.textContent = say("noise_view_copy");
  copyButton.disabled = !schedules.length;
  find(".copied").textContent = "";
  find(".signal figcaption").textContent = say("noise_view_signal");
  find(".garments").textContent = say("noise_view_garments");
  find(".snr figcaption").textContent = say("noise_view_snr");
  if (schedules.length) {
    slider.max = schedules[0].T - 1;
    slider.value = Math.round(fraction * slider.max);
  }
  plots = makePlots();
  setPlaying(playing !== null);
  draw();
}

slider.addEventListener("input", () => {
  fraction = slider.value / slider.max;
  setPlaying(false);
  drawSoon();
});
slider.addEventListener("keydown", (event) => {
  if (event.key !== " ") return;
  event.preventDefault(); // don't scroll the page
  setPlaying(playing === null);
});
playButton.addEventListener("click", () => setPlaying(playing === null));
copyButton.addEventListener("click", copyLink);
addEventListener("pagehide", () => remember("t", fraction));
watch(["value", "tables", "label"], update);
new ResizeObserver(() => {
  plots = makePlots();
  draw();
}).observe(element);
update();
