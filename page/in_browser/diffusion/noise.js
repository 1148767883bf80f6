/** Normal noise as PyTorch draws it on a CPU: seed 7 is the same noise in a browser as in Python. */

import { MersenneTwister } from "./mersenne_twister.js";

const LANES = 8; // PyTorch makes 16 numbers of 16: the first half are radii, the second angles
const TURN = Math.fround(2 * Math.PI);
const { fround, sqrt, log, cos, sin } = Math;

export class Generator {
  #twister;
  #kept; // the second of a pair, which the next small draw takes

  /** @param {number} seed */
  constructor(seed) {
    this.#twister = new MersenneTwister(seed);
  }

  /** torch.randn(count, generator=...) in float32. Each draw goes on where the last one ended.
   * @param {number} count
   * @returns {Float32Array} */
  randn(count) {
    return count < 2 * LANES
      ? Float32Array.from({ length: count }, () => this.#one())
      : this.#many(count);
  }

  #many(count) {
    const drawn = Float32Array.from({ length: count }, () => this.#uniform());
    for (let k = 0; k + 2 * LANES <= count; k += 2 * LANES) toNormal(drawn, k);
    if (count % (2 * LANES)) {
      const last = count - 2 * LANES; // the last 16 are drawn again
      for (let k = last; k < count; k++) drawn[k] = this.#uniform();
      toNormal(drawn, last);
    }
    return drawn;
  }

  /** In [0, 1), of 24 bits. */
  #uniform() {
    return (this.#twister.next() & 0xffffff) / 2 ** 24;
  }

  /** In [0, 1), of 53 bits. */
  #fine() {
    const high = this.#twister.next() & 0x1fffff;
    return (high * 2 ** 32 + this.#twister.next()) / 2 ** 53;
  }

  #one() {
    if (this.#kept !== undefined) {
      const kept = this.#kept;
      this.#kept = undefined;
      return kept;
    }
    const angle = 2 * Math.PI * this.#fine();
    const radius = sqrt(-2 * Math.log1p(-this.#fine()));
    this.#kept = radius * sin(angle);
    return radius * cos(angle);
  }
}

/** Box & Muller 1958, on 16 uniform numbers from `first` on, rounded where PyTorch rounds. */
function toNormal(numbers, first) {
  for (let k = first; k < first + LANES; k++) {
    const radius = fround(sqrt(fround(-2 * fround(log(1 - numbers[k])))));
    const angle = fround(TURN * numbers[k + LANES]);
    numbers[k] = radius * fround(cos(angle));
    numbers[k + LANES] = radius * fround(sin(angle));
  }
}

/** Picture k has the generator of seed + k, whatever their number: `ddpm.generators`.
 * @param {number} count
 * @param {number} seed
 * @returns {Generator[]} */
export function generators(count, seed) {
  return Array.from({ length: count }, (_, k) => new Generator(seed + k));
}

/** Noise for as many pictures of `size` numbers, one after the other: `ddpm.randn_like`.
 * @param {Generator[]} sources
 * @param {number} size
 * @returns {Float32Array} */
export function noiseOf(sources, size) {
  const noise = new Float32Array(sources.length * size);
  sources.forEach((source, k) => {
    noise.set(source.randn(size), k * size);
  });
  return noise;
}
