/** What the settings of the backward process mean: a denoiser, a schedule, and times to visit. */

import { denoiserOf, signalAndNoise } from "../diffusion/denoiser.js";
import { autoguided, classifierFreeGuided, oneHot } from "../diffusion/guidance.js";
import { Generator } from "../diffusion/noise.js";
import { SAMPLERS } from "../diffusion/samplers.js";
import { named } from "../diffusion/schedule.js";
import { spacedTimesteps } from "../diffusion/spacing.js";
import { exactDenoiser, exactEps } from "./exact.js";
import { bentness, onTheLine, reflowedEps } from "./flow.js";
import { networkOf } from "./network.js";

export const KNOWN = 400; // points that the denoiser knows
export const FOLLOWERS = 2000; // points that follow a sampler
export const T = 1000;
export const REACH = 3; // of the plane, from the middle of the noise to an edge
const FLOW = "rectified_flow"; // the schedule whose lines are straight
const BLUR = 0.5; // of the worse model's points
const COUPLES = 1000;
const STEPS = 100; // along which straightness is measured

/** @typedef {"diffusion"|"network"|"flow"|"reflow"} Way */
/** @typedef {import("../diffusion/samplers.js").Numbers} Numbers */
/** @typedef {{noises: Numbers, ends: Numbers}} Couples */
/** @typedef {{way: Way, schedule: string, sampler: string, calls: number, seed: number,
 *   guide: "none"|"class"|"worse", label: number, scale: number,
 *   cloud: import("./clouds.js").Cloud, couples: Couples|null,
 *   layers: import("./network.js").Layer[]|null}} Settings */
/** `show` turns a state with this ᾱ into places of the plane, `hide` turns them back.
 * @typedef {{schedule: import("../diffusion/schedule.js").Schedule,
 *   epsFn: import("../diffusion/samplers.js").EpsFn, times: number[],
 *   show: (x: Numbers, acp: number) => Numbers, hide: (x: Numbers, acp: number) => Numbers}} World */

/** @param {Settings} settings
 * @returns {World} */
export function worldOf(settings) {
  const isFlow = isStraight(settings.way);
  const schedule = named(isFlow ? FLOW : settings.schedule, T);
  const epsFn = epsOf(schedule, settings);
  const times = spacedTimesteps(schedule, settings.calls);
  const show = isFlow ? onTheLine : (x) => x;
  const hide = (x, acp) => (isFlow ? x.map((value) => value / onTheLine([1], acp)[0]) : x);
  return { schedule, epsFn, times, show, hide };
}

/** Whether the lines from noise to the cloud are straight.
 * @param {Way} way */
export function isStraight(way) {
  return way === "flow" || way === "reflow";
}

function epsOf(schedule, { way, cloud, couples, layers, guide, label, scale }) {
  if (way === "network") return denoiserOf(networkOf(layers, schedule), schedule, "v");
  if (way === "reflow") return reflowedEps(schedule, couples.noises, couples.ends);
  const denoiser = exactDenoiser(schedule, cloud);
  if (guide === "class") {
    return classifierFreeGuided(denoiser, oneHot(1, cloud.classes, label), cloud.classes, scale);
  }
  const better = (x, t) => denoiser(x, t, null);
  return guide === "worse"
    ? autoguided(better, exactEps(schedule, cloud.points, BLUR), scale)
    : better;
}

/** Every state on the way of `count` points from noise, the noise first, as places of the plane.
 * @param {Settings} settings
 * @returns {AsyncGenerator<Numbers>} */
export async function* statesOf(settings, count = FOLLOWERS) {
  const { schedule, epsFn, times, show } = worldOf(settings);
  const sampler = SAMPLERS[isStraight(settings.way) ? "ddim" : settings.sampler];
  const acp = (i) => (i < times.length ? schedule.alphasCumprod[times[i]] : 1);
  const source = new Generator(settings.seed);
  const x = source.randn(2 * count);
  yield show(x, acp(0));
  const options = { clip: false, generators: [source] };
  for await (const step of sampler(epsFn, schedule, x, times, options)) {
    yield show(step.x, acp(step.i + 1));
  }
}

/** Where the denoiser's guess x̂_0 lies from each place of the plane, at one of the times.
 * @param {World} world
 * @param {Numbers} places
 * @param {number} t
 * @returns {Promise<Numbers>} */
export async function guesses({ schedule, epsFn, hide }, places, t) {
  const [signal, noise] = signalAndNoise(schedule, t);
  const x = hide(places, signal ** 2);
  const eps = await epsFn(x, t);
  return x.map((value, k) => (value - noise * eps[k]) / signal);
}

/** Couple each noise with where rectified flow takes it, average again, and compare fresh paths.
 * @param {Settings} settings
 * @returns {Promise<{couples: Couples, before: number, after: number}>} */
export async function reflow(settings) {
  const plain = { ...settings, guide: "none", calls: STEPS };
  const ways = async (way, couples, seed, count) => {
    const states = [];
    for await (const state of statesOf({ ...plain, way, couples, seed }, count)) states.push(state);
    return states;
  };
  const first = await ways("flow", null, settings.seed + 1, COUPLES);
  const couples = { noises: first[0], ends: first.at(-1) };
  const [before, after] = [
    bentness(await ways("flow", null, settings.seed, FOLLOWERS / 4)),
    bentness(await ways("reflow", couples, settings.seed, FOLLOWERS / 4)),
  ];
  return { couples, before, after };
}
