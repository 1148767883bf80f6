/** From noise to pictures, step by step: ddpm/sampling/sample.py and plan.py. */

import { ANY, classifierFreeGuided, EACH, epsScaled, oneHot, retimed } from "./guidance.js";
import { generators, noiseOf } from "./noise.js";
import { SAMPLERS } from "./samplers.js";
import { lastOf, named } from "./schedule.js";
import { spacedTimesteps } from "./spacing.js";

const BEST_SPACING = { dpm_solver: "middle" }; // of others, the usual one

/** What the page's controls say.
 * @typedef {{sampler: string, steps: number, schedule: string, guidance: number, label: number,
 *   count: number, seed: number}} Request */

/** The noise, the times at which the network will be asked, and the steps that follow.
 * @param {import("../model.js").Model} model
 * @param {Request} request
 * @returns {{x: import("./samplers.js").Numbers, times: number[],
 *   steps: AsyncGenerator<import("./samplers.js").Step>}} */
export function begin(model, { sampler, steps, schedule: text, guidance, label, count, seed }) {
  const isOwn = text === model.config.diffusion.schedule;
  const T = model.schedule.betas.length;
  const schedule = isOwn ? model.schedule : named(text, T);
  const calls = Math.min(steps, lastOf(schedule) + 1); // at most one for each t on the way
  const found = model.info.sampling ?? {}; // for its own sampler and schedule
  const own = isOwn && sampler === (found.sampler ?? "dpm_solver") && found.times?.[calls];
  const times = own || spacedTimesteps(schedule, calls, BEST_SPACING[sampler]);
  const labels = labelsOf(label, count, seed, model.classes);
  const guided = epsFnOf(model, count, labels, guidance);
  const known = isOwn ? guided : retimed(guided, model.schedule, schedule);
  const asFound = own && (labels === null || guidance === 1) ? found : {};
  const epsFn = epsScaled(known, asFound.eps_scale ?? 1, schedule);
  const sources = generators(count, seed);
  const noise = noiseOf(sources, model.pixels);
  return { times, ...run(SAMPLERS[sampler], epsFn, schedule, noise, times, sources, asFound) };
}

/** x_T, and the steps from there, as what was found for a model has it: the noise times its
 * temperature for so many calls, and the picture that they end with times its contrast.
 * @param {import("./samplers.js").Sampler} sampler
 * @param {import("./samplers.js").EpsFn} epsFn
 * @param {import("./schedule.js").Schedule} schedule
 * @param {Float32Array} noise
 * @param {number[]} times
 * @param {import("./noise.js").Generator[]} sources of later noise
 * @param {{temperature?: object, contrast?: object}} found
 * @returns {{x: Float32Array, steps: AsyncGenerator<import("./samplers.js").Step>}} */
export function run(sampler, epsFn, schedule, noise, times, sources, found) {
  const calls = times.length;
  const temperature = found.temperature?.[calls] ?? 1;
  const x = noise.map((value) => temperature * value);
  const steps = sampler(epsFn, schedule, x, times, { generators: sources });
  return { x, steps: contrasted(steps, calls - 1, found.contrast?.[calls] ?? 1) };
}

async function* contrasted(steps, last, contrast) {
  for await (const step of steps) {
    if (step.i === last) {
      step.x = step.x.map((value) => Math.min(1, Math.max(-1, contrast * value)));
      step.xStart = step.x;
    }
    yield step;
  }
}

/** As page/models/base.py has them. */
function labelsOf(label, count, seed, classes) {
  if (label === ANY || classes === null) return null;
  return label === EACH ? Array.from({ length: count }, (_, k) => (seed + k) % classes) : label;
}

function epsFnOf({ denoiser, classes }, count, labels, guidance) {
  const nothing = classes === null ? null : oneHot(count, classes);
  if (labels === null) return (x, t) => denoiser(x, t, nothing);
  return classifierFreeGuided(denoiser, oneHot(count, classes, labels), classes, guidance);
}
