/** Which cloud is shown: one choice for all that show it, which a reload brings back. */

import { CLOUDS, cloudAround, cloudOf } from "../../../in_browser/points/clouds.js";

export const OWN = "own"; // drawn by hand
export const NAMES = [...CLOUDS, OWN];

/** What nobody has drawn yet: a heart. */
const HEART = Array.from({ length: 120 }, (_, k) => {
  const [angle, turn] = [(k / 120) * 2 * Math.PI, Math.cos];
  const across = 1.6 * Math.sin(angle) ** 3;
  return [
    across,
    1.3 * turn(angle) - 0.5 * turn(2 * angle) - 0.2 * turn(3 * angle) - 0.1 * turn(4 * angle),
  ];
});

export const choice = { cloud: CLOUDS[0], places: HEART, isHeart: true };
const followers = new Set();

/** Choose another cloud, or other places of one's own.
 * @param {Partial<typeof choice>} changes */
export function choose(changes) {
  Object.assign(choice, changes);
  for (const follow of followers) follow();
}

/** @param {() => void} follow is called when something else is chosen */
export function onChoice(follow) {
  followers.add(follow);
}

/** The chosen cloud.
 * @param {number} count of its points
 * @returns {import("../../../in_browser/points/clouds.js").Cloud} */
export function cloudNow(count) {
  const { cloud, places } = choice;
  return cloud === OWN ? cloudAround(places.length ? places : HEART, count) : cloudOf(cloud, count);
}
