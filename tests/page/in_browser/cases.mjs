// How the browser's modules answer a case of each kind: see test_sampler.py.

import { readFileSync } from "node:fs";
import { tablesOf, monotoneCubic, zeroTerminalSnr } from "../../../page/in_browser/diffusion/curve.js";
import { denoiserOf } from "../../../page/in_browser/diffusion/denoiser.js";
import { autoguided, classifierFreeGuided, oneHot, retimed } from "../../../page/in_browser/diffusion/guidance.js";
import { generators, noiseOf } from "../../../page/in_browser/diffusion/noise.js";
import { SAMPLERS } from "../../../page/in_browser/diffusion/samplers.js";
import { named } from "../../../page/in_browser/diffusion/schedule.js";
import { spacedTimesteps } from "../../../page/in_browser/diffusion/spacing.js";
import { metadataOf } from "../../../page/in_browser/onnx_metadata.js";

const shown = (tables) =>
  ["betas", "alphasCumprod", "logSnr"].map((name) => [...tables[name]].map(String));

/** ε of an exact denoiser of normal data with this mean and variance, as `Gaussian` in Python; the
 * mean moves with the label. */
function exact(schedule, mean, variance, objective = "eps") {
  const moved = (labels) =>
    (labels ?? []).reduce((sum, weight, label) => sum + 0.1 * weight * label, mean);
  return (x, t, labels) => {
    const low = Math.min(schedule.logSnr.length - 2, Math.floor(t));
    const at = schedule.logSnr[low] + (t - low) * (schedule.logSnr[low + 1] - schedule.logSnr[low]);
    const acp = schedule.alphasCumprod[t] ?? 1 / (1 + Math.exp(-at));
    const [signal, sigma] = [Math.sqrt(acp), Math.sqrt(1 - acp)];
    const own = moved(labels);
    return x.map((value) => {
      const eps = (sigma * (value - signal * own)) / (acp * variance + 1 - acp);
      const xStart = (value - sigma * eps) / signal;
      return { eps, x0: xStart, v: signal * eps - sigma * xStart }[objective];
    });
  };
}

export const RUNS = {
  noise: ({ seeds, sizes }) =>
    seeds.map((seed) => {
      const sources = generators(2, seed);
      return sizes.map((size) => [...noiseOf(sources, size)]);
    }),
  curve: ({ points, places }) => places.map(monotoneCubic(points)),
  drawn: ({ points, T, limits }) => {
    const tables = tablesOf(monotoneCubic(points), T, limits);
    return [shown(tables), shown(zeroTerminalSnr(tables))];
  },
  named: ({ text, T, rescale }) => shown(named(text, T, { rescale })),
  spacing: ({ text, T, n, spacing, start }) =>
    spacedTimesteps(named(text, T), n, spacing, start ?? undefined),
  sampled: async ({ text, sampler, times, count, size, seed, objective, guidance, guide }) => {
    const schedule = named(text, 1000);
    const sources = generators(count, seed);
    const x = noiseOf(sources, size);
    const network = exact(schedule, -0.4, 0.09, objective);
    const denoiser = denoiserOf(network, schedule, objective);
    let epsFn = classifierFreeGuided(denoiser, oneHot(1, 3, 2), 3, guidance, [100, 900]);
    if (guide) {
      const theirs = named(guide, 400);
      const worse = exact(theirs, -0.2, 0.25);
      const better = (state, t) => denoiser(state, t, oneHot(1, 3, 2));
      epsFn = autoguided(better, retimed((s, t) => worse(s, t, null), theirs, schedule), guidance);
    }
    const steps = [];
    const options = { generators: sources };
    for await (const step of SAMPLERS[sampler](epsFn, schedule, x, times, options)) {
      steps.push([[...step.x], [...step.xStart]]);
    }
    return steps;
  },
  metadata: ({ file }) => metadataOf(new Uint8Array(readFileSync(file))),
};
