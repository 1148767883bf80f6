/** A picture for noise_view.js: x_0 from a file, and a seed's ε. page/tabs/noise/forward.py. */

import { Generator } from "../../in_browser/diffusion/noise.js";
import { inBase64 } from "./tables.js";

const MAX_SIZE = 128; // pixels per side; smaller pictures keep their size
const EPS_STEP = 1 / 4096; // ε is given as int16

/** The square in the middle of a picture, at most MAX_SIZE wide: grey if all of it is.
 * @param {Blob} file
 * @returns {Promise<{size: number, channels: number, levels: Uint8Array}>} */
export async function readPicture(file) {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  const [side, size] = [Math.min(width, height), Math.min(MAX_SIZE, width, height)];
  const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.fillStyle = "white";
  context.fillRect(0, 0, size, size); // below what is transparent
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  context.drawImage(bitmap, left, top, side, side, 0, 0, size, size);
  bitmap.close();
  return levelsOf(context.getImageData(0, 0, size, size).data, size);
}

function levelsOf(pixels, size) {
  let isGrey = true;
  for (let k = 0; k < pixels.length && isGrey; k += 4) {
    isGrey = pixels[k] === pixels[k + 1] && pixels[k] === pixels[k + 2];
  }
  const channels = isGrey ? 1 : 3;
  const levels = new Uint8Array(size * size * channels);
  for (let k = 0, i = 0; k < pixels.length; k += 4) {
    for (let channel = 0; channel < channels; channel++) levels[i++] = pixels[k + channel];
  }
  return { size, channels, levels };
}

/** A seed's ε, pixel by pixel. It is drawn channel by channel, as PyTorch has it. */
export function epsOf({ size, channels, levels }, seed) {
  const drawn = new Generator(seed).randn(levels.length);
  const area = size * size;
  return Float32Array.from(
    levels,
    (_, i) => drawn[(i % channels) * area + Math.floor(i / channels)],
  );
}

/** The value of noise_view.js. */
export function withNoise(picture, seed) {
  const { size, channels, levels } = picture;
  // no half is ever drawn
  const eps = Int16Array.from(epsOf(picture, seed), (value) => Math.round(value / EPS_STEP));
  const x_start = inBase64(levels, Uint8Array);
  return { size, channels, seed, x_start, eps: inBase64(eps, Int16Array), eps_step: EPS_STEP };
}
