/** Noise schedules by name or text form, as ddpm/schedules: β, ᾱ and log-SNR in float64. */

import { emptyTables, monotoneCubic, tablesOf, zeroTerminalSnr } from "./curve.js";

/** @typedef {import("./curve.js").Tables} Schedule the tables, each of T numbers */

const [BETA_START, BETA_END, MAX_BETA] = [1e-4, 0.02, 0.999];
const LIMITS = { most: 16, fall: 1e-6 }; // of log-SNR, and of its fall per step
const [SIGMA_MIN, SIGMA_MAX, RHO] = [0.002, 80, 7];
const [NOISE_SIZE, IMAGE_SIZE] = [64, 28];
const JABRI = 3;

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** β at the place `part` of a range from 0 to 1. */
const RANGES = {
  linear: (part, start, end) => start + part * (end - start),
  quadratic: (part, start, end) => (start ** 0.5 + part * (end ** 0.5 - start ** 0.5)) ** 2,
  sigmoid: (part, start, end) => sigmoid(12 * part - 6) * (end - start) + start,
};

/** log-SNR at u, from 0 (picture) to 1 (noise): ddpm/schedules/log_snr.py names the papers. */
const LOG_SNRS = {
  rectified_flow: (u, { shift = 1 }) => 2 * (Math.log1p(-u) - Math.log(u)) - 2 * Math.log(shift),
  edm: (u) => {
    const [low, high] = [SIGMA_MIN ** (1 / RHO), SIGMA_MAX ** (1 / RHO)];
    return -2 * RHO * Math.log(low + u * (high - low));
  },
  shifted_cosine: (u) =>
    -2 * Math.log(Math.tan((u * Math.PI) / 2)) + 2 * Math.log(NOISE_SIZE / IMAGE_SIZE),
  laplace: (u) => -0.5 * Math.sign(0.5 - u) * Math.log1p(-2 * Math.abs(u - 0.5)),
  sigmoid_jabri: (u) => {
    const here = sigmoid(JABRI * (2 * u - 1));
    return Math.log(sigmoid(JABRI) - here) - Math.log(here - sigmoid(-JABRI));
  },
};

export const NAMES = ["linear", "quadratic", "cosine", "sigmoid", ...Object.keys(LOG_SNRS)];

/** `ddpm.Schedule.named`. Without `rescale`, the range of β is that of T = 1000 for any T.
 * @param {string} text such as cosine, rectified_flow~shift_3, drawn~0_12~1_-9
 * @param {number} T
 * @returns {Schedule} */
export function named(text, T, { rescale = true } = {}) {
  const { name, points, numbers, isZeroTerminal } = parsed(text);
  const { input_scale: scale, ...options } = numbers;
  let tables;
  if (name === "drawn") tables = tablesOf(monotoneCubic(points), T, LIMITS);
  else if (name in LOG_SNRS) tables = tablesOf((u) => LOG_SNRS[name](u, options), T, LIMITS);
  else if (NAMES.includes(name)) tables = ofBetas(betas(name, T, rescale));
  else throw new RangeError(`unknown schedule ${name}: choose one of ${NAMES.join(", ")}, drawn`);
  if (scale !== undefined) {
    const { logSnr } = tables;
    const moved = (u) => logSnr[Math.round(u * T - 0.5)] + 2 * Math.log(scale);
    tables = tablesOf(moved, T, LIMITS);
  }
  return isZeroTerminal ? zeroTerminalSnr(tables) : tables;
}

function betas(name, T, rescale) {
  const scale = rescale ? 1000 / T : 1;
  if (name === "cosine") {
    const at = (t) => Math.cos(((t / T + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
    return Float64Array.from({ length: T }, (_, t) => Math.min(MAX_BETA, 1 - at(t + 1) / at(t)));
  }
  const at = (t) => RANGES[name](t / (T - 1), scale * BETA_START, scale * BETA_END);
  return Float64Array.from({ length: T }, (_, t) => Math.min(MAX_BETA, at(t)));
}

function ofBetas(betas) {
  const tables = { ...emptyTables(betas.length), betas };
  let acp = 1;
  betas.forEach((beta, t) => {
    acp *= 1 - beta;
    tables.alphasCumprod[t] = acp;
    tables.logSnr[t] = logSnrOf(acp);
  });
  return tables;
}

/** The tables from ᾱ alone, as a file of ONNX has them.
 * @param {ArrayLike<number>} alphasCumprod
 * @returns {Schedule} */
export function ofAlphas(alphasCumprod) {
  const acp = Float64Array.from(alphasCumprod);
  const betas = acp.map((now, t) => 1 - now / (t ? acp[t - 1] : 1));
  return { betas, alphasCumprod: acp, logSnr: acp.map(logSnrOf) };
}

const logSnrOf = (acp) => Math.log(acp) - Math.log1p(-acp);

function parsed(text) {
  const [name, ...parts] = text.split("~");
  const spec = { name, points: [], numbers: {}, isZeroTerminal: false };
  for (const part of parts) {
    const cut = part.lastIndexOf("_");
    const [key, value] = [part.slice(0, cut), Number(part.slice(cut + 1))];
    if (part === "zero_terminal") spec.isZeroTerminal = true;
    else if (key === "shift" || key === "input_scale") spec.numbers[key] = value;
    else spec.points.push([Number(key), value]);
  }
  return spec;
}

/** The last time at which x_t holds something of x_0.
 * @param {Schedule} schedule */
export function lastOf({ alphasCumprod: acp }) {
  return acp.length - (acp.at(-1) === 0 ? 2 : 1);
}

/** log-SNR at a fractional time, linear between the entries of the table; √ᾱ is linear where the
 * next entry is -∞.
 * @param {Schedule} schedule
 * @param {number} t */
export function logSnrAt({ logSnr }, t) {
  const low = Math.min(logSnr.length - 2, Math.max(0, Math.floor(t)));
  const [a, b, part] = [logSnr[low], logSnr[low + 1], t - low];
  if (b !== -Infinity) return a + part * (b - a);
  return logSnrOf((1 - part) ** 2 * sigmoid(a));
}

/** The fractional time with this log-SNR, from 0 to T - 1: the inverse of `logSnrAt`. In float32,
 * as Python has it, so that rounding gives the same whole numbers.
 * @param {Schedule} schedule
 * @param {number} wanted */
export function timeOf({ logSnr }, wanted) {
  const f = Math.fround;
  const falling = (k) => -f(logSnr[k]);
  let [low, high] = [0, logSnr.length]; // the first entry of at least -wanted, by halving
  while (low < high) {
    const middle = (low + high) >> 1;
    if (falling(middle) < -f(wanted)) low = middle + 1;
    else high = middle;
  }
  const next = Math.min(logSnr.length - 1, Math.max(1, low));
  const [a, b] = [falling(next - 1), falling(next)];
  const part = Number.isFinite(b)
    ? f(f(-f(wanted) - a) / f(b - a))
    : f(1 - Math.sqrt(sigmoid(wanted) / sigmoid(-a)));
  return Math.min(logSnr.length - 1, Math.max(0, f(next - 1 + part)));
}
