/** What Gradio's `gr.HTML` gives the script of an instrument, without Gradio: `element`, `props`,
 * `watch` and `trigger`. The instruments' files are the same on both sides: see
 * page/widgets/instrument.py. */

import { label, onLocale } from "./locale.js";

/** @typedef {{element: HTMLElement, props: object, set: (changes: object) => void,
 *   on: (event: string, use: (data: unknown) => void) => void}} Mounted */

/** @param {string} id of the element that it fills, and of its file
 * @param {object} given in place of props that only a server knows
 * @returns {Promise<Mounted>} */
export async function mount(id, given = {}) {
  const instrument = await import(`../instruments/${id}.js`);
  const element = Object.assign(document.createElement("div"), { className: "instrument" });
  element.innerHTML = instrument.html;
  const place = document.getElementById(id);
  place.replaceChildren(element);
  const props = { ...instrument.props, ...given, label: label() };
  const [watched, heard] = [[], new Map()];
  const watch = (names, use) => watched.push({ names: [names].flat(), use });
  const trigger = (event, data) => heard.get(event)?.(data);
  const set = (changes) => {
    Object.assign(props, changes);
    for (const { names, use } of watched) if (names.some((name) => name in changes)) use();
  };
  instrument.run(element, trigger, props, {}, undefined, watch);
  onLocale(() => set({ label: label() }));
  return { element, props, set, on: (event, use) => heard.set(event, use) };
}
