/** A cloud that dissolves under the schedules of the Noise tab, at the same t as the picture there. */

import { Generator } from "../../../in_browser/diffusion/noise.js";
import { qSample } from "../../../in_browser/points/exact.js";
import { cloudNow, onChoice } from "./choice.js";
import { makeChooser } from "./chooser.js";
import { planeOn, whenLooksChange } from "./plane.js";

const COUNT = 2000; // points
const SETTLED_MS = 600; // without a move, before the summary is said again

/** @typedef {{name: string, color: number, alphasCumprod: Float32Array, logSnr: Float32Array}} Shown */
/** What the picture's view shows, and how its t is moved.
 * @typedef {{now: () => {t: number, last: number, isPlaying: boolean, schedules: Shown[]},
 *   move: (t: number) => void, play: () => void, onChange: (follow: () => void) => void}} Picture */

/** @param {import("./chooser.js").Kit} kit
 * @param {Picture} picture
 * @returns {{translate: () => void}} which says everything again, in the page's language */
export function showForward(kit, picture) {
  const { root, say } = kit;
  const chooser = makeChooser(kit);
  const playButton = make("button", { type: "button", className: "play", onclick: picture.play });
  const [id, dataset] = ["points-time", { say: "noise_view_time" }];
  const label = make("label", { htmlFor: id, className: "time-label", dataset });
  const slider = make("input", { type: "range", id, className: "time", min: 0, step: 1 });
  const now = make("output", { className: "now name", ariaLive: "off" });
  const bar = make("div", { className: "bar card" }, playButton, label, slider, now);
  const row = make("div", { className: "planes" });
  const summary = make("p", { className: "small summary", role: "status" });
  root.replaceChildren(chooser.buttons, chooser.pad, bar, row, summary);
  const eps = new Generator(0).randn(2 * COUNT);
  let cloud = cloudNow(COUNT);
  let [figures, shownNames] = [[], ""];
  let timer;

  function makeFigure({ name, color }) {
    const textContent = say(`schedule_${name}`);
    const ariaLabel = say("points_plane", { name: textContent });
    const canvas = make("canvas", { role: "img", ariaLabel });
    const style = `--its-color: var(--line-${color})`;
    const title = make("figcaption", { className: "name", textContent });
    const share = make("i");
    const left = make("div", { className: "share" }, share);
    const figure = make("figure", { className: "card marked", style }, title, canvas, left);
    return { figure, share, plane: planeOn(canvas) };
  }

  function draw() {
    if (!root.checkVisibility() || !picture.now()) return; // it is yet to come
    const { t, last, isPlaying, schedules } = picture.now();
    const names = schedules.map(({ name }) => name).join();
    if (names !== shownNames) {
      figures = schedules.map(makeFigure);
      row.replaceChildren(...figures.map(({ figure }) => figure));
      row.style.setProperty("--columns", Math.min(5, Math.max(1, figures.length)));
      shownNames = names;
    }
    [slider.max, slider.value] = [last, t];
    now.textContent = `${t} / ${last}`;
    playButton.textContent = playLabel(isPlaying, say);
    schedules.forEach((schedule, k) => {
      const { plane, share } = figures[k];
      plane.begin();
      plane.points(qSample(schedule, cloud.points, t, eps), { labels: cloud.labels, alpha: 0.7 });
      share.style.transform = `scaleX(${schedule.alphasCumprod[t]})`;
    });
    clearTimeout(timer);
    timer = setTimeout(() => summarize(t, last, schedules), SETTLED_MS);
  }

  function summarize(t, last, schedules) {
    const parts = schedules.map(({ name, alphasCumprod }) => {
      const percent = Math.round(100 * alphasCumprod[t]);
      return say("points_left", { name: say(`schedule_${name}`), percent });
    });
    const said = say("points_summary", {
      count: COUNT.toLocaleString("en"),
      t,
      last,
      parts: parts.join(say("comma")),
    });
    if (summary.textContent !== said) summary.textContent = said;
  }

  const drawSoon = inNextFrame(draw);

  function translate() {
    shownNames = "";
    chooser.translate();
    drawSoon();
  }

  slider.addEventListener("input", () => picture.move(Number(slider.value)));
  onChoice(() => {
    cloud = cloudNow(COUNT);
    drawSoon();
  });
  picture.onChange(drawSoon);
  whenLooksChange(root, () => {
    chooser.redraw();
    drawSoon();
  });
  translate();
  return { translate };
}
