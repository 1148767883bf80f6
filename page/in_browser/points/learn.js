/** Trains the small network on a cloud: add noise at a time at random, and predict it (Ho et al. 2020,
 * algorithm 1), as v = √ᾱ ε - √(1-ᾱ) x_0, which is as large and as smooth at all times. */

import { signalAndNoise } from "../diffusion/denoiser.js";
import { MersenneTwister } from "../diffusion/mersenne_twister.js";
import { Generator } from "../diffusion/noise.js";
import { logSnrAt } from "../diffusion/schedule.js";
import { exactEps } from "./exact.js";
import { adam, featuresOf, forward, gradientsOf, newLayers } from "./network.js";

const BATCH = 96;
const RATE = 3e-3;
const JUDGED = 1000; // points on which the loss is compared with the least there is

/** @typedef {import("./network.js").Layer} Layer */
/** @typedef {{step: number, loss: number, least: number, layers: Layer[]}} Progress */

/** Yields after every `every` steps.
 * @param {import("../diffusion/schedule.js").Schedule} schedule
 * @param {ArrayLike<number>} points
 * @param {{steps: number, every: number, seed?: number}} options
 * @returns {Iterable<Progress>} */
export function* learn(schedule, points, { steps, every, seed = 0 }) {
  const layers = newLayers(seed);
  const step = adam(layers);
  const [places, source] = [new MersenneTwister(seed + 1), new Generator(seed + 1)];
  const judged = noised(schedule, points, JUDGED, places, source);
  const least = squareOff(exactly(schedule, points, judged), judged.v);
  for (let k = 1; k <= steps; k++) {
    const { x, t, v } = noised(schedule, points, BATCH, places, source);
    const input = featuresOf(x, (n) => logSnrAt(schedule, t[n]));
    const rate = RATE * 0.5 * (1 + Math.cos((Math.PI * k) / steps));
    step(gradientsOf(layers, input, v).gradients, rate);
    if (k % every) continue;
    const seen = featuresOf(judged.x, (n) => logSnrAt(schedule, judged.t[n]));
    yield {
      step: k,
      loss: squareOff(forward(layers, seen).given.at(-1), judged.v),
      least,
      layers,
    };
  }
}

/** Points of the cloud at times at random, and the v of the noise that they were given. */
function noised(schedule, points, count, places, source) {
  const below = (most) => Math.floor((places.next() / 2 ** 32) * most);
  const [x, v, t] = [
    new Float64Array(2 * count),
    new Float64Array(2 * count),
    new Int32Array(count),
  ];
  const eps = source.randn(2 * count);
  for (let n = 0; n < count; n++) {
    t[n] = below(schedule.alphasCumprod.length);
    const [signal, noise] = signalAndNoise(schedule, t[n]);
    const k = 2 * below(points.length / 2);
    for (const i of [0, 1]) {
      x[2 * n + i] = signal * points[k + i] + noise * eps[2 * n + i];
      v[2 * n + i] = signal * eps[2 * n + i] - noise * points[k + i];
    }
  }
  return { x, t, v };
}

/** v of the exact denoiser: (ε - √(1-ᾱ) x) / √ᾱ, as v and x give ε. */
function exactly(schedule, points, { x, t }) {
  const [exact, found] = [exactEps(schedule, points), new Float64Array(x.length)];
  t.forEach((time, n) => {
    const [signal, noise] = signalAndNoise(schedule, time);
    const own = x.subarray(2 * n, 2 * n + 2);
    found.set(
      exact(own, time).map((eps, i) => (eps - noise * own[i]) / signal),
      2 * n,
    );
  });
  return found;
}

function squareOff(found, wanted) {
  return found.reduce((sum, value, k) => sum + (value - wanted[k]) ** 2, 0) / found.length;
}
