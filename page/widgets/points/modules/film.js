/** Points on their way, played or moved by a hand: the plane, and below it a slider over the calls. */

import { guesses, REACH } from "../../../in_browser/points/world.js";
import { planeOn } from "./plane.js";

const SWEEP_MS = 4000; // from noise to the cloud, whatever the number of calls
const CALM = matchMedia("(prefers-reduced-motion: reduce)"); // the end at once: a hand may play it
const GRID = 19; // arrows in a row
const PLACES = Float64Array.from({ length: 2 * GRID * GRID }, (_, k) => {
  const cell = k % 2 ? Math.floor(k / 2 / GRID) : (k >> 1) % GRID;
  return ((cell + 0.5) / GRID) * 2 * REACH - REACH; // where they begin
});

/** @param {import("./chooser.js").Kit} kit
 * @param {{arrows: boolean, paths: boolean}} look what is drawn beside the points, as it is now */
export function makeFilm({ root, say }, look) {
  const canvas = make("canvas", { role: "img", dataset: { label: "points_backward_plane" } });
  const playButton = make("button", { type: "button", className: "play", onclick: toggle });
  const dataset = { label: "points_slider" };
  const slider = make("input", { type: "range", min: 0, step: 1, dataset });
  const now = make("output", { className: "now name", ariaLive: "off" });
  const bar = make("div", { className: "bar card" }, playButton, slider, now);
  const plane = planeOn(canvas);
  // of the points: their world, the cloud, how many `ways` are drawn, the `total` of their calls, the
  // states that are here and the calls before each, and in the end their classes
  let shown = { calls: [], states: [] };
  let field = null; // {k, to}: the guesses at the time of call k
  let [place, begun] = [0, null]; // in calls; when call 0 was shown, while playing
  const drawSoon = inNextFrame(draw);

  /** Others begin.
   * @param {import("../../../in_browser/points/world.js").World} world
   * @param {import("../../../in_browser/points/clouds.js").Cloud} cloud
   * @param {number} ways of so many points are drawn */
  function begin(world, cloud, ways) {
    const total = world.times.length;
    shown = { world, cloud, ways, total, calls: [], states: [] };
    field = null;
    plane.forget();
    slider.max = total;
    now.style.minWidth = `${`${total} / ${total}`.length}ch`;
    setPlaying(!CALM.matches, CALM.matches ? total : 0);
  }

  /** Where they are after so many calls. */
  function add({ call, state }) {
    shown.calls.push(call);
    shown.states.push(state);
    if (begun !== null) drawSoon();
  }

  /** All of them are there. */
  function finish(labels) {
    shown.labels = labels;
    redraw();
  }

  function setPlaying(on, from = place) {
    place = from;
    begun = on ? performance.now() - (SWEEP_MS * place) / shown.total : null;
    playButton.textContent = playLabel(on, say);
    drawSoon();
  }

  function toggle() {
    setPlaying(begun === null, begun === null && place >= shown.total ? 0 : place);
  }

  function redraw() {
    plane.forget();
    drawSoon();
  }

  function draw(ms) {
    const { total, calls } = shown;
    if (!calls.length || !root.checkVisibility()) return;
    if (begun !== null) {
      const wanted = (total * Math.max(0, ms - begun)) / SWEEP_MS;
      place = Math.min(wanted, calls.at(-1));
      if (place < wanted) begun = ms - (SWEEP_MS * place) / total; // the rest is on its way
      if (place >= total) setPlaying(false);
    }
    const call = Math.round(place);
    slider.value = call;
    now.textContent = `${call} / ${total}`;
    slider.setAttribute("aria-valuetext", say("points_call", { call, calls: total }));
    drawPlane();
    if (begun !== null) drawSoon();
  }

  function drawPlane() {
    const { cloud, ways, calls, states, labels } = shown;
    const passed = calls.findLastIndex((call) => call <= place);
    const next = Math.min(passed + 1, states.length - 1);
    const part = next === passed ? 0 : (place - calls[passed]) / (calls[next] - calls[passed]);
    const x = states[passed].map((value, k) => value + part * (states[next][k] - value));
    plane.begin();
    plane.points(cloud.points, { radius: 1.9, alpha: 0.3 });
    if (look.arrows) drawArrows();
    if (look.paths) plane.ways(states, passed, x, ways, labels);
    plane.points(x, { labels });
  }

  /** Those of the call that is next; once they are known, if they aren't yet. */
  async function drawArrows() {
    const { world, total } = shown;
    const k = Math.min(Math.floor(place), total - 1);
    if (field) plane.arrows(PLACES, field.to, GRID);
    if (field?.k === k) return;
    const to = await guesses(world, PLACES, world.times[k]);
    if (world !== shown.world) return;
    field = { k, to };
    drawSoon();
  }

  slider.addEventListener("input", () => setPlaying(false, Number(slider.value)));

  const last = () => shown.states.at(-1);
  const translate = () => setPlaying(begun !== null);
  return { parts: [canvas, bar], begin, add, finish, last, redraw, translate };
}
