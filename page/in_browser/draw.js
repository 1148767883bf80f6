/** Draws a whole run where the visitor is, and makes of it what the page's film shows and saves. */

import { openDrawing, slowedSince } from "./drawing.js";
import { enlarged, Film } from "./film.js";
import { gifOf } from "./gif.js";
import { commented } from "./png_comment.js";

const SHOWN_MS = 120; // between two updates: a browser shows about ten per second
const LONG_S = 5; // of what is left of a run: less is offered then
const LESS = { sampler: "consistency", steps: 2, count: 4 };

/** Draw, and `show` the run's film as it grows: the value of page/widgets/film.
 * @param {import("./drawing.js").Files} files
 * @param {import("./diffusion/trajectory.js").Request} request
 * @param {object} facts of the film, beside its frames; `student` is the model for few calls
 * @param {(value: object) => void} show
 * @param {AbortSignal} signal ends the run after the next step
 * @returns {Promise<Film|undefined>} undefined if it ended before it began */
export async function drawFilm(files, request, { student, ...facts }, show, signal) {
  const shown = { ...facts, began: performance.timeOrigin + performance.now(), device: "browser" };
  const nothing = { frames: [], planned: 1, steps: request.steps };
  show({ ...shown, ...nothing, here: { part: "0.0", all: "–" } });
  const drawing = await openDrawing(files, (here) => show({ ...shown, ...nothing, here }));
  if (signal.aborted) return undefined;
  let film;
  let last = 0; // when it was shown
  let began = Infinity;
  let less; // what a link to it sets, where this run takes long
  const shownNow = (calls, ms, more) => ({
    ...{ ...shown, ...more, less, calls, frames: film.frames.map(picturesOf), steps: film.steps },
    ...{ planned: film.kept.size, seconds: (ms / 1000).toFixed(1) },
    ...(calls ? { here: { ms: Math.round(ms / calls), slow: slowedSince(began) } } : {}),
  });
  const hear = ({ begins, step, ms }) => {
    if (begins) {
      began = performance.now();
      film = new Film(begins.x, begins.times, request.count, begins.side);
      return show(shownNow(0, 0));
    }
    const isLast = step.i + 1 === film.steps;
    film.add(step, signal.aborted && !isLast);
    if (isLast || signal.aborted || performance.now() - last < SHOWN_MS) return;
    last = performance.now();
    const left = Math.round(((ms / (step.i + 1)) * (film.steps - step.i - 1)) / 1000);
    if (left > LONG_S && request.steps * request.count > LESS.steps * LESS.count) {
      less = { model: student, label: request.label, seed: request.seed, ...LESS };
    }
    show(shownNow(step.i + 1, ms, { left }));
  };
  const { calls, ms } = await drawing.run(request, hear, signal);
  show(shownNow(calls, ms, { ended: calls === film.steps ? "done" : "stopped" }));
  return film;
}

const uris = new WeakMap(); // of pictures, which don't change

function picturesOf({ step, t, x, x_start }) {
  return { step, t, x: uriOf(x), x_start: uriOf(x_start) };
}

/** @param {{width: number, height: number, greys: Uint8Array, filled?: Uint8Array}} picture */
export function uriOf(picture) {
  if (!uris.has(picture)) uris.set(picture, canvasOf(picture).toDataURL());
  return uris.get(picture);
}

/** Of grey levels; see-through where a grid has gaps. */
function canvasOf({ width, height, greys, filled }) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pixels = new ImageData(width, height);
  greys.forEach((grey, k) => {
    pixels.data.fill(grey, 4 * k, 4 * k + 3);
    pixels.data[4 * k + 3] = !filled || filled[k] ? 255 : 0;
  });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return canvas;
}

/** The newest pictures, enlarged, with the link to what they show in their metadata.
 * @param {Film} film @param {string} link @returns {Promise<Blob>} */
export async function pngOf({ frames }, link) {
  const canvas = canvasOf(enlarged(frames.at(-1).x));
  return commented(await new Promise((resolve) => canvas.toBlob(resolve)), link);
}

/** The film in the same way. @param {Film} film @param {string} link @returns {Blob} */
export const gifOfFilm = ({ frames }, link) =>
  gifBlob(
    frames.map(({ x }) => x),
    link,
  );

/** Pictures, enlarged, one after the other in this many seconds.
 * @param {{width: number, height: number, greys: Uint8Array}[]} pictures
 * @param {string} link to what they show
 * @param {number} [seconds]
 * @returns {Blob} */
export function gifBlob(pictures, link, seconds) {
  return new Blob([gifOf(pictures.map(enlarged), seconds, link)], { type: "image/gif" });
}

/** Have the browser save a file. */
export function save(blob, download) {
  const href = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href, download }).click();
  setTimeout(() => URL.revokeObjectURL(href));
}
