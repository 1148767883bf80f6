/** Rectified flow (Liu et al. 2022) in the coordinates of diffusion, so that every sampler takes it.
 *
 * Its line x_τ = (1-τ) x_0 + τ z is x_t / (√ᾱ + √(1-ᾱ)) at τ = √(1-ᾱ) / (√ᾱ + √(1-ᾱ)), and Euler's
 * step along its velocity is DDIM's: under the schedule `rectified_flow`, with τ even. */

import { signalAndNoise } from "../diffusion/denoiser.js";
import { weightedMeans } from "./exact.js";

/** @typedef {import("../diffusion/samplers.js").Numbers} Numbers */
/** @typedef {import("../diffusion/schedule.js").Schedule} Schedule */

/** How wide the average over couples is: in one that is narrower, each point of noise remembers but
 * its own way; in a wider one, ways to different places are taken for one. */
export const WIDTH = 0.1;

/** The ε after reflow: noise z_k went to x_k, and the velocity z - x is averaged again, over the
 * couples whose lines come near. Exact for couples blurred by `width`.
 * @param {Schedule} schedule
 * @param {Numbers} noises
 * @param {Numbers} ends
 * @param {number} width
 * @returns {(x: Numbers, t: number) => Float64Array} */
export function reflowedEps(schedule, noises, ends, width = WIDTH) {
  const ways = ends.map((end, k) => noises[k] - end);
  return (x, t) => {
    const [signal, noise] = signalAndNoise(schedule, t);
    const [whole, tau] = [signal + noise, noise / (signal + noise)];
    const here = Float64Array.from(x, (value) => value / whole);
    const lines = ends.map((end, k) => end + tau * ways[k]);
    const eps = weightedMeans(here, lines, 1, width ** 2, ways, new Float64Array(x.length));
    for (let k = 0; k < x.length; k++) eps[k] = here[k] + (1 - tau) * eps[k]; // x_τ + (1-τ) v
    return eps;
  };
}

/** How far paths are from straight, with even steps of τ: the mean square of what the velocity of a
 * step differs by from that of the whole way (Liu et al. 2022, equation 7), relative to the square of
 * the latter. 0 is straight.
 * @param {Numbers[]} states of all points, in coordinates of the flow
 * @returns {number} */
export function bentness(states) {
  const [first, last, steps] = [states[0], states.at(-1), states.length - 1];
  let [off, whole] = [0, 0];
  for (let k = 0; k < first.length; k++) {
    const way = last[k] - first[k];
    whole += way ** 2;
    for (let i = 0; i < steps; i++) {
      off += (steps * (states[i + 1][k] - states[i][k]) - way) ** 2 / steps;
    }
  }
  return off / whole;
}

/** States in the coordinates of the flow, where one of diffusion has this ᾱ.
 * @param {Numbers} x
 * @param {number} acp */
export function onTheLine(x, acp) {
  const whole = Math.sqrt(acp) + Math.sqrt(1 - acp);
  return Float64Array.from(x, (value) => value / whole);
}
