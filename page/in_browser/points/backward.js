/** Noise that becomes a cloud again: points follow a sampler through the field of an exact denoiser. */

import { makeCard } from "./card.js";
import { choice, choose, cloudNow, onChoice } from "./choice.js";
import { makeChooser } from "./chooser.js";
import { makeControls, USUAL } from "./controls.js";
import { makeFollower } from "./follower.js";
import { gridOf, planeOn, whenLooksChange } from "./plane.js";
import { summaryOf } from "./summary.js";
import { FOLLOWERS, guesses, isStraight, KNOWN, worldOf } from "./world.js";

const SWEEP_MS = 4000; // from noise to the cloud, whatever the number of calls
const WITH_WAYS = 100; // points whose ways are drawn
const GRID = 19; // arrows in a row

/** @param {import("./chooser.js").Kit} kit
 * @param {() => string|undefined} drawn the text form of the schedule that a hand has drawn
 * @param {object|null} linked the settings of a link
 * @returns {{translate: () => void, settings: () => object, set: (linked: object) => void}} which
 *   says everything again, in the page's language; what a link says; and takes what one says */
export function showBackward(kit, drawn, linked) {
  const { root, say, make } = kit;
  const state = { ...USUAL, ...kit.recall("points") };
  const chooser = makeChooser(kit);
  const controls = makeControls(kit, state, change, drawn);
  const cards = [makeCard(kit, "reflow", reflow), makeCard(kit, "network", learn)];
  const canvas = make("canvas");
  canvas.role = "img";
  const playButton = make("button", { type: "button", className: "play", onclick: toggle });
  const slider = make("input", { type: "range", min: 0, step: 1 });
  const now = make("output", { className: "now name", ariaLive: "off" });
  const bar = make("div", { className: "bar card" }, playButton, slider, now);
  const summary = make("p", { className: "summary" });
  summary.role = "status";
  const seen = make("div", { className: "seen" }, canvas, bar, summary);
  const beside = make("div", { className: "card settings-of" }, ...controls.parts);
  const side = make(
    "div",
    { className: "side" },
    chooser.buttons,
    chooser.pad,
    beside,
    ...cards.map(({ card }) => card),
  );
  root.replaceChildren(seen, side);

  const plane = planeOn(canvas);
  const grid = gridOf(GRID);
  const follow = makeFollower(() => {
    summary.textContent = say("points_no_threads");
  });
  let cloud = cloudNow(KNOWN);
  let found = { reflow: null, network: null }; // couples, layers: what ways need, of this cloud
  let world;
  let [calls, states] = [[], []]; // the number of each state, and the states
  let end = null; // what is found of the last state: see summary.js
  let field = null; // {k, to}: the guesses at the time of call k
  let [place, begun, isAsked] = [0, null, false]; // in calls; when call 0 was shown, while playing

  const settings = () => ({ ...state, cloud, couples: found.reflow, layers: found.network });

  /** Follow the points from noise once more, and show them from the start. */
  async function run() {
    if (found[state.way] === null) state.way = state.way === "reflow" ? "flow" : "diffusion";
    if (state.label >= cloud.classes) state.label = 0;
    if (state.guide === "class" && cloud.classes < 2) state.guide = "none";
    update();
    world = worldOf(settings());
    [calls, states, end, field] = [[], [], null, null];
    plane.forget();
    slider.max = state.calls;
    now.style.minWidth = `${`${state.calls} / ${state.calls}`.length}ch`;
    summary.textContent = "";
    setPlaying(true, 0);
    await follow("follow", settings(), (told) => {
      calls.push(told.call);
      states.push(told.state);
      drawSoon();
    });
    end = summaryOf(states.at(-1), cloud);
    plane.forget();
    summary.textContent = said(end);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) setPlaying(false, state.calls);
    drawSoon();
  }

  function said({ distance, shares }) {
    const how = isStraight(state.way) ? say("points_euler") : say(`sampler_${state.sampler}`);
    const parts = shares.map((share, k) => {
      return say("points_share", { k: k + 1, percent: Math.round(100 * share) });
    });
    const values = {
      count: FOLLOWERS.toLocaleString("en"),
      calls: state.calls,
      how,
      distance: distance.toFixed(2),
    };
    const near = say("points_found", values);
    if (shares.length < 2) return near;
    return say("points_shares", { near, parts: parts.join(say("comma")) });
  }

  function change(changes) {
    Object.assign(state, changes);
    kit.remember("points", state);
    const isLook = Object.keys(changes).every((key) => key === "arrows" || key === "paths");
    if (isLook) {
      plane.forget();
      drawSoon();
    } else run();
  }

  async function reflow() {
    const { couples, before, after } = await follow("reflow", settings());
    found.reflow = couples;
    change({ way: "reflow" });
    return [before, after];
  }

  async function learn(onPart) {
    const told = ({ percent }) => onPart(percent);
    const { layers, loss, least } = await follow("learn", settings(), told);
    found.network = layers;
    change({ way: "network" });
    return [loss, least];
  }

  function update() {
    controls.update(cloud.classes, found);
    cards[0].update(isStraight(state.way), found.reflow !== null);
    cards[1].update(!isStraight(state.way), found.network !== null);
  }

  // ---- time

  function setPlaying(on, from = place) {
    place = from;
    begun = on ? performance.now() - (SWEEP_MS * place) / state.calls : null;
    playButton.textContent = on ? `❚❚ ${say("pause")}` : `▶ ${say("play")}`;
    drawSoon();
  }

  function toggle() {
    setPlaying(begun === null, begun === null && place >= state.calls ? 0 : place);
  }

  function drawSoon() {
    if (isAsked || !root.checkVisibility()) return;
    isAsked = true;
    requestAnimationFrame(draw);
  }

  function draw(ms) {
    isAsked = false;
    if (!states.length) return;
    if (begun !== null) {
      const wanted = (state.calls * Math.max(0, ms - begun)) / SWEEP_MS;
      place = Math.min(wanted, calls.at(-1));
      if (place < wanted) begun = ms - (SWEEP_MS * place) / state.calls; // the rest is on its way
      if (place >= state.calls) setPlaying(false);
    }
    slider.value = Math.round(place);
    now.textContent = `${Math.round(place)} / ${state.calls}`;
    slider.setAttribute(
      "aria-valuetext",
      say("points_call", { call: Math.round(place), calls: state.calls }),
    );
    drawPlane();
    if (begun !== null) drawSoon();
  }

  function drawPlane() {
    const passed = calls.findLastIndex((call) => call <= place);
    const next = Math.min(passed + 1, states.length - 1);
    const part = next === passed ? 0 : (place - calls[passed]) / (calls[next] - calls[passed]);
    const [from, to] = [states[passed], states[next]];
    const x = from.map((value, k) => value + part * (to[k] - value));
    plane.begin();
    plane.points(cloud.points, { radius: 1.9, alpha: 0.3 });
    if (state.arrows) drawArrows();
    if (state.paths) plane.ways(states, passed, x, WITH_WAYS, end?.labels);
    plane.points(x, { labels: end?.labels });
  }

  function drawArrows() {
    const k = Math.min(Math.floor(place), state.calls - 1);
    if (field) plane.arrows(grid, field.to, GRID);
    if (field?.k === k) return;
    const { times } = world;
    const asked = world;
    guesses(world, grid, times[k]).then((to) => {
      if (asked !== world) return;
      field = { k, to };
      drawSoon();
    });
  }

  slider.addEventListener("input", () => setPlaying(false, Number(slider.value)));
  slider.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    toggle();
  });
  onChoice(() => {
    cloud = cloudNow(KNOWN);
    found = { reflow: null, network: null };
    if (root.checkVisibility()) run();
    else world = undefined;
  });
  whenLooksChange(root, () => {
    chooser.redraw();
    plane.forget();
    if (!root.checkVisibility()) return;
    controls.update(cloud.classes, found); // in Noise a schedule may have been drawn,
    if (world) drawSoon();
    else run(); // or another cloud chosen
  });

  function translate() {
    canvas.ariaLabel = say("points_backward_plane");
    slider.ariaLabel = say("points_slider");
    chooser.translate();
    controls.translate();
    for (const card of cards) card.translate();
    controls.update(cloud.classes, found);
    if (end) summary.textContent = said(end);
    setPlaying(begun !== null);
  }

  /** Take the settings of a link. */
  function set({ cloud: name, ...others }) {
    Object.assign(state, USUAL, others);
    choose({ cloud: name }); // and so run
  }

  translate();
  if (linked) set(linked);
  else run();
  return { translate, set, settings: () => ({ ...state, cloud: choice.cloud }) };
}
