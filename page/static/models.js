/** The models of this edition, as their workers are given them. */

import data from "../data.js";

const at = (path) => new URL(`../${path}`, import.meta.url).href;

/** @returns {import("../in_browser/drawing.js").Files} */
export function filesOf(model) {
  return {
    page: at("in_browser/drawing.js"),
    draw: at("in_browser/draw.js"),
    worker: at("in_browser/worker.js"),
    runtime: at(data.runtime),
    wasm: at(data.wasm),
    model: at(data.models[model].file),
  };
}
