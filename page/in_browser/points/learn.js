/** Trains the small network on a cloud: noise at a time at random, and predict it (Ho et al. 2020,
 * algorithm 1). */

import { MersenneTwister } from "../mersenne_twister.js";
import { Generator } from "../noise.js";
import { logSnrAt } from "../schedule.js";
import { exactEps, signalAndNoise } from "./exact.js";
import { adam, featuresOf, forward, gradientsOf, newLayers } from "./network.js";

const BATCH = 96;
const RATE = 3e-3;
const JUDGED = 1000; // points on which the loss is compared with the least there is

/** @typedef {import("./network.js").Layer} Layer */
/** @typedef {{step: number, loss: number, least: number, layers: Layer[]}} Progress */

/** Yields after every `every` steps.
 * @param {import("../schedule.js").Schedule} schedule
 * @param {ArrayLike<number>} points
 * @param {{steps: number, every: number, seed?: number}} options
 * @returns {Iterable<Progress>} */
export function* learn(schedule, points, { steps, every, seed = 0 }) {
  const layers = newLayers(seed);
  const step = adam(layers);
  const [places, source] = [new MersenneTwister(seed + 1), new Generator(seed + 1)];
  const judged = noised(schedule, points, JUDGED, places, source);
  const least = squareOff(exactly(schedule, points, judged), judged.eps);
  for (let k = 1; k <= steps; k++) {
    const { x, t, eps } = noised(schedule, points, BATCH, places, source);
    const input = featuresOf(x, (n) => logSnrAt(schedule, t[n]));
    const rate = RATE * 0.5 * (1 + Math.cos((Math.PI * k) / steps));
    step(gradientsOf(layers, input, eps).gradients, rate);
    if (k % every) continue;
    const seen = featuresOf(judged.x, (n) => logSnrAt(schedule, judged.t[n]));
    yield {
      step: k,
      loss: squareOff(forward(layers, seen).given.at(-1), judged.eps),
      least,
      layers,
    };
  }
}

/** Points of the cloud at times at random, with the noise that they were given. */
function noised(schedule, points, count, places, source) {
  const below = (most) => Math.floor((places.next() / 2 ** 32) * most);
  const [x, t, eps] = [new Float64Array(2 * count), new Int32Array(count), source.randn(2 * count)];
  for (let n = 0; n < count; n++) {
    t[n] = below(schedule.alphasCumprod.length);
    const [signal, noise] = signalAndNoise(schedule, t[n]);
    const k = 2 * below(points.length / 2);
    for (const i of [0, 1]) x[2 * n + i] = signal * points[k + i] + noise * eps[2 * n + i];
  }
  return { x, t, eps };
}

function exactly(schedule, points, { x, t }) {
  const [exact, found] = [exactEps(schedule, points), new Float64Array(x.length)];
  t.forEach((time, n) => {
    found.set(exact(x.subarray(2 * n, 2 * n + 2), time), 2 * n);
  });
  return found;
}

function squareOff(found, wanted) {
  return found.reduce((sum, value, k) => sum + (value - wanted[k]) ** 2, 0) / found.length;
}
