/** The models of this edition, as their workers are given them. */

import data from "../data.js";

/** A file of this edition, by its path below the folder of its version. */
export const addressOf = (path) => new URL(`../${path}`, import.meta.url).href;

/** @returns {import("../in_browser/drawing.js").Files} */
export function filesOf(model) {
  return {
    page: addressOf("in_browser/drawing.js"),
    draw: addressOf("in_browser/draw.js"),
    worker: addressOf("in_browser/worker.js"),
    runtime: addressOf(data.runtime),
    wasm: addressOf(data.wasm),
    model: addressOf(data.models[model].file),
  };
}
