/** Compare: rows and columns of pictures from one noise. page/tabs/generate/compare/compare.py. */

import data from "../../data.js";
import { COUNTS, drawComparison, requestsOf } from "../../in_browser/comparison.js";
import { ANY } from "../../in_browser/diffusion/guidance.js";
import { Form } from "../form/form.js";
import { fit, form, requestOf } from "../form/settings.js";
import { mount } from "../host.js";
import { filesOf } from "../models.js";
import { tell, tellFailure } from "../words.js";

const OWN = ["axis", "across", "schedules"];
const NONE = "none";
const PLACE = data.places.compare;
const [go, stop] = ["go", "stop"].map((name) => document.getElementById(`compare-${name}`));
let pace = 80; // pictures through the network per second, until they are counted
let axes;
let view;
let run = null; // what ends the one that is under way

export async function open() {
  form();
  const settings = PLACE.settings.filter(({ name }) => OWN.includes(name));
  const root = document.getElementById("compare-form");
  axes = new Form(root, settings, "static-compare", arrange);
  view = await mount("compare-view", { value: { rows: [] }, plan: null });
  go.addEventListener("click", compare);
  stop.addEventListener("click", () => run?.abort());
  document.addEventListener("settings", arrange);
  go.disabled = false;
  arrange();
}

const chosen = () => {
  const { axis, across } = axes.values;
  return across === NONE ? [axis] : [axis, across];
};

function arrange() {
  axes.show("schedules", chosen().includes("schedule"));
  const plan = planOf();
  const cells = plan.requests?.flat() ?? [];
  const calls = cells.reduce((sum, { steps }) => sum + steps, 0);
  const count = COUNTS[chosen().length];
  const seconds = Math.max(1, Math.round((calls * count) / pace));
  view.set({ plan: plan.refused ? plan : { count, cells: cells.length, calls, seconds } });
}

function valuesOf(name, model) {
  const kind = data.models[model];
  if (name === "sampler") return kind.samplers.map(([, value]) => value);
  if (name === "steps" && kind.few.length) return kind.few;
  if (name === "schedule") return axes.values.schedules;
  const isPulled = chosen().includes("guidance"); // towards a class
  return data.axes[name].filter((value) => name !== "label" || value >= 0 || !isPulled);
}

/** The requests by row and column, or the key of why there are none. */
function planOf() {
  const names = chosen();
  const { model, ...shared } = form().values;
  const { fixed, samplers } = data.models[model];
  if (names.length === 2 && names[0] === names[1]) return { refused: "same_axis" };
  if (names.length === 2 && names[0] === "calls") return { refused: "calls_alone" };
  const isFixed = names.some((name) => name in fixed);
  if (isFixed || (samplers.length === 1 && names.includes("sampler"))) return { refused: "fixed" };
  if (names.includes("schedule") && !axes.values.schedules.length)
    return { refused: "no_schedule" };
  const label = names.includes("guidance") && shared.label === ANY ? 0 : shared.label; // to pull towards
  const plain = requestOf({ model, ...shared, label });
  const requests = requestsOf(names, (name) => valuesOf(name, model), { ...plain, model });
  if (names[0] !== "calls") return { requests, names, plain: { model, ...plain } };
  const rows = requests.map(([each], k) => [{ ...each, ...data.calls[k] }]); // and all else
  return { requests: rows, names, plain: { label, seed: plain.seed } };
}

async function compare() {
  const plan = planOf();
  if (plan.refused) return arrange();
  run = new AbortController();
  const own = run;
  tell("");
  [go.disabled, stop.disabled] = [true, false];
  try {
    await drawAll(plan, own);
  } catch (failure) {
    tellFailure(failure);
    view.set({ value: { rows: [] } });
  }
  if (own !== run) return;
  [go.disabled, stop.disabled] = [false, true];
  run = null;
}

async function drawAll({ requests, names, plain }, { signal }) {
  const [axis, across = null] = names;
  const same = Object.entries(plain).filter(([name]) => ![...names, "count"].includes(name));
  const facts = { axis, across, classes: data.classes, same: Object.fromEntries(same) };
  const show = (value) => view.set({ value });
  const files = ({ model }) => filesOf(model);
  const found = await drawComparison(files, requests, facts, show, signal);
  if (found) pace = found;
}

export const shown = () => ({ ...form().values, ...axes.values });

export const usual = ({ model }) => data.models[model]?.usual ?? {};

/** A comparison is only set: as on the full page, a hand or the tour starts it. */
export function follow(values) {
  form().set({ ...form().defaults(), ...values });
  fit();
  axes.set({ ...axes.defaults(), ...values });
  arrange();
}
