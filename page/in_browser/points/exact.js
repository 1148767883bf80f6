/** The best denoiser there can be of a cloud of points, with no network and no training:
 * `exact_eps` of ddpm/diffusion/ideal.py, in the plane. */

import { signalAndNoise } from "../diffusion/denoiser.js";

/** @typedef {import("../diffusion/samplers.js").Numbers} Numbers */
/** @typedef {import("../diffusion/schedule.js").Schedule} Schedule */
/** @typedef {import("./clouds.js").Cloud} Cloud */

const SURE = 24; // a point e²⁴ times less likely than another has no say

/** x_t = √ᾱ x_0 + √(1-ᾱ) ε of a whole cloud: `ddpm.q_sample`.
 * @param {Schedule} schedule
 * @param {Numbers} xStart
 * @param {number} t
 * @param {Numbers} eps */
export function qSample(schedule, xStart, t, eps) {
  const [signal, noise] = signalAndNoise(schedule, t);
  return Float64Array.from(xStart, (value, k) => signal * value + noise * eps[k]);
}

/** For each of x, the mean of `values`, each weighted by how likely its center has led there:
 * softmax of -|x - scale c|² / 2 variance. It is written to `out`.
 * @param {Numbers} x
 * @param {Numbers} centers
 * @param {number} scale
 * @param {number} variance
 * @param {Numbers} values
 * @param {Float64Array} out */
export function weightedMeans(x, centers, scale, variance, values, out) {
  const count = centers.length / 2;
  const column = () => new Float64Array(count);
  const [ofX, ofY, own, logits, valuesX, valuesY] = Array.from({ length: 6 }, column);
  for (let k = 0; k < count; k++) {
    const [across, up] = [scale * centers[2 * k], scale * centers[2 * k + 1]];
    [ofX[k], ofY[k]] = [across / variance, up / variance];
    own[k] = -(across * across + up * up) / (2 * variance);
    [valuesX[k], valuesY[k]] = [values[2 * k], values[2 * k + 1]];
  }
  for (let i = 0; i < x.length; i += 2) {
    const hereX = x[i];
    const hereY = x[i + 1];
    let most = -Infinity;
    for (let k = 0; k < count; k++) {
      const logit = ofX[k] * hereX + ofY[k] * hereY + own[k]; // but for what all share
      logits[k] = logit;
      if (logit > most) most = logit;
    }
    let total = 0;
    let meanX = 0;
    let meanY = 0;
    for (let k = 0; k < count; k++) {
      const below = most - logits[k];
      if (below > SURE) continue;
      const weight = expMinus(below);
      total += weight;
      meanX += weight * valuesX[k];
      meanY += weight * valuesY[k];
    }
    out[i] = meanX / total;
    out[i + 1] = meanY / total;
  }
  return out;
}

const FINE = 256; // entries of the table for each step of 1
const TABLE = Float64Array.from({ length: SURE * FINE + 2 }, (_, k) => Math.exp(-k / FINE));

/** e^-x for x from 0 to SURE, to eight digits, in a quarter of the time. */
function expMinus(x) {
  const k = (x * FINE) | 0;
  const rest = x - k / FINE;
  return TABLE[k] * (1 - rest * (1 - 0.5 * rest));
}

/** The ε of a world that holds nothing but these points, with equal odds. With a `blur`, each point
 * is a Gaussian of this standard deviation: a worse model of them, for `autoguided`.
 * @param {Schedule} schedule
 * @param {Numbers} points
 * @param {number} blur
 * @returns {(x: Numbers, t: number) => Float64Array} */
export function exactEps(schedule, points, blur = 0) {
  return (x, t) => {
    const [signal, noise] = signalAndNoise(schedule, t);
    const variance = noise ** 2 + (signal * blur) ** 2;
    const eps = weightedMeans(x, points, signal, variance, points, new Float64Array(x.length));
    for (let k = 0; k < x.length; k++) eps[k] = (noise * (x[k] - signal * eps[k])) / variance;
    return eps;
  };
}

/** The same with labels: a class is the world of its points alone. All of x have the first one's.
 * @param {Schedule} schedule
 * @param {Cloud} cloud
 * @returns {import("../diffusion/guidance.js").Denoiser} */
export function exactDenoiser(schedule, { points, labels, classes }) {
  const of = (label) => points.filter((_, k) => labels[k >> 1] === label);
  const each = Array.from({ length: classes }, (_, label) => of(label));
  const worlds = [...each, points].map((world) => exactEps(schedule, world));
  return (x, t, weights) => worlds[weights ? weights.indexOf(1) : classes](x, t);
}
