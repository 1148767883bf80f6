/** Walk, all of whose work is in its instrument. */

import data from "../data.js";
import { mount } from "./host.js";
import { filesOf } from "./models.js";

const CORNERS = 4;
let view;
let count = 0; // of the links that led to a place

export async function open() {
  const { model, calls } = data.walk;
  const browser = { files: { ...filesOf(model), page: urlOf("drawing.js") }, calls };
  view = await mount("walk-view", { ask: null, browser });
}

const urlOf = (name) => new URL(`../in_browser/${name}`, import.meta.url).href;

export const shown = () => window.walkShown();

export const usual = () => ({});

export function follow(values) {
  const plain = data.places.walk.settings.map(({ name, default: value }) => [name, value]);
  const given = { ...Object.fromEntries(plain), ...values };
  const classes = Array.from({ length: CORNERS }, (_, k) => given[`corner_${k}`]);
  const { x, y, corners, label, seed } = given;
  view.set({ value: { place: { x, y, corners, label, classes, seed }, linked: ++count } });
}
