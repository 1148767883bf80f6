/** Clouds of points in the plane, in place of a data set of pictures: as wide as the noise, so that
 * one scale shows both. */

import { MersenneTwister } from "../diffusion/mersenne_twister.js";
import { Generator } from "../diffusion/noise.js";

/** x and y of each point, one after the other, and the class of each.
 * @typedef {{points: Float64Array, labels: Int32Array, classes: number}} Cloud */

const TURN = 2 * Math.PI;
const RADIUS = 1.5; // of the eight Gaussians' ring
const SQUARES = 4; // of the checkerboard, along each side
const REACH = 1.8; // from the middle to the edge of the checkerboard

/** Point k of a cloud: `u()` is uniform in [0, 1), `z()` normal. */
const SHAPES = {
  moons: {
    classes: 2,
    at: (k, u, z) => {
      const [label, angle] = [k % 2, u() * Math.PI];
      const [x, y] = label ? [1 - Math.cos(angle), 0.5 - Math.sin(angle)] : arc(angle);
      return [1.2 * (x - 0.5) + 0.07 * z(), 1.6 * (y - 0.25) + 0.07 * z(), label];
    },
  },
  spiral: {
    classes: 2,
    at: (k, u, z) => {
      const [label, part] = [k % 2, Math.sqrt(u())];
      const [angle, radius] = [(1.5 * part + label / 2) * TURN, 0.1 + 1.7 * part];
      const [x, y] = arc(angle);
      return [radius * x + 0.04 * z(), radius * y + 0.04 * z(), label];
    },
  },
  checkerboard: {
    classes: 2,
    at: (_, u) => {
      const [column, half] = [Math.floor(SQUARES * u()), Math.floor((SQUARES / 2) * u())];
      const side = (2 * REACH) / SQUARES;
      const row = 2 * half + (column % 2);
      const [x, y] = [(column + u()) * side - REACH, (row + u()) * side - REACH];
      return [x, y, column < SQUARES / 2 ? 0 : 1];
    },
  },
  gaussians: {
    classes: 8,
    at: (k, _, z) => {
      const [x, y] = arc(((k % 8) / 8) * TURN);
      return [RADIUS * x + 0.12 * z(), RADIUS * y + 0.12 * z(), k % 8];
    },
  },
};

const arc = (angle) => [Math.cos(angle), Math.sin(angle)];

export const CLOUDS = Object.keys(SHAPES);

/** The first `count` points of this cloud: a smaller one is part of a larger one.
 * @param {string} name of CLOUDS
 * @param {number} count
 * @param {number} seed
 * @returns {Cloud} */
export function cloudOf(name, count, seed = 0) {
  const { classes, at } = SHAPES[name];
  const [uniform, normal] = [new MersenneTwister(seed), new Generator(seed)];
  const u = () => uniform.next() / 2 ** 32;
  const z = () => normal.randn(1)[0];
  const cloud = emptyCloud(count, classes);
  for (let k = 0; k < count; k++) {
    const [x, y, label] = at(k, u, z);
    cloud.points.set([x, y], 2 * k);
    cloud.labels[k] = label;
  }
  return cloud;
}

/** `count` points around the places where a hand has been, each as often as the others.
 * @param {[number, number][]} places at least one
 * @param {number} count
 * @returns {Cloud} */
export function cloudAround(places, count, seed = 0) {
  const normal = new Generator(seed);
  const cloud = emptyCloud(count, 1);
  for (let k = 0; k < count; k++) {
    const [x, y] = places[k % places.length];
    cloud.points.set([x + 0.04 * normal.randn(1)[0], y + 0.04 * normal.randn(1)[0]], 2 * k);
  }
  return cloud;
}

function emptyCloud(count, classes) {
  return { points: new Float64Array(2 * count), labels: new Int32Array(count), classes };
}
