/** A small network that predicts v of points in the plane (Salimans & Ho 2022), by hand: its layers,
 * their gradients and Adam. Weights are those of PyTorch's `Linear`, (out, in), with SiLU between the layers. */

import { Generator } from "../diffusion/noise.js";
import { logSnrAt } from "../diffusion/schedule.js";

const WIDTH = 48; // of the hidden layers
const FEATURES = 15; // x, y and the noise level, and waves of them
const SIZES = [FEATURES, WIDTH, WIDTH, WIDTH, 2];
const [BETA_1, BETA_2, TINY] = [0.9, 0.999, 1e-8];
const FAR = 12; // log-SNRs beyond this are as one

/** @typedef {{weight: Float32Array, bias: Float32Array, inputs: number, outputs: number}} Layer */

/** @param {number} seed
 * @returns {Layer[]} */
export function newLayers(seed) {
  const source = new Generator(seed);
  return SIZES.slice(1).map((outputs, k) => {
    const inputs = SIZES[k];
    const weight = source.randn(inputs * outputs).map((value) => value / Math.sqrt(inputs));
    return { weight, bias: new Float32Array(outputs), inputs, outputs };
  });
}

/** What the network sees of points x at these log-SNRs, one for each.
 * @param {ArrayLike<number>} x
 * @param {(k: number) => number} logSnr */
export function featuresOf(x, logSnr) {
  const found = new Float32Array((x.length / 2) * FEATURES);
  for (let k = 0; k < x.length / 2; k++) {
    const level = Math.min(FAR, Math.max(-FAR, logSnr(k)));
    const [across, up] = [x[2 * k], x[2 * k + 1]];
    const turns = [level / 4, level / 2, 2 * across, 2 * up, 4 * across, 4 * up];
    const waves = turns.flatMap((turn) => [Math.sin(turn), Math.cos(turn)]);
    found.set([across, up, level / 8, ...waves], k * FEATURES);
  }
  return found;
}

/** What each layer is given, and before that what its SiLU was given; the output stands last.
 * @param {Layer[]} layers
 * @param {Float32Array} input
 * @returns {{given: Float32Array[], sums: Float32Array[]}} */
export function forward(layers, input) {
  const [given, sums] = [[input], []];
  layers.forEach((layer, k) => {
    const sum = linear(layer, given[k]);
    sums.push(sum);
    given.push(k + 1 < layers.length ? sum.map((value) => value / (1 + Math.exp(-value))) : sum);
  });
  return { given, sums };
}

function linear({ weight, bias, inputs, outputs }, x) {
  const count = x.length / inputs;
  const y = new Float32Array(count * outputs);
  for (let b = 0; b < count; b++) {
    for (let j = 0; j < outputs; j++) {
      let sum = bias[j];
      for (let i = 0; i < inputs; i++) sum += weight[j * inputs + i] * x[b * inputs + i];
      y[b * outputs + j] = sum;
    }
  }
  return y;
}

/** The gradients of the mean square of (output - wanted), in the order of the layers, and the loss.
 * @param {Layer[]} layers
 * @param {Float32Array} input
 * @param {ArrayLike<number>} wanted
 * @returns {{loss: number, gradients: {weight: Float32Array, bias: Float32Array}[]}} */
export function gradientsOf(layers, input, wanted) {
  const { given, sums } = forward(layers, input);
  const off = given.at(-1).map((value, k) => value - wanted[k]);
  const loss = off.reduce((sum, value) => sum + value * value, 0) / off.length;
  let slope = off.map((value) => (2 * value) / off.length);
  const gradients = [];
  for (let k = layers.length - 1; k >= 0; k--) {
    const { weight, inputs, outputs } = layers[k];
    const [x, bias, own] = [given[k], new Float32Array(outputs), new Float32Array(weight.length)];
    const below = new Float32Array(x.length);
    for (let b = 0; b < slope.length / outputs; b++) {
      for (let j = 0; j < outputs; j++) {
        const s = slope[b * outputs + j];
        bias[j] += s;
        const [from, of] = [b * inputs, j * inputs];
        for (let i = 0; i < inputs; i++) own[of + i] += s * x[from + i];
        for (let i = 0; i < inputs; i++) below[from + i] += s * weight[of + i];
      }
    }
    gradients.unshift({ weight: own, bias });
    if (k > 0) slope = below.map((value, n) => value * siluSlope(sums[k - 1][n]));
  }
  return { loss, gradients };
}

function siluSlope(x) {
  const gate = 1 / (1 + Math.exp(-x));
  return gate * (1 + x * (1 - gate));
}

/** Adam (Kingma & Ba 2015): `step(gradients, rate)` moves the layers' numbers.
 * @param {Layer[]} layers */
export function adam(layers) {
  const kept = layers.map(({ weight, bias }) =>
    [weight, bias].map((numbers) => [
      new Float32Array(numbers.length),
      new Float32Array(numbers.length),
    ]),
  );
  let count = 0;
  return (gradients, rate) => {
    count++;
    const [size, whole] = [rate / (1 - BETA_1 ** count), 1 - BETA_2 ** count];
    layers.forEach(({ weight, bias }, k) => {
      [weight, bias].forEach((numbers, n) => {
        const slope = n ? gradients[k].bias : gradients[k].weight;
        const [mean, square] = kept[k][n];
        for (let i = 0; i < numbers.length; i++) {
          mean[i] += (1 - BETA_1) * (slope[i] - mean[i]);
          square[i] += (1 - BETA_2) * (slope[i] * slope[i] - square[i]);
          numbers[i] -= (size * mean[i]) / (Math.sqrt(square[i] / whole) + TINY);
        }
      });
    });
  };
}

/** The network, as a denoiser that predicts v.
 * @param {Layer[]} layers
 * @param {import("../diffusion/schedule.js").Schedule} schedule
 * @returns {import("../diffusion/guidance.js").Denoiser} */
export function networkOf(layers, schedule) {
  return (x, t) => {
    const level = logSnrAt(schedule, t);
    return forward(
      layers,
      featuresOf(x, () => level),
    ).given.at(-1);
  };
}
