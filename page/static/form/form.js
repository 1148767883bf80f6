/** Controls for settings, as page/widgets/controls.py makes them of Gradio's: names, ranges and
 * choices come with the page's data. */

import { onLocale } from "../locale.js";
import { className, say } from "../words.js";
import { stepsField } from "./steps.js";

/** The controls of a place, in the element `root`.
 * @param {HTMLElement} root
 * @param {import("../links.js").Setting[]} settings
 * @param {string} key under which this tab of the browser keeps the values
 * @param {(changed: string) => void} onChange told which one a hand has changed */
export class Form {
  #fields = new Map();

  constructor(root, settings, key, onChange) {
    Object.assign(this, { settings, key });
    for (const setting of settings) {
      const field = makeField({ ...setting, id: `${key}-${setting.name}` }, () => {
        this.keep();
        onChange(setting.name);
      });
      this.#fields.set(setting.name, field);
      root.append(field.element);
    }
    const first = settings.map((each) => [each.name, each.first ?? each.default]);
    this.set({ ...Object.fromEntries(first), ...recall(key) });
    onLocale(() => this.translate());
  }

  defaults() {
    return Object.fromEntries(this.settings.map((each) => [each.name, each.default]));
  }

  get values() {
    return Object.fromEntries([...this.#fields].map(([name, field]) => [name, field.value]));
  }

  /** Without telling: what follows is the caller's to do. */
  set(values) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.#fields.get(name);
      if (field && value !== undefined) field.value = value;
    }
    this.keep();
  }

  keep() {
    remember(this.key, this.values);
  }

  show(name, isShown) {
    this.#fields.get(name).element.hidden = !isShown;
  }

  /** @param {[string, any][]} choices [text key, value] each */
  offer(name, choices) {
    this.#fields.get(name).offer(choices);
  }

  translate() {
    for (const field of this.#fields.values()) field.translate();
  }
}

function makeField(setting, tell) {
  if (setting.stops) return stepsField(setting, tell);
  if (setting.many) return checksField(setting, tell);
  if (setting.kind === "bool") return boxField(setting, tell);
  return setting.named ? listField(setting, tell) : numberField(setting, tell);
}

const nameOf = (key) => (key.startsWith("class_") ? className(key.slice(6)) : say(key));

/** A field around `control`, with its name above it and what is said of it below. */
function named(setting, control, head = []) {
  const title = make("label", { htmlFor: setting.id });
  control.id = setting.id;
  return fieldOf(setting, title, title, ...head, control);
}

/** A field of these parts, in which `title` has its name, and what is said of it below. */
function fieldOf({ label, info }, title, ...parts) {
  const about = make("p", { className: "info", hidden: !info });
  const element = make("div", { className: "field" }, ...parts, about);
  const translate = () => {
    title.textContent = say(label);
    if (info) about.innerHTML = say(info); // our own sentences, with links
  };
  translate();
  return { element, translate };
}

function numberField(setting, tell) {
  const { low, high, kind } = setting;
  const step = setting.step ?? (kind === "int" ? 1 : "any");
  const input = make("input", { type: "number", min: low ?? "", max: high ?? "", step });
  const range = make("input", { type: "range", min: low ?? 0, max: high ?? 0, step });
  const isRange = setting.step !== null;
  const field = named(setting, input, isRange ? [range] : []);
  let value = setting.default;
  input.addEventListener("input", () => {
    if (input.value === "" || !input.validity.valid) return;
    value = Number(input.value);
    range.value = value;
    tell();
  });
  input.addEventListener("blur", () => {
    input.value = value;
  });
  range.addEventListener("input", () => {
    value = Number(range.value);
    input.value = value;
    tell();
  });
  const translate = () => {
    field.translate();
    range.ariaLabel = say(setting.label);
  };
  translate();
  return {
    element: field.element,
    get value() {
      return value;
    },
    set value(given) {
      value = given;
      input.value = range.value = given;
    },
    translate,
  };
}

function listField(setting, tell) {
  const select = make("select");
  const field = named(setting, select);
  let choices = setting.named;
  select.addEventListener("change", tell);
  const fill = (value) => {
    const known = choices.some(([, each]) => each === value);
    const drawn = say("schedule_drawn"); // a schedule beyond the named ones
    const all = known || value === undefined ? choices : [...choices, [null, value]];
    const options = all.map(([key, each]) => [JSON.stringify(each), key ? nameOf(key) : drawn]);
    fillSelect(select, options, JSON.stringify(value ?? all[0]?.[1]));
  };
  fill(setting.default);
  return {
    element: field.element,
    get value() {
      return JSON.parse(select.value);
    },
    set value(given) {
      fill(given);
    },
    offer(others) {
      const before = this.value;
      choices = others;
      fill(others.some(([, each]) => each === before) ? before : others[0]?.[1]);
    },
    translate() {
      field.translate();
      fill(this.value);
    },
  };
}

/** A box to tick, and its name. */
function boxOf(onchange, more = {}) {
  const [input, title] = [make("input", { type: "checkbox", onchange, ...more }), make("span")];
  return { input, title, label: make("label", { className: "box labelled" }, input, title) };
}

function boxField(setting, tell) {
  const { input, title, label } = boxOf(tell, { id: setting.id });
  return {
    ...fieldOf(setting, title, label),
    get value() {
      return input.checked;
    },
    set value(given) {
      input.checked = given;
    },
  };
}

function checksField(setting, tell) {
  const legend = make("legend");
  const boxes = setting.named.map(([key, value]) => ({ key, value, ...boxOf(tell) }));
  const labels = boxes.map(({ label }) => label);
  const element = make("fieldset", { className: "field" }, legend, ...labels);
  const translate = () => {
    legend.textContent = say(setting.label);
    for (const { key, title } of boxes) title.textContent = nameOf(key);
  };
  translate();
  return {
    element,
    get value() {
      return boxes.filter(({ input }) => input.checked).map(({ value }) => value);
    },
    set value(given) {
      for (const { value, input } of boxes) input.checked = given.includes(value);
    },
    translate,
  };
}
