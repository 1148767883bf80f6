// The plots of noise_view.js: ᾱ and log-SNR over time, and where on the axis of log-SNR the steps
// go. They are made again when something changes, and only moved or mended while a hand moves.

const MAX_DB = 45; // the limit of log-SNR in the plots,
const DRAWING_DB = 69; // and while there are handles: all that float32 can tell apart
const WINDOW_DB = 3; // of the density: narrower ones show single steps at a small T
const HANDLE = 16; // pixels from the middle of a handle at t = 0 to the axis' numbers
let plots = null;
let plotsWidth = 0; // pixels

function makePlots() {
  const [signal, snr, steps] = ["signal", "snr", "steps"].map((name) => find(`.${name} .axes`));
  signal.innerHTML = snr.innerHTML = steps.innerHTML = "";
  plots = null;
  plotsWidth = signal.clientWidth;
  if (!schedules.length || !plotsWidth) return; // not visible yet
  const last = schedules[0].T - 1;
  const common = { last, end: `t = ${last}`, ...(drawn ? { beside: HANDLE } : {}) };
  const lines = (column) =>
    schedules.map((schedule) => ({
      className: "curve",
      color: schedule.color,
      ys: schedule[column],
    }));
  const limit = drawn ? DRAWING_DB : MAX_DB;
  const densities = schedules.map(stepDensity);
  const most = niceAbove(Math.max(0.1, ...densities.flatMap((ys) => [...ys])));
  plots = {
    signal: plot(signal, {
      ...common,
      lines: lines("alphasCumprod"),
      low: 0,
      high: 1,
      ticks: [0, 0.5, 1],
      label: say("noise_view_signal"),
    }),
    snr: plot(snr, {
      ...common,
      lines: lines("decibel"),
      low: -limit,
      high: limit,
      ticks: drawn ? [-60, -30, 0, 30, 60] : [-40, -20, 0, 20, 40],
      label: say("noise_view_snr"),
    }),
    steps: plot(steps, {
      lines: schedules.map(({ color }, k) => ({ className: "curve", color, ys: densities[k] })),
      last: 2 * MAX_DB,
      begin: `+${MAX_DB} dB`,
      end: `−${MAX_DB} dB`,
      low: 0,
      high: most,
      ticks: [0, most / 2, most],
      label: say("noise_view_steps"),
    }),
  };
  placeHandles();
}

/** Percent of the steps per decibel, from MAX_DB down to -MAX_DB: the density that is all that tells
 * two schedules apart in training (Kingma & Gao 2023, section 3). */
function stepDensity({ decibel }) {
  const share = 100 / (WINDOW_DB * (decibel.length - 1));
  return Float64Array.from({ length: 2 * MAX_DB + 1 }, (_, k) => {
    const middle = MAX_DB - k;
    const [from, to] = [middle + WINDOW_DB / 2, middle - WINDOW_DB / 2];
    return share * (timeOf(decibel, to) - timeOf(decibel, from));
  });
}

/** The fractional t at which a falling table has this value, from 0 to its last t. */
function timeOf(falling, value) {
  let [low, high] = [0, falling.length - 1];
  if (value >= falling[low]) return low;
  if (value < falling[high]) return high;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (falling[middle] > value) low = middle;
    else high = middle;
  }
  return low + (falling[low] - value) / (falling[low] - falling[high]);
}

/** 1, 2 or 5 times a power of ten, at least `v`. */
function niceAbove(v) {
  const power = 10 ** Math.floor(Math.log10(v));
  return power * ([1, 2, 5].find((digit) => digit * power >= v) ?? 10);
}

function movePlots(t) {
  if (!plots) return;
  plots.signal(t);
  plots.snr(t);
  plots.steps(
    null,
    schedules.map(({ decibel }) =>
      Math.round(MAX_DB - Math.min(MAX_DB, Math.max(-MAX_DB, decibel[t]))),
    ),
  );
}

/** Only this schedule's curves have changed. */
function mendPlots(schedule) {
  if (!plots) return;
  const k = schedules.indexOf(schedule);
  plots.signal.mend(k, schedule.alphasCumprod);
  plots.snr.mend(k, schedule.decibel);
  plots.steps.mend(k, stepDensity(schedule));
}
