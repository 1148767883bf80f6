/** What Walk draws at a place of its pad: page/tabs/generate/walk/walk.py. */

import { ANY, oneHot } from "./guidance.js";
import { Generator, generators } from "./noise.js";
import { consistency } from "./samplers.js";
import { run } from "./trajectory.js";

const CORNERS = 4;

/** @typedef {{x: number, y: number, corners: "noises"|"classes", label: number, classes: number[],
 *   seed: number, seeds?: number[]}} Place `seeds` are the corners', seed to seed + 3 unless given */

/** The picture there, in `calls` network calls of a distilled model.
 * @param {import("../model.js").Model} model
 * @param {Place} place
 * @param {number} calls
 * @returns {Promise<import("./samplers.js").Numbers>} in [-1, 1] */
export async function pictureAt({ denoiser, pixels, classes, schedule, info }, place, calls) {
  const { x: across, y: down, seed, seeds } = place;
  const weights = [1 - down, down].flatMap((row) => [row * (1 - across), row * across]);
  const own = generators(1, seed);
  let x = own[0].randn(pixels); // also where it isn't used: the noise after it is then the same
  let labels =
    classes === null ? null : oneHot(1, classes, place.label === ANY ? null : place.label);
  if (place.corners === "classes") labels = mixedClasses(weights, place.classes, classes);
  else {
    const sources = seeds?.length
      ? seeds.map((each) => new Generator(each))
      : generators(CORNERS, seed);
    x = mixedNoise(weights, sources, pixels);
  }
  let drawn = x;
  const epsFn = (state, t) => denoiser(state, t, labels);
  const found = info.sampling;
  const { steps } = run(consistency, epsFn, schedule, x, found.times[calls], own, found);
  for await (const step of steps) drawn = step.x;
  return drawn;
}

/** Σ w z / √Σ w² of the corners' noises: as normal as they are. */
function mixedNoise(weights, sources, pixels) {
  const mixed = new Float32Array(pixels);
  const norm = Math.hypot(...weights);
  sources.forEach((source, k) => {
    source.randn(pixels).forEach((value, i) => {
      mixed[i] += (weights[k] / norm) * value;
    });
  });
  return mixed;
}

/** The weight of each class, and 0 of none: a class in two corners has the weights of both. */
function mixedClasses(weights, corners, classes) {
  const mixed = new Float32Array(classes + 1);
  corners.forEach((label, k) => {
    mixed[label] += weights[k];
  });
  return mixed;
}
