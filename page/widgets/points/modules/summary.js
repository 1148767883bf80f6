/** Where points have ended, in numbers and in words. */

import { FOLLOWERS, isStraight } from "../../../in_browser/points/world.js";

/** The class of the point of the cloud that is nearest to each end, the mean distance to it, and the
 * share of each class.
 * @param {import("../../../in_browser/diffusion/samplers.js").Numbers} ends
 * @param {import("../../../in_browser/points/clouds.js").Cloud} cloud
 * @returns {{labels: Int32Array, distance: number, shares: number[]}} */
export function summaryOf(ends, { points, labels: own, classes }) {
  const labels = new Int32Array(ends.length / 2);
  const counts = new Array(classes).fill(0);
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    let [nearest, least] = [0, Infinity];
    for (let k = 0; k < own.length; k++) {
      const [across, up] = [ends[2 * i] - points[2 * k], ends[2 * i + 1] - points[2 * k + 1]];
      const square = across * across + up * up;
      if (square < least) [nearest, least] = [k, square];
    }
    labels[i] = own[nearest];
    counts[own[nearest]]++;
    total += Math.sqrt(least);
  }
  return { labels, distance: total / labels.length, shares: counts.map((n) => n / labels.length) };
}

/** What a screen reader says of it, and everybody reads.
 * @param {{distance: number, shares: number[]}} found
 * @param {import("./controls.js").State} state
 * @param {(key: string, values?: object) => string} say */
export function sentenceOf({ distance, shares }, { way, sampler, calls }, say) {
  const how = isStraight(way) ? say("points_euler") : say(`sampler_${sampler}`);
  const count = FOLLOWERS.toLocaleString("en");
  const near = say("points_found", { count, calls, how, distance: distance.toFixed(2) });
  if (shares.length < 2) return near;
  const parts = shares.map((share, k) => {
    return say("points_share", { k: k + 1, percent: Math.round(100 * share) });
  });
  return say("points_shares", { near, parts: parts.join(say("comma")) });
}
