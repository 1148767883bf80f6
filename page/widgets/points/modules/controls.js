/** The settings of the backward process: what a hand sets, and which of it applies. */

import { SAMPLERS } from "../../../in_browser/diffusion/samplers.js";
import { NAMES } from "../../../in_browser/diffusion/schedule.js";
import { isStraight } from "../../../in_browser/points/world.js";

// "consistency" is for networks that learned to jump
const OFFERED = Object.keys(SAMPLERS).filter((name) => name !== "consistency");
const STOPS = [1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100, 200, 500, 1000];
const [FEWEST, MOST] = [STOPS[0], STOPS.at(-1)];
const GUIDES = ["none", "class", "worse"];
const WAYS = ["diffusion", "network", "flow", "reflow"];

export const USUAL = {
  way: "diffusion",
  schedule: "cosine",
  sampler: "ddim",
  calls: 20,
  guide: "none",
  label: 0,
  scale: 2,
  seed: 0,
  arrows: true,
  paths: true,
};

/** @typedef {typeof USUAL} State */

/** @param {import("./chooser.js").Kit} kit
 * @param {State} state
 * @param {(changes: Partial<State>) => void} change
 * @param {() => string|undefined} drawn the text form of the schedule that a hand has drawn
 * @returns {{parts: HTMLElement[],
 *   update: (classes: number, ready: Record<string, unknown>) => void}} `ready` has what the ways
 *   need that must be worked out first */
export function makeControls({ say }, state, change, drawn) {
  const named = (key) => make("span", { dataset: { say: `points_${key}` } });
  const line = (key, ...parts) => make("label", { className: "line bar" }, named(key), ...parts);

  function choices(key, names, textOf) {
    const buttons = names.map((name) => {
      const dataset = { value: name, say: textOf(name) };
      return make("button", { type: "button", dataset, onclick: () => change({ [key]: name }) });
    });
    const dataset = { label: `points_${key}` };
    const group = make("div", { className: "choices", role: "group", dataset }, ...buttons);
    const update = () => {
      for (const each of buttons) each.ariaPressed = String(each.dataset.value === state[key]);
    };
    return { group, buttons, update };
  }

  function select(key, read = String) {
    return make("select", { onchange: ({ target }) => change({ [key]: read(target.value) }) });
  }

  function box(key) {
    const onchange = ({ target }) => change({ [key]: target.checked });
    const input = make("input", { type: "checkbox", onchange });
    return [input, make("label", { className: "labelled" }, input, named(key))];
  }

  const way = choices("way", WAYS, (name) => `points_way_${name}`);
  const sampler = choices("sampler", OFFERED, (name) => `sampler_${name}`);
  const [schedule, guide, label] = [select("schedule"), select("guide"), select("label", Number)];
  const dataset = { label: "points_calls" };
  const calls = make("input", { type: "range", min: 0, max: STOPS.length - 1, step: 1, dataset });
  const number = make("input", { type: "number", min: FEWEST, max: MOST, step: 1, dataset });
  const scale = make("input", { type: "range", min: 0, max: 5, step: 0.25 });
  const scaleNow = make("output");
  const [[arrows, arrowsTick], [paths, pathsTick]] = [box("arrows"), box("paths")];
  const fresh = make("button", {
    type: "button",
    dataset: { say: "points_fresh" },
    onclick: () => change({ seed: state.seed + 1 }),
  });
  const lines = {
    schedule: line("schedule", schedule),
    calls: line("calls", calls, number),
    guide: line("guide", guide),
    label: line("label", label),
    scale: line("scale", scale, scaleNow),
  };
  const why = make("p", { className: "small" });
  const shown = make("div", { className: "bar wrapping" }, arrowsTick, pathsTick, fresh);

  const take = (value) => {
    if (Number.isInteger(value) && value >= FEWEST && value <= MOST) change({ calls: value });
  };
  calls.addEventListener("input", () => take(STOPS[calls.value]));
  number.addEventListener("input", () => take(Number(number.value)));
  number.addEventListener("blur", () => {
    number.value = state.calls;
  });
  scale.addEventListener("input", () => change({ scale: Number(scale.value) }));

  function update(classes, ready) {
    const isFlow = isStraight(state.way);
    const guides = GUIDES.filter((name) => name !== "class" || classes > 1);
    way.update();
    sampler.update();
    for (const [name, found] of Object.entries(ready)) {
      way.buttons[WAYS.indexOf(name)].hidden = !found;
    }
    sampler.group.hidden = lines.schedule.hidden = isFlow;
    lines.guide.hidden = state.way in ready;
    lines.label.hidden = lines.guide.hidden || state.guide !== "class";
    lines.scale.hidden = lines.guide.hidden || state.guide === "none";
    const own = state.schedule.startsWith("drawn") ? state.schedule : drawn();
    const schedules = NAMES.map((name) => [name, say(`schedule_${name}`)]);
    const all = own ? [...schedules, [own, say("schedule_drawn")]] : schedules;
    fillSelect(schedule, all, state.schedule);
    const named = guides.map((name) => [name, say(`points_guide_${name}`)]);
    fillSelect(guide, named, state.guide);
    const each = Array.from({ length: classes }, (_, k) => [k, say("points_class", { k: k + 1 })]);
    fillSelect(label, each, state.label < classes ? state.label : 0);
    calls.value = nearestStop(STOPS, state.calls);
    calls.setAttribute("aria-valuetext", state.calls);
    if (document.activeElement !== number) number.value = state.calls;
    scale.value = state.scale;
    scaleNow.textContent = state.scale.toFixed(2);
    [arrows.checked, paths.checked] = [state.arrows, state.paths];
    why.textContent = say(`points_why_${isFlow ? state.way : state.sampler}`);
  }

  const { schedule: of, calls: many, guide: by, label: which, scale: much } = lines;
  const parts = [way.group, of, sampler.group, why, many, by, which, much, shown];
  return { parts, update };
}
