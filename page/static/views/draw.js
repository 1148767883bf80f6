/** Draw: a run of a model in this browser, its film, and its files. */

import data from "../../data.js";
import { ANY, EACH } from "../../in_browser/diffusion/guidance.js";
import { drawFilm, gifOfFilm, pngOf, save } from "../../in_browser/draw.js";
import { fit, form, requestOf } from "../form/settings.js";
import { mount } from "../host.js";
import { filesOf } from "../models.js";
import { tell, tellFailure } from "../words.js";

const [go, stop, png, gif] = ["go", "stop", "png", "gif"].map((name) =>
  document.getElementById(`generate-${name}`),
);
let view;
let film; // the last one
let run = null; // what ends the one that is under way

export async function open() {
  form();
  view = await mount("generate-view", { value: { frames: [] }, opening: null });
  go.addEventListener("click", () => {
    tell("");
    draw();
  });
  stop.addEventListener("click", () => run?.abort());
  png.addEventListener("click", async () =>
    save(await pngOf(film, linkTo(film)), `${nameOf(film)}.png`),
  );
  gif.addEventListener("click", () => save(gifOfFilm(film, linkTo(film)), `${nameOf(film)}.gif`));
  go.disabled = false;
}

async function draw() {
  const request = requestOf(form().values);
  const { model } = form().values;
  const schedule = request.schedule === data.schedule ? null : request.schedule;
  const doubled = ![0, 1].includes(request.guidance) && request.label !== ANY;
  const facts = { doubled, schedule, student: data.walk.model };
  begin();
  const own = run;
  try {
    const drawn = await drawFilm(
      filesOf(model),
      request,
      facts,
      (value) => own === run && view.set({ value }),
      own.signal,
    );
    if (drawn) film = Object.assign(drawn, { request, model });
    else view.set({ value: { ...view.props.value, here: undefined } });
  } catch (failure) {
    tellFailure(failure);
    view.set({ value: { ...view.props.value, here: undefined } });
  }
  if (own === run) end();
}

function begin() {
  run = new AbortController();
  stop.disabled = false;
  go.disabled = png.disabled = gif.disabled = true;
}

function end() {
  go.disabled = false;
  stop.disabled = true;
  png.disabled = gif.disabled = !film;
  run = null;
}

/** Which the full page opens too. */
const linkTo = ({ request, model }) => `${address()}#${linkOf("generate", { model, ...request })}`;

/** As the full page names its files. */
function nameOf({ request, steps }) {
  const { label, sampler, seed } = request;
  const subject = { [ANY]: "any", [EACH]: "each" }[label] ?? data.classes[label];
  return `${subject}-${sampler}-${steps}-steps-seed-${seed}`.toLowerCase().replace(/[/ ]/g, "-");
}

export const shown = () => form().values;

export const usual = ({ model }) => data.models[model]?.usual ?? {};

/** A link is drawn as soon as it is open. */
export function follow(values) {
  form().set({ ...form().defaults(), ...values });
  fit();
  run?.abort();
  run = null;
  draw();
}
