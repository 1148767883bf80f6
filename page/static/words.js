/** The sentences of what is not in an instrument, and the line in which something is said. */

import { label, onLocale } from "./locale.js";

export function say(key, values = {}) {
  const sentence = sentences(label())[key];
  if (sentence === undefined) throw new Error(`no text for "${key}"`);
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** A class, which has a text, or a name that is the same in both languages. */
export function className(name) {
  const key = `class_${name}`;
  return key in sentences("en") ? say(key) : name;
}

let told = () => ""; // what the line says, in whichever language

/** @param {(() => string)|string} sentence */
export function tell(sentence) {
  told = typeof sentence === "string" ? () => sentence : sentence;
  showTold();
}

/** Why something could not be drawn here. */
export function tellFailure({ key = "memory" }) {
  tell(() => {
    const why = say(`drawn_no_${key}`);
    return why[0].toUpperCase() + why.slice(1);
  });
}

function showTold() {
  const line = document.getElementById("told");
  line.textContent = told();
  line.hidden = !line.textContent;
}

onLocale(showTold);

/** What stands around the instruments, which do so for themselves. */
const translate = () => sayNamed(document.body, say);

onLocale(translate);
translate();
