/** Closures over a denoiser: the epsFn(x, t) that a sampler asks for. ddpm/sampling/guidance.py. */

import { timeOf } from "./schedule.js";

export const [ANY, EACH] = [-1, -2]; // labels: none, and each class in turn

/** @typedef {import("./samplers.js").EpsFn} EpsFn */
/** @typedef {import("./samplers.js").Numbers} Numbers */
/** @typedef {import("./schedule.js").Schedule} Schedule */
/** What a network predicts as ε, by weights of its labels, those of "no label" last; null for a
 * network without.
 * @typedef {(x: Numbers, t: number, labels: Float32Array|null) =>
 *   Numbers|Promise<Numbers>} Denoiser */

/** Weights of labels for `count` pictures, (count, classes + 1).
 * @param {number} count
 * @param {number} classes
 * @param {number|number[]|null} label for all, or of each picture
 * @returns {Float32Array} */
export function oneHot(count, classes, label = null) {
  const weights = new Float32Array(count * (classes + 1));
  for (let k = 0; k < count; k++) {
    const own = Array.isArray(label) ? label[k] : (label ?? classes);
    weights[k * (classes + 1) + own] = 1;
  }
  return weights;
}

/** Classifier-free guidance, Ho & Salimans 2022: ε_∅ + scale (ε_label - ε_∅), within the times of
 * `interval`.
 * @param {Denoiser} denoiser
 * @param {Float32Array} labels
 * @param {number} classes
 * @returns {EpsFn} */
export function classifierFreeGuided(denoiser, labels, classes, scale = 1, interval = ALWAYS) {
  const nothing = oneHot(labels.length / (classes + 1), classes);
  const shown = (x, t) => denoiser(x, t, labels);
  return away((x, t) => denoiser(x, t, nothing), shown, scale, interval);
}

/** Guidance by a worse version of the same model, Karras et al. 2024:
 * ε_worse + scale (ε - ε_worse).
 * @param {EpsFn} better
 * @param {EpsFn} worse under the same schedule: see `retimed`
 * @returns {EpsFn} */
export function autoguided(better, worse, scale = 1, interval = ALWAYS) {
  return away(worse, better, scale, interval);
}

const ALWAYS = [-Infinity, Infinity];
const CLEAR = -3;

/** ε / scale where the log-SNR is `CLEAR` or more: epsilon scaling, Ning et al. 2024.
 * @param {EpsFn} epsFn
 * @param {Schedule} schedule
 * @returns {EpsFn} */
export function epsScaled(epsFn, scale, { logSnr }) {
  if (scale === 1) return epsFn;
  return async (x, t) => {
    const eps = await epsFn(x, t);
    return logSnr[t] < CLEAR ? eps : eps.map((value) => value / scale);
  };
}

function away(from, to, scale, [low, high]) {
  return async (x, t) => {
    const eps = await to(x, t);
    if (scale === 1 || t < low || t > high) return eps;
    const other = await from(x, t);
    return eps.map((value, k) => other[k] + scale * (value - other[k]));
  };
}

/** An epsFn for `schedule`, from one for `trainedOn`: each t is sent to the fractional time at
 * which the training schedule has the same log-SNR.
 * @param {EpsFn} epsFn
 * @param {Schedule} trainedOn
 * @param {Schedule} schedule
 * @returns {EpsFn} */
export function retimed(epsFn, trainedOn, schedule) {
  return (x, t) => epsFn(x, timeOf(trainedOn, schedule.logSnr[t]));
}
