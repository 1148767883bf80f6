/** Noise that becomes a cloud again: points follow a sampler through the field of an exact denoiser. */

import { isStraight, KNOWN, worldOf } from "../../../in_browser/points/world.js";
import { makeCard } from "./card.js";
import { choice, choose, cloudNow, onChoice } from "./choice.js";
import { makeChooser } from "./chooser.js";
import { makeControls, USUAL } from "./controls.js";
import { makeFilm } from "./film.js";
import { makeFollower } from "./follower.js";
import { whenLooksChange } from "./plane.js";
import { sentenceOf, summaryOf } from "./summary.js";

const [WAYS, NOISY_WAYS] = [100, 10]; // that are drawn: ways that jitter hide all else

/** @param {import("./chooser.js").Kit} kit
 * @param {() => string|undefined} drawn the text form of the schedule that a hand has drawn
 * @param {object|null} linked the settings of a link
 * @returns {{translate: () => void, settings: () => object, set: (linked: object) => void}} which
 *   says everything again, in the page's language; what a link says; and takes what one says */
export function showBackward(kit, drawn, linked) {
  const { root, say } = kit;
  const state = { ...USUAL, ...recall("points") };
  const chooser = makeChooser(kit);
  const controls = makeControls(kit, state, change, drawn);
  const film = makeFilm(kit, state);
  const cards = [makeCard(kit, "reflow", reflow), makeCard(kit, "network", learn)];
  const summary = make("p", { className: "summary", role: "status" });
  const seen = make("div", { className: "seen" }, ...film.parts, summary);
  const beside = make("div", { className: "card settings-of" }, ...controls.parts);
  const worked = cards.map(({ card }) => card);
  const side = make("div", { className: "side" }, chooser.buttons, chooser.pad, beside, ...worked);
  root.replaceChildren(seen, side);

  const follow = makeFollower(() => {
    summary.textContent = say("points_no_threads");
  });
  let cloud = cloudNow(KNOWN);
  let found = { reflow: null, network: null }; // couples, layers: what ways need, of this cloud
  let end = null; // what is found of the last state
  let isStale = false; // another cloud was chosen where this isn't in sight
  let isReflowWanted = false; // by a link: it has to be worked out

  const settings = () => {
    const label = state.label < cloud.classes ? state.label : 0; // this cloud may have fewer
    return { ...state, label, cloud, couples: found.reflow, layers: found.network };
  };

  /** Follow the points from noise once more, and show them from the start. */
  async function run() {
    isStale = false;
    if (found[state.way] === null) state.way = state.way === "reflow" ? "flow" : "diffusion";
    if (state.guide === "class" && cloud.classes < 2) state.guide = "none";
    controls.update(cloud.classes, found);
    cards[0].update(isStraight(state.way), found.reflow !== null);
    cards[1].update(!isStraight(state.way), found.network !== null);
    end = null;
    summary.textContent = "";
    if (isReflowWanted) {
      isReflowWanted = false;
      return cards[0].start();
    }
    const isNoisy = state.sampler === "ddpm" && !isStraight(state.way);
    film.begin(worldOf(settings()), cloud, isNoisy ? NOISY_WAYS : WAYS);
    await follow("follow", settings(), film.add);
    end = summaryOf(film.last(), cloud);
    summary.textContent = sentenceOf(end, state, say);
    film.finish(end.labels);
  }

  function change(changes) {
    Object.assign(state, changes);
    remember("points", state);
    const isLook = Object.keys(changes).every((key) => key === "arrows" || key === "paths");
    if (isLook) film.redraw();
    else run();
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

  onChoice(() => {
    cloud = cloudNow(KNOWN);
    found = { reflow: null, network: null };
    if (root.checkVisibility()) run();
    else isStale = true;
  });
  whenLooksChange(root, () => {
    chooser.redraw();
    if (!root.checkVisibility()) return;
    controls.update(cloud.classes, found); // in Noise a schedule may have been drawn
    if (isStale) run();
    else film.redraw();
  });

  function translate() {
    for (const each of [chooser, film, ...cards]) each.translate();
    controls.update(cloud.classes, found);
    if (end) summary.textContent = sentenceOf(end, state, say);
  }

  /** Take the settings of a link. */
  function set({ cloud: name, ...others }) {
    Object.assign(state, USUAL, others);
    remember("points", state);
    isReflowWanted = others.way === "reflow";
    choose({ cloud: name }); // and so run
  }

  translate();
  if (linked) set(linked);
  else run();
  return { translate, set, settings: () => ({ ...state, cloud: choice.cloud }) };
}
