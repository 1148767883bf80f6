/** Buttons for the clouds, and a pad on which a finger, a mouse or the keyboard draws one. */

import { REACH } from "../../../in_browser/points/world.js";
import { choice, choose, NAMES, OWN, onChoice } from "./choice.js";
import { planeOn } from "./plane.js";

const MOST = 400; // places of a drawing
const APART = 0.07; // two places, at least
const STEP = 0.15; // of an arrow key
const EDGE = REACH - 0.4;
let isFirst = true; // all choosers share one choice
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @typedef {{root: HTMLElement, say: (key: string, values?: object) => string}} Kit */

/** @param {Kit} kit
 * @returns {{buttons: HTMLElement, pad: HTMLElement, translate: () => void, redraw: () => void}} */
export function makeChooser({ say }) {
  const named = (tag, key, properties) => make(tag, { ...properties, dataset: { say: key } });
  const each = NAMES.map((name) => {
    const dataset = { cloud: name, say: `points_cloud_${name}` };
    return make("button", { type: "button", dataset, onclick: () => choose({ cloud: name }) });
  });
  const choices = { className: "choices", role: "group", dataset: { label: "points_cloud" } };
  const buttons = make("div", choices, ...each);
  const drawn = { tabIndex: 0, role: "application", dataset: { label: "points_pad" } };
  const canvas = make("canvas", drawn);
  const clear = named("button", "points_pad_clear", { type: "button" });
  const how = named("p", "points_pad_how", { className: "small" });
  const count = make("output", { className: "small" });
  const beside = make("div", { className: "beside" }, how, clear, count);
  const pad = make("div", { className: "card drawn-by-hand" }, canvas, beside);
  const plane = planeOn(canvas);
  let place = [0, 0]; // of the keyboard
  const kept = isFirst && recall("points-cloud"); // of before the page was loaded
  isFirst = false;
  if (kept && NAMES.includes(kept.cloud)) choose(kept);

  function add([x, y]) {
    const places = choice.isHeart ? [] : choice.places;
    const held = [x, y].map((part) => Math.min(EDGE, Math.max(-EDGE, part)));
    const isNear = places.some(
      (other) => Math.hypot(other[0] - held[0], other[1] - held[1]) < APART,
    );
    if (isNear || places.length >= MOST) return;
    choose({ places: [...places, held], isHeart: false });
  }

  function redraw() {
    if (choice.cloud !== OWN || !canvas.clientWidth) return;
    plane.begin();
    plane.points(choice.places.flat(), { radius: 2.4 });
    if (document.activeElement === canvas) plane.ring(place);
  }

  function update() {
    for (const button of each) button.ariaPressed = String(button.dataset.cloud === choice.cloud);
    pad.hidden = choice.cloud !== OWN;
    const drawn = { count: choice.places.length };
    count.textContent = choice.isHeart ? "" : say("points_places", drawn);
    redraw();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
    event.preventDefault();
    add(plane.placeOf(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) add(plane.placeOf(one));
  });
  canvas.addEventListener("keydown", (event) => {
    const way = WAYS[event.key];
    if (!way && event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    if (way) place = place.map((part, k) => Math.min(EDGE, Math.max(-EDGE, part + STEP * way[k])));
    else add(place);
    redraw();
  });
  for (const event of ["focus", "blur"]) canvas.addEventListener(event, redraw);
  clear.addEventListener("click", () => choose({ places: [], isHeart: false }));
  onChoice(() => {
    remember("points-cloud", choice);
    update();
  });

  return { buttons, pad, translate: update, redraw };
}
