/** Walk, all of whose work is in its instrument. */

import data from "../../data.js";
import { mount } from "../host.js";
import { filesOf } from "../models.js";

const CORNERS = 4;
let view;
let count = 0; // of the links that led to a place

export async function open() {
  const { model, calls } = data.walk;
  const browser = { files: filesOf(model), calls };
  view = await mount("walk-view", { ask: null, browser });
}

export const shown = () => window.walkShown();

/** Of a link without them, the corners' seeds follow from its seed. */
export function usual({ seed = 0 }) {
  return Object.fromEntries(Array.from({ length: CORNERS }, (_, k) => [`seed_${k}`, seed + k]));
}

export function follow(values) {
  const plain = data.places.walk.settings.map(({ name, default: value }) => [name, value]);
  const given = { ...Object.fromEntries(plain), ...usual(values), ...values };
  const each = (kind) => Array.from({ length: CORNERS }, (_, k) => given[`${kind}_${k}`]);
  const { x, y, corners, label, seed } = given;
  const place = { x, y, corners, label, seed, classes: each("corner"), seeds: each("seed") };
  view.set({ value: { place, linked: ++count } });
}
