// The panels of noise_view.js: a schedule's picture at time t and how much noise it holds; folded
// under it, its numbers and its verdict on x_T.

const DB_PER_NAT = 10 / Math.LN10; // log-SNR is a natural logarithm

function bytes(base64) {
  const chars = atob(base64);
  const found = new Uint8Array(chars.length);
  for (let k = 0; k < chars.length; k++) found[k] = chars.charCodeAt(k);
  return found.buffer;
}

let detailed = recall("details") ?? false; // whether the numbers are unfolded; a link may set it
const modelLogSnr = new Float32Array(bytes(props.model_log_snr));

function readPicture({ size, channels, x_start, eps, eps_step }) {
  const x = new Float32Array(new Uint8Array(bytes(x_start))).map((v) => v / 127.5 - 1);
  const e = new Float32Array(new Int16Array(bytes(eps))).map((v) => v * eps_step);
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

function makePanel(schedule) {
  const style = `--its-color: var(--line-${schedule.color})`;
  const panel = make("figure", { className: "panel card marked", style });
  panel.dataset.schedule = schedule.name;
  panel.innerHTML =
    '<span class="name"></span><div class="body"><button type="button" class="zoomable">' +
    '<canvas role="img"></canvas></button><div class="said"><div class="share"><i></i></div>' +
    '<p class="shares"><span></span><span></span></p>' +
    '<button type="button" class="denoise"></button><details><summary></summary>' +
    '<dl class="numbers"><dt>β<sub>t</sub></dt><dd></dd><dt>ᾱ<sub>t</sub></dt><dd></dd>' +
    '<dt>SNR</dt><dd></dd></dl><p class="there small"></p></details></div></div>';
  const name = say(`schedule_${schedule.name}`);
  panel.querySelector(".name").textContent = name;
  const canvas = panel.querySelector("canvas");
  canvas.width = canvas.height = picture.size;
  canvas.ariaLabel = say("noise_view_canvas", { name });
  panel.querySelector(".share").title = say("noise_view_power");
  panel.querySelector(".numbers").before(makeBadge(schedule));
  nameDetails(panel, schedule);
  panel.querySelector("details").open = detailed;
  panel.querySelector("summary").addEventListener("click", (event) => {
    event.preventDefault(); // one panel's would open alone
    setDetailed(!detailed);
  });
  const button = panel.querySelector(".denoise");
  button.textContent = say("noise_view_denoise");
  button.ariaLabel = `${say("noise_view_denoise")}: ${name}`;
  button.addEventListener("click", () => denoise(schedule));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(picture.size, picture.size);
  image.data.fill(255); // alpha
  const numbers = [...panel.querySelectorAll("dd")];
  const shares = [...panel.querySelectorAll(".shares span")];
  const [share, there] = [".share i", ".there"].map((part) => panel.querySelector(part));
  return { panel, schedule, context, image, numbers, share, shares, there };
}

/** Plain words come first; the numbers of all panels are unfolded and folded together. */
function setDetailed(on) {
  if (detailed === on) return;
  detailed = on;
  remember("details", on);
  for (const { panel, schedule } of panels) {
    panel.querySelector("details").open = on;
    nameDetails(panel, schedule);
  }
}

/** What is wrong with x_T is said while the numbers are folded, too. */
function nameDetails(panel, { is_noise }) {
  const isBad = !is_noise && !detailed;
  const summary = panel.querySelector("summary");
  summary.replaceChildren(...lowered(isBad ? say("noise_view_bad") : say("noise_view_details")));
  summary.classList.toggle("bad", isBad);
}

/** Whether x_T is noise. Where it isn't, a button that shows what comes of it. */
function makeBadge({ is_noise, is_exact, left, T }) {
  const badge = make(is_noise ? "p" : "button", { className: is_noise ? "is-noise" : "badge" });
  const verdict = is_exact ? "exact" : is_noise ? "good" : "bad";
  const rest = is_exact
    ? say("noise_view_earlier", { t: T - 2 })
    : say("noise_view_left", { percent: Math.round(100 * left) });
  badge.append(
    make("b", {}, ...lowered(say(`noise_view_${verdict}`))),
    make("span", { textContent: rest }),
  );
  if (!is_noise) {
    badge.type = "button";
    badge.title = say("mismatch_go");
    badge.addEventListener("click", () => document.querySelector(props.lesson).click());
  }
  return badge;
}

/** The badge of a panel whose schedule has changed. */
function showVerdict({ panel, schedule }) {
  const [before, now] = [panel.querySelector(".badge, .is-noise"), makeBadge(schedule)];
  if (before.outerHTML !== now.outerHTML) before.replaceWith(now);
  nameDetails(panel, schedule);
}

/** Let the Generate tab continue from this panel. */
function denoise(schedule) {
  setPlaying(false);
  chosen = schedule;
  draw();
  document.querySelector(props.denoise).click();
}

/** √ᾱ x_0 + √(1-ᾱ) ε, as pixels. */
function blend(image, alphaCumprod) {
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
}

function drawPanel({ schedule, context, image, numbers, share, shares, there }, t) {
  const alphaCumprod = schedule.alphasCumprod[t];
  blend(image, alphaCumprod);
  context.putImageData(image, 0, 0);
  const decibel = schedule.decibel[t];
  numbers[0].textContent = schedule.betas[t].toFixed(4);
  numbers[1].textContent = alphaCumprod.toFixed(4);
  const size = Number.isFinite(decibel) ? Math.abs(decibel).toFixed(1) : "∞";
  numbers[2].textContent = `${decibel < 0 ? "−" : "+"}${size} dB`;
  share.style.transform = `scaleX(${alphaCumprod})`;
  const percent = Math.round(100 * alphaCumprod);
  shares[0].textContent = say("noise_view_of_signal", { percent });
  shares[1].textContent = say("noise_view_of_noise", { percent: 100 - percent });
  const modelT = Math.round(timeOf(modelLogSnr, schedule.logSnr[t])); // of its own schedule
  there.textContent = say("noise_view_there", { t: modelT, last: modelLogSnr.length - 1 });
}
