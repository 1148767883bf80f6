/** The Mersenne Twister MT19937, Matsumoto & Nishimura 1998: PyTorch's generator on a CPU. */

const [WORDS, MIDDLE] = [624, 397];

export class MersenneTwister {
  #state = new Uint32Array(WORDS);
  #place = WORDS;

  /** @param {number} seed below 2³²; a negative one counts from there down, as in PyTorch */
  constructor(seed) {
    if (!Number.isSafeInteger(seed) || seed >= 2 ** 32) {
      throw new RangeError(`seed must be a whole number below 2**32, not ${seed}`);
    }
    this.#state[0] = seed; // modulo 2³²
    for (let k = 1; k < WORDS; k++) {
      const before = this.#state[k - 1] ^ (this.#state[k - 1] >>> 30);
      this.#state[k] = Math.imul(1812433253, before) + k;
    }
  }

  /** @returns {number} 32 random bits */
  next() {
    if (this.#place === WORDS) this.#twist();
    let bits = this.#state[this.#place++];
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return (bits ^ (bits >>> 18)) >>> 0;
  }

  #twist() {
    const state = this.#state;
    for (let k = 0; k < WORDS; k++) {
      const bits = (state[k] & 0x80000000) | (state[(k + 1) % WORDS] & 0x7fffffff);
      state[k] = state[(k + MIDDLE) % WORDS] ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
    }
    this.#place = 0;
  }
}
