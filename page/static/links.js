/** Links between this edition and the full page: page/widgets/links.py, whose settings come with
 * the page's data. */

import { NAMES } from "../in_browser/diffusion/schedule.js";

const VERSION = "1"; // of the names and values
const PLAIN = /[!*'()]/g; // signs that encodeURIComponent leaves and Python doesn't

/** @typedef {{name: string, kind: "bool"|"int"|"float"|"str", default: any, first?: any, low: number|null,
 *   high: number|null, many: boolean, pair: boolean, choices: any[]|null, form: string|null}}
 *   Setting */

/** The link to these values: what differs from the defaults.
 * @param {string} place
 * @param {Setting[]} settings
 * @param {Record<string, any>} values
 * @param {Record<string, any>} usual what is the default here, beside the settings' own */
export function write(place, settings, values, usual = {}) {
  const parts = [`v=${VERSION}`];
  for (const setting of settings) {
    const { name } = setting;
    if (!(name in values) || !takesAll(setting, values[name])) continue;
    const [text, plain] = [values[name], usual[name] ?? setting.default].map((value) =>
      textOf(setting, value),
    );
    if (text !== plain) parts.push(`${name}=${quoted(text)}`);
  }
  return `${place}?${parts.join("&")}`;
}

/** The values that a link names, and the names of those that are wrong or unknown; null if it is
 * of another version.
 * @param {string} query
 * @param {Setting[]} settings */
export function read(query, settings) {
  const parts = new URLSearchParams(query);
  if ((parts.get("v") ?? VERSION) !== VERSION) return null;
  parts.delete("v");
  for (const beside of ["tour", "class"]) parts.delete(beside);
  const [values, wrong] = [{}, []];
  for (const setting of settings) {
    if (!parts.has(setting.name)) continue;
    const { value, isWhole } = valueFrom(setting, parts.get(setting.name));
    if (value !== undefined) values[setting.name] = value;
    if (!isWhole) wrong.push(setting.name);
    parts.delete(setting.name);
  }
  return { values, wrong, unknown: [...parts.keys()] };
}

function textOf({ kind, many }, value) {
  if (many) return value.join(",");
  return kind === "bool" ? String(Number(value)) : String(value);
}

function quoted(text) {
  const hex = (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(PLAIN, hex).replaceAll("%2C", ",");
}

function valueFrom(setting, text) {
  if (setting.many && !setting.pair) {
    const items = text.split(",").filter(Boolean);
    const right = [...new Set(items)].filter((item) => takes(setting, item));
    const isWhole = right.length === items.length && (items.length > 0 || text === "");
    return { value: right.length || text === "" ? right : undefined, isWhole };
  }
  const value = setting.many
    ? text.split(",").map((part) => oneOf(setting, part))
    : oneOf(setting, text);
  return takesAll(setting, value) ? { value, isWhole: true } : { isWhole: false };
}

function oneOf({ kind }, text) {
  if (kind === "bool") return { 1: true, true: true, 0: false, false: false }[text];
  if (kind === "str") return text;
  const pattern = kind === "int" ? /^[+-]?\d+$/ : NUMBER;
  return pattern.test(text) ? Number(text) : undefined;
}

function takesAll(setting, value) {
  if (!setting.many) return takes(setting, value);
  if (!Array.isArray(value) || !value.every((each) => takes(setting, each))) return false;
  return !setting.pair || (value.length === 2 && value[0] <= value[1]);
}

function takes({ kind, choices, form, low, high }, value) {
  if (kind === "bool") return typeof value === "boolean";
  if (choices) return choices.includes(value) || (form !== null && isSchedule(value, form));
  if (kind === "str") return typeof value === "string";
  if (!Number.isFinite(value) || (kind === "int" && !Number.isInteger(value))) return false;
  return low === null || (low <= value && value <= high);
}

const RANGES = { shift: [0.1, 10], input_scale: [0.1, 2] };
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const [MOST_POINTS, MOST_LOG_SNR, MIN_GAP, MOST_LETTERS] = [32, 30, 1e-4, 1000];

/** Whether a text stands for a schedule: ddpm/schedules/text_form.py and drawn.py.
 * @param {string} form ends in `is_drawn` where only a drawn one will do */
export function isSchedule(text, form = "") {
  if (typeof text !== "string" || text.length > MOST_LETTERS) return false;
  const [name, ...parts] = text.split("~");
  const isDrawn = name === "drawn";
  if (form.endsWith("is_drawn") && !isDrawn) return false;
  if (!isDrawn && !NAMES.includes(name)) return false;
  const points = [];
  for (const part of parts) {
    if (part === "zero_terminal") continue;
    const cut = part.lastIndexOf("_");
    const [key, value] = [part.slice(0, Math.max(0, cut)), part.slice(cut + 1)];
    if (!NUMBER.test(value)) return false;
    if (key === "shift" && name !== "rectified_flow") return false;
    if (key in RANGES) {
      const [low, high] = RANGES[key];
      if (Number(value) < low || Number(value) > high) return false;
    } else if (isDrawn && NUMBER.test(key)) points.push([Number(key), Number(value)]);
    else return false;
  }
  return !isDrawn || arePoints(points);
}

function arePoints(points) {
  if (points.length < 2 || points.length > MOST_POINTS) return false;
  return points.every(([u, value], k) => {
    const before = points[k - 1];
    const isApart = !before || (u - before[0] >= MIN_GAP - 1e-12 && value <= before[1]);
    return 0 <= u && u <= 1 && Math.abs(value) <= MOST_LOG_SNR && isApart;
  });
}
