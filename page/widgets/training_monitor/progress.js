// The training monitor. `props.value` is a report of the run (see progress.py), `props.data` its
// training data. Curves kept for comparison live only here, in the browser.

const KEPT = 3; // curves, besides the current run's
const RUNNING = ["waiting", "loading", "training"]; // phases that Stop can end
const NICE = [1, 1.5, 2, 3, 5, 7, 10]; // where an axis may end, so that it rarely jumps while the loss falls

const [logarithmic, keep] = [find(".log input"), find(".keep input")];
const picture = find(".frame img");
let current = null; // the last report that belongs to a run
let kept = []; // reports of earlier runs, each with its `color`
let drawn = null; // the report whose picture is shown
let dataPicture = null; // of the newest training data
let aside = null; // the drawn picture whose place it took
let stopping = false; // Stop was pressed, and the step under way is still being finished

const points = (report) => report?.curve.raw.length ?? 0;

// ---- numbers

function clock(seconds) {
  const rounded = Math.round(seconds);
  return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, "0")}`;
}

function megabytes(bytes) {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

function memory({ memory, gpu_memory }) {
  return megabytes(memory) + (gpu_memory ? ` + ${megabytes(gpu_memory)} GPU` : "");
}

function showNumbers(report) {
  const hasBegun = report !== null && report.step > 0;
  const cells = [
    ["step", (r) => `${r.step} / ${r.steps}`],
    ["rate", (r) => r.rate.toFixed(1)],
    ["left", (r) => (r.phase === "training" ? clock(r.left) : "–")],
    ["took", (r) => clock(r.seconds)],
    ["loss", (r) => r.loss.toFixed(4)],
    ["memory", memory],
    [
      "device",
      (r) => (r.threads ? say("progress_threads", { threads: threadCount(r.threads) }) : r.device),
    ],
  ].map(([name, write]) => {
    const title = make("dt", { textContent: say(`progress_${name}`) });
    const value = make("dd", { textContent: hasBegun ? write(report) : "–" });
    return make("div", { className: name }, title, value);
  });
  find(".numbers").replaceChildren(...cells);
}

/** A run that has stopped can be continued, until another begins: layout.css shows the buttons. */
function offerRest({ run, stopped }) {
  if (!run) return; // waits in line, or has left it
  if (stopped) find(".phase").dataset.stopped = stopped;
  else delete find(".phase").dataset.stopped;
}

function showPhase({ phase, step, steps, ahead, expected }) {
  stopping &&= RUNNING.includes(phase);
  const busy = phase === "loading" || phase === "waiting" || (phase === "empty" && !props.data);
  const isWithout = phase === "empty" && props.data?.source === "own" && !props.data.count;
  const waits = phase === "empty" && (!props.data ? "data" : isWithout && "pictures");
  const shown = waits || (stopping ? "stopping" : phase);
  const values = { step, ahead, minutes: Math.max(1, Math.round(expected / 60)) };
  const sentence = say(`progress_phase_${shown}`, values);
  const status = find(".phase span");
  if (status.textContent !== sentence) status.textContent = sentence; // announced only when it changes
  const bar = find(".phase progress");
  if (busy) bar.removeAttribute("value");
  else bar.value = steps ? step / steps : 0;
}

// ---- pictures

function showPicture(report) {
  const real = props.data ? props.data.picture : dataPicture;
  if (dataPicture !== null && real !== dataPicture) {
    [drawn, aside] = [null, report.picture]; // just chosen
  } else if (report.picture && report.picture !== aside) {
    drawn = report;
  }
  dataPicture = real;
  const shown = preview ?? drawn?.picture ?? dataPicture;
  find(".frame").disabled = !shown;
  for (const image of [picture, find(".half")]) {
    image.hidden = !shown;
    if (shown) image.src = shown;
    else image.removeAttribute("src");
  }
  const words = caption();
  find(".samples figcaption").textContent = find(".frame").ariaLabel = picture.alt = words;
  const { source, count } = props.data ?? {};
  const own = `progress_source_${source}`; // one data set has several
  const named = isText(own) ? own : `train_data_${source}`;
  find(".data").textContent = props.data
    ? say("progress_data", { source: say(named), count: count.toLocaleString("en") })
    : "";
}

function caption() {
  if (preview) return say("progress_real_own");
  if (drawn?.recognised != null) return say("progress_recognised", drawn);
  if (drawn) return say("progress_drawn");
  if (props.data?.source !== "own") return say("progress_real");
  return props.data.count ? say("progress_real_own") : say("progress_real_none");
}

// ---- curves

const decade = (v) => 10 ** Math.floor(Math.log10(v));
const ends = (v) => NICE.map((m) => m * decade(v));
const above = (v) => ends(v).find((end) => end >= v * 0.9999);
const below = (v) => ends(v).findLast((end) => end <= v * 1.0001);

function limits(reports) {
  const losses = reports
    .flatMap(({ curve }) => curve.raw.concat(curve.smoothed))
    .filter((v) => v > 0);
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
  return logarithmicTicks(low, high);
}

function logarithmicTicks(low, high) {
  const found = [];
  const marks = high / low > 200 ? [1] : [1, 2, 5];
  for (let ten = decade(low); ten <= high; ten *= 10) found.push(...marks.map((m) => m * ten));
  return found.filter((v) => v >= low * 0.999 && v <= high * 1.001);
}

function drawPlot() {
  const axes = find(".axes");
  if (!axes.clientWidth) return; // not visible yet
  const reports = current ? [...kept, current] : kept;
  const [low, high] = limits(reports);
  const last = reports.length ? Math.max(...reports.map((r) => r.steps)) : 1;
  const line = ({ curve, color }, className, ys) => {
    return { className, color, ys, start: 1, stride: curve.stride };
  };
  const raw = current ? [line(current, "raw", current.curve.raw)] : [];
  plot(axes, {
    lines: [...raw, ...reports.map((report) => line(report, "curve", report.curve.smoothed))],
    last,
    low,
    high,
    ticks: ticks(low, high),
    end: `${say("progress_step_axis")} ${reports.length ? last : ""}`,
    label: say("progress_plot"),
    logarithmic: logarithmic.checked,
  });
}

// ---- all curves

function showCurves() {
  drawPlot();
  showLegend();
  showBands(current);
}

function follow(report) {
  if (!report.run) return; // waiting, or the page has just opened: keep the curves
  if (current && current.run !== report.run) {
    if (keep.checked && points(current)) kept = [...kept, current].slice(-KEPT);
    keep.checked = false;
  }
  const taken = kept.map(({ color }) => color);
  const color =
    current?.run === report.run ? current.color : [0, 1, 2, 3].find((k) => !taken.includes(k));
  current = { ...report, color };
  keep.disabled = !points(current);
}

// ---- what Python sends

function update() {
  const before = props.value.phase === "empty" && recall("report"); // the page was reloaded
  const report = before || props.value;
  if (report.run && !RUNNING.includes(report.phase)) remember("report", report);
  follow(report);
  showPicture(report);
  showPhase(report);
  offerRest(report);
  showNumbers(report.run ? report : current);
  showCurves();
}

logarithmic.addEventListener("change", drawPlot);
document.addEventListener("click", ({ target }) => {
  if (!target.closest(props.stop)) return;
  stopping = true;
  showPhase(props.value);
});
watch(["value", "data", "label"], update);
new ResizeObserver(() => {
  drawPlot();
  showBands(current);
}).observe(element);
update();
