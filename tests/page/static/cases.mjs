// How the static edition's modules answer a case of each kind: see test_modules.py.

import { Film, gridOf } from "../../../page/in_browser/film.js";
import { gifOf } from "../../../page/in_browser/gif.js";
import { named } from "../../../page/in_browser/diffusion/schedule.js";
import { begin } from "../../../page/in_browser/diffusion/trajectory.js";
import { indexed } from "../../../page/in_browser/palette.js";
import { commented } from "../../../page/in_browser/png_comment.js";
import { isSchedule, read, write } from "../../../page/static/links.js";
import { withNoise } from "../../../page/static/views/pictures.js";
import { tablesFor } from "../../../page/static/views/tables.js";

export const RUNS = {
  write: ({ place, settings, values, usual }) => write(place, settings, values, usual),
  read: ({ query, settings }) => read(query, settings),
  schedules: ({ texts }) => texts.map((text) => isSchedule(text)),
  tables: ({ T, names, notebook, zero, limits, known }) =>
    tablesFor(T, names, notebook, zero, limits, known),
  noise: ({ size, channels, levels, seed }) =>
    withNoise({ size, channels, levels: Uint8Array.from(levels) }, seed),
  grid: ({ x, count, side }) => {
    const { width, height, greys } = gridOf(x, count, side);
    return { width, height, greys: [...greys] };
  },
  gif: ({ frames, seconds, comment }) => {
    const whole = frames.map((each) => ({ ...each, greys: Uint8Array.from(each.greys) }));
    return Buffer.from(gifOf(whole, seconds, comment)).toString("base64");
  },
  palette: ({ width, height, pixels }) => {
    const coloured = { width, height, ...indexed(Uint8ClampedArray.from(pixels)) };
    return Buffer.from(gifOf([coloured, coloured])).toString("base64");
  },
  png: async ({ png, comment }) => {
    const whole = await commented(new Blob([Buffer.from(png, "base64")]), comment);
    return Buffer.from(await whole.arrayBuffer()).toString("base64");
  },
  film: async ({ count, request }) => {
    const model = ideal(request.classes, request.info);
    const { x, times, steps } = begin(model, { ...request, count });
    const film = new Film(x, times, count, 4);
    const states = [[...x]];
    for await (const step of steps) {
      film.add(step);
      states.push([...step.x]);
    }
    const frames = film.frames.map(({ step, t }) => [step, t]);
    return { times, states, frames };
  },
};

/** A model of 4 × 4 pixels that speaks ε of normal data, whose mean moves with the label. */
function ideal(classes, info) {
  const schedule = named("cosine", 1000);
  const denoiser = (x, t, labels) => {
    const low = Math.min(schedule.logSnr.length - 2, Math.floor(t));
    const at = schedule.logSnr[low] + (t - low) * (schedule.logSnr[low + 1] - schedule.logSnr[low]);
    const acp = schedule.alphasCumprod[t] ?? 1 / (1 + Math.exp(-at));
    const [signal, sigma] = [Math.sqrt(acp), Math.sqrt(1 - acp)];
    const moved = (k) => {
      const row = Math.floor(k / 16) * (classes + 1);
      let mean = -0.4;
      for (let c = 0; c <= classes; c++) mean += 0.1 * c * labels[row + c];
      return mean;
    };
    return Float64Array.from(
      x,
      (value, k) => (sigma * (value - signal * moved(k))) / (acp * 0.09 + 1 - acp),
    );
  };
  const config = { diffusion: { schedule: "cosine" }, unet: { image_size: 4 } };
  return { denoiser, pixels: 16, classes, schedule, config, info };
}
