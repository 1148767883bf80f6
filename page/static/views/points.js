/** Points in the plane, all of whose work is in their instrument. */

import data from "../../data.js";
import { mount } from "../host.js";
import { addressOf } from "../models.js";

let view;
let count = 0; // of the links that led here

export async function open() {
  const script = addressOf("widgets/points/modules/backward.js");
  view = await mount("points-backward", { script });
}

export const shown = () => window.pointsShown() ?? {};

export const usual = () => ({});

export function follow(values) {
  const plain = data.places.points.settings.map(({ name, default: value }) => [name, value]);
  view.set({ value: { settings: { ...Object.fromEntries(plain), ...values }, linked: ++count } });
}
