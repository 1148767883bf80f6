/** What noise_view.js is given of schedules, which page/tabs/noise/forward.py and drawing.py make on
 * the full page. */

import { named } from "../../in_browser/diffusion/schedule.js";

const [EVEN, EVEN_LOG_SNR] = [8, 6]; // points that a hand starts from, even in log-SNR
const { fround } = Math;

/** @param {number} T
 * @param {string[]} names
 * @param {{noise_enough: number, most: number, color: number}} limits
 * @param {string[]} known all names, by their colours */
export function tablesFor(T, names, notebook, zeroTerminal, limits, known) {
  const end = zeroTerminal ? "~zero_terminal" : "";
  const rows = names.map((name) => {
    const schedule = named(name + end, T, { rescale: !notebook });
    const left = Math.sqrt(fround(schedule.alphasCumprod[T - 1]));
    return {
      ...{ name, T, left, color: known.indexOf(name) },
      ...{ is_noise: left <= limits.noise_enough, is_exact: left === 0 },
      betas: inBase64(schedule.betas),
      alphas_cumprod: inBase64(schedule.alphasCumprod),
      log_snr: inBase64(schedule.logSnr),
    };
  });
  const starts = known.map((name) => [
    name,
    startsOf(named(name, T, { rescale: !notebook }), limits),
  ]);
  return { T, notebook, zero_terminal: zeroTerminal, rows, starts: Object.fromEntries(starts) };
}

/** Points through which a drawn schedule is nearly this one. */
function startsOf({ logSnr }, { most }) {
  const T = logSnr.length;
  const clamp = (value, limit) => Math.min(limit, Math.max(-limit, value));
  const held = Array.from(logSnr, (value) => clamp(value, most));
  const [from, to] = [held[0], held[T - 1]].map((value) => clamp(value, EVEN_LOG_SNR));
  const steps = new Set([0, T - 1]);
  for (let k = 0; k < EVEN; k++) {
    const away = held.map((value) => Math.abs(value - (from + (k * (to - from)) / (EVEN - 1))));
    steps.add(away.indexOf(Math.min(...away)));
  }
  const rounded = (value) => Number(value.toFixed(4));
  return [...steps].sort((a, b) => a - b).map((t) => [rounded((t + 0.5) / T), rounded(held[t])]);
}

/** Numbers as float32, in the order of their bytes. */
export function inBase64(numbers, Type = Float32Array) {
  const bytes = new Uint8Array(Type.from(numbers).buffer);
  let letters = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(letters);
}
