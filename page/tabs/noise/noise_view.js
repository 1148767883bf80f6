// Draws x_t = √ᾱ_t x_0 + √(1-ᾱ_t) ε for every chosen schedule, at the t of the slider.
// `props.value` holds x_0 and ε, `props.tables` the schedules' tables; see tabs/forward.py.
// Nothing here asks the server. WORDS and curves.js are put in front of this file.

const SWEEP_MS = 6000; // playing from t = 0 to the end takes this long, whatever T is
const REST_MS = 1200; // and rests there before it begins again
const DB_PER_NAT = 10 / Math.LN10; // log-SNR is a natural logarithm
const MAX_DB = 45; // where the plot of the log-SNR ends

const find = (selector) => element.querySelector(selector);
const slider = find(".time");
const playButton = find(".play");
const copyButton = find(".copy");
let words, picture, schedules, panels, plots;
let playing = null; // time stamp of the t = 0 of this sweep
let frame = 0; // the one asked for while playing
// The part of the way from t = 0 to T-1, kept when T changes. A link may say where to begin.
const asked = new URLSearchParams(location.search);
const wanted = asked.get("t") / ((asked.get("T") ?? props.tables[0]?.T) - 1);
let way = asked.has("t") && wanted >= 0 && wanted <= 1 ? wanted : 0.3;
let waiting = false; // a frame is asked for already

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
  const panel = document.createElement("figure");
  panel.className = "panel";
  panel.dataset.schedule = schedule.name;
  panel.style.setProperty("--its-color", `var(--${schedule.name})`);
  panel.innerHTML =
    '<span class="name"></span><canvas role="img"></canvas><div class="share"><i></i></div>' +
    '<dl class="numbers"><dt>β<sub>t</sub></dt><dd></dd><dt>ᾱ<sub>t</sub></dt><dd></dd>' +
    "<dt>SNR</dt><dd></dd></dl>";
  const name = words["schedule_" + schedule.name];
  panel.querySelector(".name").textContent = name;
  const canvas = panel.querySelector("canvas");
  canvas.width = canvas.height = picture.size;
  canvas.setAttribute("aria-label", words.canvas.replace("{name}", name));
  if (!schedule.is_noise) {
    const percent = Math.round(100 * schedule.left);
    const badge = document.createElement("div");
    badge.className = "badge";
    badge.innerHTML = "<b></b><span></span>";
    badge.firstChild.textContent = words.bad;
    badge.lastChild.textContent = words.left.replace("{percent}", percent);
    panel.append(badge);
  }
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(picture.size, picture.size);
  image.data.fill(255); // alpha
  const numbers = [...panel.querySelectorAll("dd")];
  return { panel, schedule, context, image, numbers, share: panel.querySelector(".share i") };
}

function drawPanel({ schedule, context, image, numbers, share }, t) {
  const alphaCumprod = schedule.alphasCumprod[t];
  const signal = 127.5 * Math.sqrt(alphaCumprod); // in grey levels, as ddpm.to_uint8 counts them
  const noise = 127.5 * Math.sqrt(1 - alphaCumprod);
  const { x, e, channels } = picture;
  const data = image.data; // rounds and clamps what is written to it
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
  if (!schedules.length || !signal.clientWidth) return []; // not on the screen yet
  return [
    makePlot(signal, "alphasCumprod", 0, 1, [0, 0.5, 1]),
    makePlot(snr, "decibel", -MAX_DB, MAX_DB, [-40, -20, 0, 20, 40]),
  ];
}

// ---- time

function draw() {
  const t = Number(slider.value);
  const now = find(".now");
  now.textContent = `${t} / ${slider.max}`;
  // how much noise the first schedule has put in, for whoever goes on from this picture
  if (schedules.length) now.dataset.logSnr = schedules[0].logSnr[t];
  else delete now.dataset.logSnr;
  panels.forEach((panel) => drawPanel(panel, t));
  plots.forEach((moveTo) => moveTo(t));
}

function drawSoon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    draw();
  });
}

function play(now) {
  if (playing === null || !element.isConnected) return;
  const elapsed = now - playing;
  if (elapsed > SWEEP_MS + REST_MS) playing = now;
  way = Math.min(1, Math.max(0, elapsed) / SWEEP_MS);
  slider.value = Math.round(way * slider.max);
  draw();
  frame = requestAnimationFrame(play);
}

function setPlaying(on) {
  const done = slider.value === slider.max ? 0 : slider.value / slider.max;
  playing = on ? performance.now() - done * SWEEP_MS : null;
  playButton.textContent = on ? "❚❚ " + words.pause : "▶ " + words.play;
  cancelAnimationFrame(frame); // else each update of the page would add one more loop
  if (on) frame = requestAnimationFrame(play);
}

// ---- a link to these settings, which tabs/link.py reads

function linkHere() {
  const url = new URL(location.href);
  const { T, notebook } = schedules[0];
  const settings = { T, notebook: Number(notebook), seed: props.value.seed, t: slider.value };
  Object.entries(settings).forEach(([name, value]) => url.searchParams.set(name, value));
  url.searchParams.set("schedules", schedules.map(({ name }) => name).join());
  return url.href.replaceAll("%2C", ",");
}

async function copyLink() {
  const link = document.createElement("a");
  link.href = link.textContent = linkHere();
  history.replaceState(history.state, "", link.href);
  const told = await navigator.clipboard?.writeText(link.href).then(
    () => words.copied,
    () => words.copy_this,
  );
  find(".copied").replaceChildren(told ?? words.copy_this, " ", link); // no clipboard over http
}

// ---- what Python sends

// gr.Examples gives its buttons no names, which a screen reader needs; they may come after us
function nameExamples() {
  const buttons = document.querySelectorAll("#noise-examples .gallery-item");
  buttons.forEach((button, k) => button.setAttribute("aria-label", words[EXAMPLES[k]]));
  if (!buttons.length && element.isConnected) setTimeout(nameExamples, 200);
}

function update() {
  words = WORDS[props.label] ?? WORDS.en;
  picture = readPicture(props.value);
  schedules = props.tables.map(readTable);
  panels = schedules.map(makePanel);
  find(".panels").replaceChildren(...panels.map(({ panel }) => panel));
  if (!panels.length) find(".panels").innerHTML = `<p class="none">${words.none}</p>`;
  find(".panels").style.setProperty("--columns", Math.max(1, panels.length));
  nameExamples();
  find(".time-label").textContent = words.time;
  copyButton.textContent = words.copy;
  copyButton.disabled = !schedules.length;
  find(".copied").textContent = "";
  find(".signal figcaption").textContent = words.signal;
  find(".snr figcaption").textContent = words.snr;
  if (schedules.length) {
    slider.max = schedules[0].T - 1;
    slider.value = Math.round(way * slider.max);
  }
  plots = makePlots();
  setPlaying(playing !== null);
  draw();
}

slider.addEventListener("input", () => {
  way = slider.value / slider.max;
  setPlaying(false);
  drawSoon();
});
slider.addEventListener("keydown", (event) => {
  if (event.key !== " ") return;
  event.preventDefault(); // the page would scroll
  setPlaying(playing === null);
});
playButton.addEventListener("click", () => setPlaying(playing === null));
copyButton.addEventListener("click", copyLink);
watch(["value", "tables", "label"], update);
new ResizeObserver(() => {
  plots = makePlots();
  draw();
}).observe(element);
update();
