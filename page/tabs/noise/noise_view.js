// Draws x_t = √ᾱ_t x_0 + √(1-ᾱ_t) ε for every chosen schedule, at the t of the slider.
// `props.value` holds x_0 and ε, `props.tables` the schedules' tables; see forward.py.
// Nothing here sends a request.

const SWEEP_MS = 6000; // duration of playing from t = 0 to the end, whatever T is
const REST_MS = 1200; // pause at the end before it starts over
const DB_PER_NAT = 10 / Math.LN10; // log-SNR is a natural logarithm
const MAX_DB = 45; // the limit of the log-SNR plot

const slider = find(".time");
const playButton = find(".play");
const copyButton = find(".copy");
let picture;
let schedules;
let panels;
let plots;
let playing = null; // timestamp of t = 0 in this sweep
let frame = 0; // id of the animation frame requested while playing
// t as a fraction of T-1, kept when T changes and for a reload. A link may set it.
const query = new URLSearchParams(location.search);
const linked = query.get("t") / ((query.get("T") ?? props.tables[0]?.T) - 1);
let fraction = query.has("t") && linked >= 0 && linked <= 1 ? linked : (recall("t") ?? 0.3);
let requested = false; // whether a redraw is scheduled

function bytes(base64) {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)).buffer;
}

function readPicture({ size, channels, x_start, eps, eps_step }) {
  const x = Float32Array.from(new Uint8Array(bytes(x_start)), (v) => v / 127.5 - 1);
  const e = Float32Array.from(new Int16Array(bytes(eps)), (v) => v * eps_step);
  return { size, channels, x, e };
}

function readTable(table) {
  const read = (key) => new Float32Array(bytes(table[key]));
  const logSnr = read("log_snr");
  return {
    ...table,
    betas: read("betas"),
    alphasCumprod: read("alphas_cumprod"),
    logSnr,
    decibel: logSnr.map((v) => v * DB_PER_NAT),
  };
}

// ---- pictures

function makePanel(schedule) {
  const style = `--its-color: var(--line-${schedule.color})`;
  const panel = make("figure", { className: "panel card marked", style });
  panel.dataset.schedule = schedule.name;
  panel.innerHTML =
    '<span class="name"></span><canvas role="img"></canvas><div class="share"><i></i></div>' +
    '<dl class="numbers"><dt>β<sub>t</sub></dt><dd></dd><dt>ᾱ<sub>t</sub></dt><dd></dd>' +
    "<dt>SNR</dt><dd></dd></dl>";
  const name = say(`schedule_${schedule.name}`);
  panel.querySelector(".name").textContent = name;
  const canvas = panel.querySelector("canvas");
  canvas.width = canvas.height = picture.size;
  canvas.ariaLabel = say("noise_view_canvas", { name });
  if (!schedule.is_noise) {
    const percent = Math.round(100 * schedule.left);
    const verdict = make("b", { textContent: say("noise_view_bad") });
    const left = make("span", { textContent: say("noise_view_left", { percent }) });
    panel.append(make("div", { className: "badge" }, verdict, left));
  }
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(picture.size, picture.size);
  image.data.fill(255); // alpha
  const numbers = [...panel.querySelectorAll("dd")];
  return { panel, schedule, context, image, numbers, share: panel.querySelector(".share i") };
}

function drawPanel({ schedule, context, image, numbers, share }, t) {
  const alphaCumprod = schedule.alphasCumprod[t];
  const signal = 127.5 * Math.sqrt(alphaCumprod); // in grey levels, as in ddpm.to_uint8
  const noise = 127.5 * Math.sqrt(1 - alphaCumprod);
  const { x, e, channels } = picture;
  const data = image.data; // rounds and clamps on assignment
  if (channels === 1) {
    for (let i = 0, j = 0; i < x.length; i++, j += 4) {
      data[j] = data[j + 1] = data[j + 2] = signal * x[i] + noise * e[i] + 127.5;
    }
  } else {
    for (let i = 0, j = 0; i < x.length; i += 3, j += 4) {
      data[j] = signal * x[i] + noise * e[i] + 127.5;
      data[j + 1] = signal * x[i + 1] + noise * e[i + 1] + 127.5;
      data[j + 2] = signal * x[i + 2] + noise * e[i + 2] + 127.5;
    }
  }
  context.putImageData(image, 0, 0);
  const decibel = schedule.decibel[t];
  numbers[0].textContent = schedule.betas[t].toFixed(4);
  numbers[1].textContent = alphaCumprod.toFixed(4);
  numbers[2].textContent = `${decibel < 0 ? "−" : "+"}${Math.abs(decibel).toFixed(1)} dB`;
  share.style.transform = `scaleX(${alphaCumprod})`;
}

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
  // the first schedule's noise level, for "Denoise from here" in the Generate tab
  if (schedules.length) now.dataset.logSnr = schedules[0].logSnr[t];
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
