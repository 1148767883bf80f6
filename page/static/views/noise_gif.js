/** The forward process as a GIF: page/tabs/noise/forward.py. */

import { named } from "../../in_browser/diffusion/schedule.js";
import { gifBlob, save } from "../../in_browser/draw.js";
import { indexed } from "../../in_browser/palette.js";
import { say } from "../words.js";
import { epsOf } from "./pictures.js";

const FRAMES = 30;
const [SAVED_PX, GAP, LINE] = [800, 2, 22]; // the width at least; between pictures; a line of words
const FONT = "14px sans-serif";

/** x_t under each schedule, side by side, with the schedules' names above and t below.
 * @param {{size: number, channels: number, levels: Uint8Array}} picture
 * @param {{T: number, schedules: string[], notebook: boolean, zero_terminal: boolean,
 *   seed: number}} values
 * @param {string} link to what it shows */
export async function saveForward(picture, values, link) {
  const { T, schedules, notebook, seed } = values;
  const end = values.zero_terminal ? "~zero_terminal" : "";
  const tables = schedules.map((text) => named(text + end, T, { rescale: !notebook }));
  const plain = schedules.map((text) => text.split("~")[0]);
  const names = plain.map((name) => say(`schedule_${name}`));
  const eps = epsOf(picture, seed);
  const count = Math.min(T, FRAMES);
  const frames = [];
  for (let k = 0; k < count; k++) {
    const t = Math.floor((k * (T - 1)) / (count - 1));
    const pictures = tables.map((table) => blended(picture, eps, table.alphasCumprod[t]));
    const { data, width, height } = frameOf(pictures, names, `t = ${t} / ${T - 1}`);
    const isGrey = picture.channels === 1;
    const colours = isGrey ? { greys: data.filter((_, i) => i % 4 === 0) } : indexed(data);
    frames.push({ width, height, ...colours });
    await new Promise((resolve) => setTimeout(resolve)); // a hand may go on
  }
  save(gifBlob(frames, link), `forward-${plain.join("-")}-T${T}-seed${seed}.gif`);
}

/** √ᾱ x_0 + √(1-ᾱ) ε */
function blended({ size, channels, levels }, eps, alphaCumprod) {
  const image = new ImageData(size, size);
  const [signal, noise] = [Math.sqrt(alphaCumprod), 127.5 * Math.sqrt(1 - alphaCumprod)];
  image.data.fill(255);
  for (let i = 0; i < image.data.length; i++) {
    if (i % 4 === 3) continue;
    const at = Math.floor(i / 4) * channels + Math.min(i % 4, channels - 1);
    image.data[i] = signal * (levels[at] - 127.5) + noise * eps[at] + 127.5; // held to 0 … 255
  }
  return image;
}

/** Enlarged by whole pixels. */
function frameOf(pictures, names, time) {
  const [{ width: size }, count] = [pictures[0], pictures.length];
  const gap = count > 1 ? GAP : 0;
  const [across, down] = [count, 1].map((n) => gap + n * (size + gap));
  const small = sheet(across, down);
  pictures.forEach((picture, k) => {
    small.putImageData(picture, gap + k * (size + gap), gap);
  });
  const scale = Math.ceil(SAVED_PX / across);
  const [width, height] = [scale * across, scale * down + 2 * LINE];
  const frame = sheet(width, height);
  frame.imageSmoothingEnabled = false;
  frame.drawImage(small.canvas, 0, LINE, width, scale * down);
  Object.assign(frame, { font: FONT, textAlign: "center", textBaseline: "middle" });
  names.forEach((name, k) => {
    frame.fillText(name, (width * (2 * k + 1)) / (2 * count), LINE / 2);
  });
  frame.fillText(time, width / 2, height - LINE / 2);
  return frame.getImageData(0, 0, width, height);
}

/** White, to be written on in black. */
function sheet(width, height) {
  const canvas = make("canvas", { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "black";
  return context;
}
