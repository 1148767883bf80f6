/** Makes a network speak ε, whatever it was trained to predict: ddpm's `Denoiser`. */

import { logSnrAt } from "./schedule.js";

/** @param {import("./guidance.js").Denoiser} network
 * @param {import("./schedule.js").Schedule} schedule
 * @param {"eps"|"v"|"x0"} objective what the network predicts
 * @returns {import("./guidance.js").Denoiser} */
export function denoiserOf(network, schedule, objective) {
  if (objective === "eps") return network;
  return async (x, t, labels) => {
    const predicted = await network(x, t, labels);
    const [signal, noise] = signalAndNoise(schedule, t);
    return objective === "v"
      ? Float64Array.from(x, (value, k) => noise * value + signal * predicted[k])
      : Float64Array.from(x, (value, k) => (value - signal * predicted[k]) / noise);
  };
}

/** √ᾱ and √(1-ᾱ), also at a fractional time.
 * @param {import("./schedule.js").Schedule} schedule
 * @param {number} t
 * @returns {[number, number]} */
export function signalAndNoise(schedule, t) {
  const whole = schedule.alphasCumprod[t];
  const acp = whole ?? 1 / (1 + Math.exp(-logSnrAt(schedule, t)));
  return [Math.sqrt(acp), Math.sqrt(1 - acp)];
}
