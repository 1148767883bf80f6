// How the modules of points in the plane answer a case of each kind: see test_points.py.

import { autoguided, classifierFreeGuided, oneHot } from "../../../page/in_browser/diffusion/guidance.js";
import { Generator, noiseOf } from "../../../page/in_browser/diffusion/noise.js";
import { SAMPLERS } from "../../../page/in_browser/diffusion/samplers.js";
import { named } from "../../../page/in_browser/diffusion/schedule.js";
import { spacedTimesteps } from "../../../page/in_browser/diffusion/spacing.js";
import { CLOUDS, cloudOf } from "../../../page/in_browser/points/clouds.js";
import { exactDenoiser, exactEps, qSample } from "../../../page/in_browser/points/exact.js";
import { learn } from "../../../page/in_browser/points/learn.js";
import { adam, featuresOf, gradientsOf, networkOf, newLayers } from "../../../page/in_browser/points/network.js";
import { reflow, statesOf } from "../../../page/in_browser/points/world.js";
import { bentness, onTheLine, reflowedEps } from "../../../page/in_browser/points/flow.js";

const POINTS = 60;

function epsOf(schedule, cloud, { guidance, guide, label }) {
  const denoiser = exactDenoiser(schedule, cloud);
  const weights = oneHot(1, cloud.classes, label ?? null);
  if (guide !== "worse") return classifierFreeGuided(denoiser, weights, cloud.classes, guidance);
  return autoguided((x, t) => denoiser(x, t, weights), exactEps(schedule, cloud.points, 0.5), guidance);
}

async function run(epsFn, schedule, x, { sampler = "ddim", calls, seed = 0 }) {
  const options = { clip: false, generators: [new Generator(seed)] };
  const times = spacedTimesteps(schedule, calls);
  const states = [];
  for await (const step of SAMPLERS[sampler](epsFn, schedule, x, times, options)) states.push(step);
  return { times, states };
}

export const RUNS = {
  clouds: () =>
    CLOUDS.map((name) => {
      const { points, labels, classes } = cloudOf(name, POINTS);
      return { name, points: [...points], labels: [...labels], classes };
    }),
  dissolved: ({ text, x, eps, t }) => [...qSample(named(text, 1000), x, t, eps)],
  eps: ({ text, points, x, t, blur }) => [...exactEps(named(text, 1000), points, blur)(x, t)],
  sampled: async ({ cloud, text, noise, ...rest }) => {
    const [schedule, known] = [named(text, 1000), cloudOf(cloud, POINTS)];
    const epsFn = epsOf(schedule, known, rest);
    return (await run(epsFn, schedule, noise, rest)).states.map(({ x }) => [...x]);
  },
  couples: async ({ noises, ends, noise, calls }) => {
    const schedule = named("rectified_flow", 1000);
    const epsFn = reflowedEps(schedule, noises, ends);
    return [...(await run(epsFn, schedule, noise, { calls })).states.at(-1).x];
  },
  /** As the page follows them: where the points of a link end. */
  linked: async ({ settings }) => {
    let ends;
    const known = { ...settings, cloud: cloudOf(settings.cloud, 400), couples: null };
    if (settings.way === "reflow") Object.assign(known, await reflow(known));
    for await (const state of statesOf(known)) ends = state;
    return [...ends];
  },
  /** Three steps of Adam on one batch, all at one noise level. */
  network: ({ x, wanted, logSnr }) => {
    const layers = newLayers(0);
    const numbers = (all) => all.map(({ weight, bias }) => [[...weight], [...bias]]);
    const [begin, step] = [numbers(layers), adam(layers)];
    const eps = [...networkOf(layers, { logSnr: [logSnr, logSnr] })(x, 0)];
    const input = featuresOf(x, () => logSnr);
    const first = gradientsOf(layers, input, wanted);
    for (let k = 0; k < 3; k++) step(gradientsOf(layers, input, wanted).gradients, 0.01);
    const { loss, gradients } = first;
    return { begin, input: [...input], eps, loss, gradients: numbers(gradients), end: numbers(layers) };
  },
  learned: () => {
    const told = [...learn(named("cosine", 1000), cloudOf("moons", 400).points, { steps: 120, every: 60 })];
    return told.map(({ loss, least }) => [loss, least]);
  },
  bent: ({ states }) => bentness(states),
  /** Flow, and flow again: how bent the ways are, and how far one and two calls are from many. */
  reflow: async ({ cloud, count }) => {
    const [schedule, known] = [named("rectified_flow", 1000), cloudOf(cloud, 400)];
    const bent = async (epsFn, x) => {
      const { times, states } = await run(epsFn, schedule, x, { calls: 100 });
      const acp = [...times.slice(1).map((t) => schedule.alphasCumprod[t]), 1];
      const line = [x, ...states.map((step, k) => onTheLine(step.x, acp[k]))];
      return { bent: bentness(line), ends: line.at(-1) };
    };
    const flow = exactEps(schedule, known.points);
    const [noises, fresh] = [0, 1].map((seed) => noiseOf([new Generator(seed)], 2 * count));
    const first = await bent(flow, noises);
    const again = reflowedEps(schedule, noises, first.ends);
    const few = async (epsFn, calls) => [...(await run(epsFn, schedule, fresh, { calls })).states.at(-1).x];
    return {
      before: (await bent(flow, fresh)).bent,
      after: (await bent(again, fresh)).bent,
      points: [...known.points],
      one: [await few(flow, 1), await few(again, 1)],
      two: [await few(flow, 2), await few(again, 2)],
    };
  },
};
