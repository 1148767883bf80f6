/** The settings that Draw and Compare share, and what the chosen model makes of them. */

import data from "../../data.js";
import { Form } from "./form.js";

let made;

/** Made when it is first asked for. */
export function form() {
  if (!made) {
    const root = document.getElementById("generate-form");
    const { settings } = data.places.generate;
    made = new Form(root, settings, "static-generate", changed);
    fit();
  }
  return made;
}

function changed(name) {
  if (name === "model") fit();
  document.dispatchEvent(new Event("settings"));
}

/** Offer what the model can do, and nothing else. */
export function fit() {
  const kind = data.models[form().values.model];
  form().offer("sampler", kind.samplers);
  form().offer("steps", kind.stops);
  const { steps } = form().values;
  if (kind.few.length && !kind.few.includes(steps)) form().set({ steps: kind.steps });
  else if (steps < kind.stops[0]) form().set({ steps: kind.stops[0] });
  const isCompare = placeShown() === "compare"; // which has a number of pictures of its own
  for (const { name } of form().settings) {
    form().show(name, kind.shows.includes(name) && !(isCompare && name === "count"));
  }
}

document.addEventListener("place", () => made && fit());

/** As trajectory.js takes it. */
export function requestOf({ model, ...values }) {
  const { fixed } = data.models[model];
  return { ...values, ...fixed };
}
