/** Reverse processes, one signature as in ddpm/sampling/samplers.py: from x at timesteps[0] to the
 * model's guess of x_0. Pictures stand one after the other in x.
 *
 * In float64, unlike Python: near pure noise, x̂_0 is a difference divided by a √ᾱ of 5e-5, and the
 * rounding of float32 would be a quarter of a grey level. */

import { noiseOf } from "./noise.js";

/** @typedef {import("./noise.js").Generator} Generator */
/** @typedef {import("./schedule.js").Schedule} Schedule */
/** @typedef {Float32Array|Float64Array} Numbers */
/** @typedef {(x: Numbers, t: number) => Numbers|Promise<Numbers>} EpsFn */
/** @typedef {{i: number, t: number, x: Numbers, xStart: Numbers}} Step */
/** @typedef {(epsFn: EpsFn, schedule: Schedule, x: Numbers, timesteps: number[],
 *   options?: {clip?: boolean, generators?: Generator[]}) => AsyncGenerator<Step>} Sampler */

const MAX_STEP_RATIO = 2; // after a step this much longer than the last, DEIS drops its history
const LOST = 2 ** -32; // an ᾱ below which x̂_0 is all rounding, as in Python

/** Each time with its ᾱ and the next one's, 1 after the last. */
function visits({ alphasCumprod: acp }, timesteps) {
  const found = timesteps.map((t, i) => ({
    i,
    t,
    acp: acp[t],
    acpPrev: i + 1 < timesteps.length ? acp[timesteps[i + 1]] : 1,
  }));
  const falls = timesteps.every((t, i) => i === 0 || t < timesteps[i - 1]);
  if (!timesteps.length || !falls || found.some((each) => !(each.acp > 0))) {
    throw new RangeError(`timesteps must fall, where ᾱ is above 0, not ${timesteps}`);
  }
  return found;
}

/** The network's x̂_0, held to [-1, 1] if `clip`. */
async function predict(epsFn, x, { t, acp }, clip) {
  const eps = await epsFn(x, t);
  const xStart = mix(acp ** -0.5, x, -(((1 - acp) / acp) ** 0.5), eps);
  return clip ? xStart.map((value) => Math.min(1, Math.max(-1, value))) : xStart;
}

/** a x + b y */
function mix(a, x, b, y) {
  return Float64Array.from(x, (value, k) => a * value + b * y[k]);
}

/** Ancestral sampling, Ho et al. 2020, algorithm 2, with the variance β̃ of equation 7.
 * @type {Sampler} */
export async function* ddpm(epsFn, schedule, x, timesteps, options = {}) {
  const { clip = true, generators = [] } = options;
  for (const visit of visits(schedule, timesteps)) {
    const xStart = await predict(epsFn, x, visit, clip);
    const { i, t, acp, acpPrev } = visit;
    const [alpha, rest] = [acp / acpPrev, (1 - acpPrev) / (1 - acp)];
    x = mix(alpha ** 0.5 * rest, x, (acpPrev ** 0.5 * (1 - alpha)) / (1 - acp), xStart);
    if (acpPrev < 1) {
      const fresh = noiseOf(generators, x.length / generators.length);
      x = mix(1, x, ((1 - alpha) * rest) ** 0.5, fresh);
    }
    yield { i, t, x, xStart };
  }
}

/** Song et al. 2021, equation 12, at eta = 0.
 * @type {Sampler} */
export async function* ddim(epsFn, schedule, x, timesteps, { clip = true } = {}) {
  for (const visit of visits(schedule, timesteps)) {
    const xStart = await predict(epsFn, x, visit, clip);
    x = towards(x, xStart, visit);
    yield { i: visit.i, t: visit.t, x, xStart };
  }
}

/** DDIM's step, to √ᾱ' x̂_0 + √(1-ᾱ') ε. */
function towards(x, xStart, { acp, acpPrev }) {
  const shrink = ((1 - acpPrev) / (1 - acp)) ** 0.5;
  return mix(shrink, x, acpPrev ** 0.5 - shrink * acp ** 0.5, xStart);
}

/** DPM-Solver++(2M), Lu et al. 2022: DDIM with x̂_0 extrapolated along the line through this guess
 * and the last one, the integral over that line exact.
 * @type {Sampler} */
export async function* dpmSolver(epsFn, schedule, x, timesteps, { clip = true } = {}) {
  let [previous, lastH] = [null, 0];
  for (const visit of visits(schedule, timesteps)) {
    const xStart = await predict(epsFn, x, visit, clip);
    let ahead = xStart;
    if (visit.acpPrev < 1) {
      const h = (logSnr(visit.acpPrev) - logSnr(visit.acp)) / 2;
      if (previous) {
        const far = 1 + (h / -Math.expm1(-h) - 1) / lastH;
        ahead = mix(1 - far, previous, far, xStart);
      }
      [previous, lastH] = [xStart, h];
    }
    x = towards(x, ahead, visit);
    yield { i: visit.i, t: visit.t, x, xStart };
  }
}

const logSnr = (acp) => Math.log(acp) - Math.log1p(-acp);

/** tAB-DEIS of order 3, Zhang & Chen 2023: ε between the visited times is a polynomial through the
 * last four, as a function of time, and the integral over it is summed along the table.
 * @type {Sampler} */
export async function* deis(epsFn, schedule, x, timesteps, { clip = true } = {}) {
  const rho = schedule.alphasCumprod.map((acp) => ((1 - acp) / acp) ** 0.5);
  let history = []; // {t, eps}, newest first
  for (const visit of visits(schedule, timesteps)) {
    const xStart = await predict(epsFn, x, visit, clip);
    const { i, t, acp, acpPrev } = visit;
    const eps = mix((1 - acp) ** -0.5, x, -((acp / (1 - acp)) ** 0.5), xStart);
    history = [{ t, eps }, ...history.slice(0, 3)];
    if (acpPrev === 1 || acp < LOST) {
      x = towards(x, xStart, visit);
      history = [];
    } else {
      const next = timesteps[i + 1];
      if (history.length > 1 && t - next > MAX_STEP_RATIO * (history[1].t - t)) history.length = 1;
      const nodes = history.map((each) => each.t);
      let moved = x.map((value) => (acpPrev / acp) ** 0.5 * value);
      adamsBashforth(rho, t, next, nodes).forEach((weight, k) => {
        moved = mix(1, moved, acpPrev ** 0.5 * weight, history[k].eps);
      });
      x = moved;
    }
    yield { i, t, x, xStart };
  }
}

/** ∫ ℓ_j dρ from t to `next`, for each Lagrange polynomial ℓ_j of the nodes: the trapezoid rule. */
function adamsBashforth(rho, t, next, nodes) {
  return nodes.map((node) => {
    const others = nodes.filter((other) => other !== node);
    const basis = (time) => others.reduce((p, other) => (p * (time - other)) / (node - other), 1);
    let sum = 0;
    for (let time = t; time > next; time--) {
      sum += ((basis(time) + basis(time - 1)) / 2) * (rho[time - 1] - rho[time]);
    }
    return sum;
  });
}

/** Song et al. 2023, algorithm 1, for distilled networks: each call jumps to x̂_0, and fresh noise
 * takes that back to the next time.
 * @type {Sampler} */
export async function* consistency(epsFn, schedule, x, timesteps, options = {}) {
  const { clip = true, generators = [] } = options;
  for (const visit of visits(schedule, timesteps)) {
    const xStart = await predict(epsFn, x, visit, clip);
    const { i, t, acpPrev } = visit;
    x = xStart;
    if (acpPrev < 1) {
      const fresh = noiseOf(generators, x.length / generators.length);
      x = mix(acpPrev ** 0.5, xStart, (1 - acpPrev) ** 0.5, fresh);
    }
    yield { i, t, x, xStart };
  }
}

/** By the names that configurations have.
 * @type {Record<string, Sampler>} */
export const SAMPLERS = { ddpm, ddim, dpm_solver: dpmSolver, deis, consistency };
