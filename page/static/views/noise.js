/** The Noise tab: what page/tabs/noise/tab.py and forward.py do for noise_view.js. */

import data from "../../data.js";
import { named } from "../../in_browser/diffusion/schedule.js";
import { Form } from "../form/form.js";
import { mount } from "../host.js";
import { write } from "../links.js";
import { addressOf } from "../models.js";
import { say, tell } from "../words.js";
import { readPicture, withNoise } from "./pictures.js";
import { inBase64, tablesFor } from "./tables.js";

const PLACE = data.places.noise;
const SHOWN = ["schedules", "T", "notebook", "zero_terminal", "seed"];
const { limits, known } = data.noise;
const makeGif = document.getElementById("noise-make-gif");
let view;
let form;
let picture; // as readPicture has it
let asked = 0; // links that were opened

export async function open() {
  const settings = SHOWN.map((name) => PLACE.settings.find((each) => each.name === name));
  form = new Form(document.getElementById("noise-form"), settings, "static-noise", changed);
  const examples = [...document.querySelectorAll("#noise-examples .gallery-item")];
  for (const button of examples) button.addEventListener("click", () => example(button));
  picture = await fetched(examples[0].querySelector("img").src);
  const seen = named(data.schedule, data.T).logSnr;
  view = await mount("noise-view", {
    value: withNoise(picture, form.values.seed),
    tables: tables(),
    model_log_snr: inBase64(seen),
  });
  mount("points-forward", { script: addressOf("widgets/points/modules/forward.js") });
  listen();
}

function tables() {
  const { T, schedules, notebook, zero_terminal: zero } = form.values;
  const names = known.filter((name) => schedules.includes(name));
  return tablesFor(T, names, notebook, zero, limits, known);
}

function changed(name) {
  if (name === "seed") view.set({ value: withNoise(picture, form.values.seed) });
  else view.set({ tables: tables() });
}

async function fetched(source) {
  return readPicture(await (await fetch(source)).blob());
}

let choices = 0; // a large picture, which is read slowly, gives way to one that is chosen later

async function example(button) {
  const { src } = button.querySelector("img");
  const own = ++choices;
  const read = await fetched(src);
  if (own !== choices) return;
  picture = read;
  show(src);
}

function show(src) {
  document.querySelector("#noise-image img").src = src;
  view.set({ value: withNoise(picture, form.values.seed) });
  tell("");
}

/** A visitor's own picture: chosen, dropped or pasted. */
async function take(file) {
  if (!file) return;
  const own = ++choices;
  let read;
  try {
    read = await readPicture(file);
  } catch {
    const isHeic = /\.hei[cf]$/i.test(file.name) || /hei[cf]/.test(file.type);
    tell(() => say(isHeic ? "upload_heic" : file.size ? "upload_unknown" : "upload_empty"));
    return;
  }
  if (own !== choices) return;
  picture = read;
  show(URL.createObjectURL(file));
}

function listen() {
  const area = document.getElementById("noise-image");
  const input = area.querySelector("input");
  input.addEventListener("change", () => take(input.files[0]));
  area.addEventListener("dragover", (event) => event.preventDefault());
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", ({ clipboardData, target }) => {
    const file = [...clipboardData.files].find(({ type }) => type.startsWith("image/"));
    if (file && !target.matches("input, textarea")) take(file);
  });
  // what the view's buttons click
  for (const id of ["mismatch-go", "noise-use-train"]) {
    const button = make("button", { id, type: "button", hidden: true });
    button.addEventListener("click", () => tell(() => say("static_full")));
    area.append(button);
  }
  const use = make("button", { id: "noise-use-generate", type: "button", hidden: true });
  use.addEventListener("click", () => {
    const text = window.noiseShown().schedules.find((each) => each.startsWith("drawn"));
    const zero = form.values.zero_terminal ? "~zero_terminal" : "";
    openLink(`generate?v=1&schedule=${encodeURIComponent(text + zero)}`);
  });
  area.append(use);
  makeGif.addEventListener("click", saveGif);
  makeGif.disabled = false;
}

/** Under the schedules that are chosen, the drawn one among them. */
async function saveGif() {
  const values = { ...form.values, schedules: window.noiseShown().schedules };
  tell(() => (values.schedules.length ? "" : say("noise_none")));
  if (!values.schedules.length) return;
  makeGif.disabled = true;
  try {
    const { saveForward } = await import("./noise_gif.js");
    await saveForward(picture, values, `${address()}#${write("noise", PLACE.settings, values)}`);
  } finally {
    makeGif.disabled = false;
  }
}

/** What a link to this place names. */
export function shown() {
  return { ...form.values, ...window.noiseShown() };
}

/** What a link leaves out. */
export function usual({ T }) {
  const own = T ?? PLACE.settings.find(({ name }) => name === "T").default;
  return { t: Math.floor(data.noise.share * (own - 1) + 0.5) };
}

export function follow(values) {
  const given = { ...form.defaults(), ...values };
  const drawn = given.schedules.find((text) => !known.includes(text));
  form.set({ ...given, schedules: given.schedules.filter((text) => text !== drawn) });
  const points = drawn
    ?.split("~")
    .slice(1)
    .filter((part) => /^[\d.]/.test(part))
    .map((part) => part.split("_").map(Number));
  const t = given.t ?? usual(given).t;
  view.set({ value: withNoise(picture, given.seed), tables: tables() });
  const linked = { asked: ++asked, points: points ?? null, share: Math.min(1, t / (given.T - 1)) };
  view.set({ linked: { ...linked, hidden: given.hidden ?? [], details: given.details ?? false } });
}
