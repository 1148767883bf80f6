// What a training run shows of itself. `props.value` is a report of the run (see
// tabs/progress.py), `props.data` what it learns from. Curves kept for comparison live here,
// in the visitor's page. WORDS is put in front of this file.

const KEPT = 3; // curves, beside that of the current run
const NICE = [1, 1.5, 2, 3, 5, 7, 10]; // where an axis may end: rare jumps while the loss falls

const find = (selector) => element.querySelector(selector);
const [logarithmic, keep] = [find(".log input"), find(".keep input")];
const picture = find(".frame img");
let words;
let current = null; // the last report that belongs to a run
let kept = []; // reports of earlier runs, each with its `color`
let drawn = null; // the report whose picture is shown
let learned = null; // what the newest pictures to learn from look like

const fill = (sentence, values) => sentence.replace(/{(\w+)}/g, (_, name) => values[name]);
const points = (report) => report?.curve.raw.length ?? 0;

// ---- numbers

function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function megabytes(bytes) {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

function memory({ memory, gpu_memory }) {
  return megabytes(memory) + (gpu_memory ? ` + ${megabytes(gpu_memory)} GPU` : "");
}

function showNumbers(report) {
  const known = report !== null && report.step > 0;
  const cells = [
    ["step", (r) => `${r.step} / ${r.steps}`],
    ["rate", (r) => r.rate.toFixed(1)],
    ["left", (r) => (r.phase === "training" ? clock(r.left) : "–")],
    ["took", (r) => clock(r.seconds)],
    ["loss", (r) => r.loss.toFixed(4)],
    ["memory", memory],
    ["device", (r) => (r.threads ? fill(words.threads, r) : r.device)],
  ].map(([name, write]) => {
    const cell = document.createElement("div");
    cell.append(document.createElement("dt"), document.createElement("dd"));
    cell.className = name;
    cell.firstChild.textContent = words[name];
    cell.lastChild.textContent = known ? write(report) : "–";
    return cell;
  });
  find(".numbers").replaceChildren(...cells);
}

function showPhase({ phase, step, steps, ahead, expected }) {
  const busy = phase === "loading" || phase === "waiting" || (phase === "empty" && !props.data);
  const key = phase === "empty" && !props.data ? "phase_data" : `phase_${phase}`;
  const sentence = fill(words[key], { step, ahead, minutes: Math.ceil(expected / 60) });
  const status = find(".phase span");
  if (status.textContent !== sentence) status.textContent = sentence; // is read out once
  const bar = find(".phase progress");
  if (busy) bar.removeAttribute("value");
  else bar.value = steps ? step / steps : 0;
  bar.setAttribute("aria-label", words.progress);
}

// ---- pictures

function showPicture(report) {
  const other = props.data && props.data.picture !== learned; // it was chosen just now
  if (other) {
    learned = props.data.picture;
    drawn = null;
  } else if (report.picture) {
    drawn = report;
  }
  const shown = drawn?.picture ?? learned;
  picture.hidden = !shown;
  if (shown) picture.src = shown;
  else picture.removeAttribute("src");
  const own = props.data?.source === "own";
  const real = own ? (props.data.count ? words.real_own : words.real_none) : words.real;
  const samples = drawn?.recognised == null ? words.samples_own : words.samples;
  const caption = drawn ? fill(samples, drawn) : real;
  find(".samples figcaption").textContent = picture.alt = caption;
  const { source, count } = props.data ?? {};
  find(".data").textContent = props.data
    ? fill(words.data, { source: words[`source_${source}`], count: count.toLocaleString("en") })
    : "";
}

// ---- curves

const decade = (v) => 10 ** Math.floor(Math.log10(v));
const ends = (v) => NICE.map((m) => m * decade(v));
const above = (v) => ends(v).find((end) => end >= v * 0.9999);
const below = (v) => ends(v).findLast((end) => end <= v * 1.0001);

function limits(reports) {
  const losses = reports.flatMap(({ curve }) => curve.raw.concat(curve.smoothed)).filter((v) => v > 0);
  const high = losses.length ? above(losses.reduce((a, b) => Math.max(a, b))) : 1;
  if (!logarithmic.checked) return [0, high];
  const low = losses.length ? below(losses.reduce((a, b) => Math.min(a, b))) : 0.01;
  return [Math.min(low, high / 10), high];
}

function ticks(low, high) {
  if (!logarithmic.checked) {
    const step = [1, 2, 5, 10].map((m) => m * decade(high / 5)).find((v) => v >= high / 5.001);
    return Array.from({ length: Math.floor(high / step + 1e-6) + 1 }, (_, k) => k * step);
  }
  const found = [];
  const marks = high / low > 200 ? [1] : [1, 2, 5];
  for (let ten = decade(low); ten <= high; ten *= 10) found.push(...marks.map((m) => m * ten));
  return found.filter((v) => v >= low * 0.999 && v <= high * 1.001);
}

function drawPlot() {
  const axes = find(".axes");
  const [width, height] = [axes.clientWidth, axes.clientHeight];
  if (!width) return; // not on the screen yet
  const reports = current ? [...kept, current] : kept;
  const [low, high] = limits(reports);
  const last = reports.length ? Math.max(...reports.map((r) => r.steps)) : 1;
  const [left, right, top, bottom] = [54, width - 12, 10, height - 26];
  const scale = logarithmic.checked ? Math.log : (v) => v;
  const toX = (step) => left + ((right - left) * step) / last;
  const toY = (v) => {
    const inside = Math.min(high, Math.max(low, v));
    return bottom - ((bottom - top) * (scale(inside) - scale(low))) / (scale(high) - scale(low));
  };
  const line = (report, name) => {
    const { stride, [name]: losses } = report.curve;
    if (!losses.length) return "";
    const path = losses.map((v, k) => `${toX(1 + k * stride).toFixed(1)} ${toY(v).toFixed(1)}`);
    return `<path class="${name}" style="--its-color: var(--run-${report.color})" d="M${path.join("L")}"/>`;
  };
  const tick = (v) =>
    `<path class="grid" d="M${left} ${toY(v)}H${right}"/>` +
    `<text x="${left - 8}" y="${toY(v) + 5}" text-anchor="end">${Number(v.toPrecision(3))}</text>`;
  axes.innerHTML =
    `<svg role="img" aria-label="${words.plot}">${ticks(low, high).map(tick).join("")}` +
    `<text x="${left}" y="${height - 4}">0</text>` +
    `<text x="${right}" y="${height - 4}" text-anchor="end">${words.step_axis} ${reports.length ? last : ""}</text>` +
    (current ? line(current, "raw") : "") +
    reports.map((report) => line(report, "smoothed")).join("") +
    "</svg>";
}

// ---- comparison

function differing(reports) {
  const [first, ...others] = reports.map((report) => report.recipe);
  return Object.keys(first).filter((key) => others.some((recipe) => recipe[key] !== first[key]));
}

function nameOf(report, keys) {
  const named = keys.map((key) => {
    const value = report.recipe[key];
    const word = words[`${key}_${value}`] ?? words[`train_${key}_${value}`] ?? value;
    return fill(words[`is_${key}`], { value: word });
  });
  return named.join(", ");
}

function showLegend() {
  const reports = current ? [current, ...kept] : [];
  const keys = reports.length ? differing(reports) : [];
  const rows = reports.map((report) => {
    const row = document.createElement("li");
    row.style.setProperty("--its-color", `var(--run-${report.color})`);
    row.append(document.createElement("i"), document.createElement("span"));
    const title = report === current ? words.current : words.kept;
    const recognised = report.step > 0 && report.recognised != null ? fill(words.of_20, report) : "";
    const parts = [nameOf(report, keys), recognised].filter(Boolean).join(" · ");
    row.lastChild.textContent = reports.length > 1 ? `${title}: ${parts}` : words.line;
    if (report !== current) {
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = "×";
      remove.setAttribute("aria-label", `${words.remove}: ${nameOf(report, keys)}`);
      remove.addEventListener("click", () => {
        kept = kept.filter((other) => other !== report);
        showCurves();
      });
      row.append(remove);
    }
    return row;
  });
  find(".legend").replaceChildren(...rows);
  // these decide in what units, and over which noise, a loss is an average
  const incomparable = ["data", "schedule", "objective", "loss"].filter((key) => keys.includes(key));
  find(".units").hidden = !incomparable.length;
  const what = incomparable.map((key) => words[`label_${key}`]).join(words.and);
  find(".units").textContent = fill(words.units, { what });
}

function showCurves() {
  drawPlot();
  showLegend();
}

function follow(report) {
  if (!report.run) return; // waiting, or a page just opened: the curves stay
  if (current && current.run !== report.run) {
    if (keep.checked && points(current)) kept = [...kept, current].slice(-KEPT);
    keep.checked = false;
  }
  const taken = kept.map(({ color }) => color);
  const color = current?.run === report.run ? current.color : [0, 1, 2, 3].find((k) => !taken.includes(k));
  current = { ...report, color };
  keep.disabled = !points(current);
}

// ---- what Python sends

function update() {
  words = WORDS[props.label] ?? WORDS.en;
  follow(props.value);
  showPicture(props.value);
  showPhase(props.value);
  showNumbers(props.value.run ? props.value : current);
  find(".plot figcaption > span").textContent = words.plot;
  find(".log span").textContent = words.log;
  find(".keep span").textContent = words.keep;
  showCurves();
}

logarithmic.addEventListener("change", drawPlot);
watch(["value", "data", "label"], update);
new ResizeObserver(drawPlot).observe(element);
update();
