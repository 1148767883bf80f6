/** A run as a film: the states that are kept, each as one picture. page/widgets/film/scrubber.py. */

const MAX_FRAMES = 60; // of a film; more steps don't make it better
const MAX_IMAGES = 1280; // in all frames together
const GAP = 2; // pixels between the pictures of a grid
const SAVED_PX = 800; // of the width of what is saved, at least
const WHITE = 255;

/** Pictures per row: as square as possible, at most ten wide. */
export const columns = (count) => Math.min(10, Math.max(1, Math.round(Math.sqrt(count))));

/** Pictures one after the other in `x`, as one grid: `ddpm.make_grid`. Gaps are white; `filled`
 * tells them apart.
 * @param {import("./diffusion/samplers.js").Numbers} x in [-1, 1]
 * @param {number} count
 * @param {number} side
 * @param {number} [across] pictures per row
 * @returns {{width: number, height: number, greys: Uint8Array, filled: Uint8Array}} */
export function gridOf(x, count, side, across = columns(count)) {
  const gap = count > 1 ? GAP : 0;
  const [width, height] = [across, Math.ceil(count / across)].map((n) => gap + n * (side + gap));
  const greys = new Uint8Array(width * height).fill(WHITE);
  const filled = new Uint8Array(width * height);
  for (let k = 0; k < count; k++) {
    const [left, top] = [k % across, Math.floor(k / across)].map((n) => gap + n * (side + gap));
    for (let i = 0; i < side * side; i++) {
      const at = (top + Math.floor(i / side)) * width + left + (i % side);
      greys[at] = Math.round((Math.min(1, Math.max(-1, x[k * side * side + i])) + 1) * 127.5);
      filled[at] = 1;
    }
  }
  return { width, height, greys, filled };
}

/** Enlarged by whole pixels to the size in which pictures are saved. */
export function enlarged({ width, height, greys, palette }) {
  const scale = Math.ceil(SAVED_PX / width);
  const large = new Uint8Array(width * scale * height * scale);
  for (let at = 0, y = 0; y < height * scale; y++) {
    const row = Math.floor(y / scale) * width;
    for (let k = 0; k < width * scale; k++, at++) large[at] = greys[row + Math.floor(k / scale)];
  }
  return { width: width * scale, height: height * scale, greys: large, palette };
}

/** The states of a run, each with the network's guess; a long run is thinned out. */
export class Film {
  /** @param {import("./diffusion/samplers.js").Numbers} x what the run begins with
   * @param {number[]} times
   * @param {number} count pictures in x
   * @param {number} side */
  constructor(x, times, count, side) {
    Object.assign(this, { x, times, count, side, steps: times.length, frames: [] });
    const most = Math.max(2, Math.floor(MAX_IMAGES / count));
    const kept = Math.min(MAX_FRAMES, this.steps + 1, most);
    const places = Array.from({ length: kept }, (_, k) =>
      Math.round((k * this.steps) / (kept - 1)),
    );
    this.kept = new Set(places);
    this.#keep(0, times[0], null);
  }

  /** @param {{i: number, t: number, x: Float64Array, xStart: Float64Array}} step
   * @param {boolean} isCut the run ends here, whatever was planned */
  add({ i, t, x, xStart }, isCut = false) {
    if (i === 0) this.frames.pop();
    if (this.kept.has(i)) this.#keep(i, t, xStart);
    this.x = x;
    if (isCut || i + 1 === this.steps) this.#keep(i + 1, null, xStart);
  }

  #keep(step, t, xStart) {
    const grid = (numbers) => gridOf(numbers, this.count, this.side);
    const x = grid(this.x);
    this.frames.push({ step, t, x, x_start: xStart && xStart !== this.x ? grid(xStart) : x });
  }
}
