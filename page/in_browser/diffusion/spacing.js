/** Which times a reverse process visits: ddpm/sampling/spacing.py. */

import { lastOf, timeOf } from "./schedule.js";

const MIDDLE = [-14, 9]; // the log-SNRs between which a picture is decided
const { fround } = Math;

/** n whole times out of 0 … start, falling; start is the schedule's last unless given.
 * @param {import("./schedule.js").Schedule} schedule
 * @param {number} n
 * @param {"trailing"|"linspace"|"leading"|"logsnr"|"middle"} spacing
 * @param {number} start
 * @returns {number[]} */
export function spacedTimesteps(schedule, n, spacing = "trailing", start = lastOf(schedule)) {
  const T = start + 1;
  if (!Number.isInteger(n) || n < 1 || n > T) {
    throw new RangeError(`the number of steps must be a whole number from 1 to ${T}, not ${n}`);
  }
  const times = placed(schedule, n, spacing, T).map(rounded);
  times.forEach((time, k) => {
    times[k] = Math.min(time, k ? times[k - 1] - 1 : T - 1); // apart, and within the table
  });
  return times.map((time, k) => Math.max(time, n - 1 - k));
}

function placed(schedule, n, spacing, T) {
  const each = (f) => Array.from({ length: n }, (_, k) => f(k));
  if (spacing === "trailing") return each((k) => k * (-T / n) + T - 1);
  if (spacing === "leading") return each((k) => (n - 1 - k) * Math.floor(T / n));
  if (spacing === "linspace") return each((k) => between(T - 1, 0, n, k, (x) => x));
  let [low, high] = [-20, Infinity];
  if (spacing === "middle") {
    [low, high] = [MIDDLE[0] + Math.min(32 / n, 6.5), MIDDLE[1] - Math.min(9.5 / n, 2)];
  } else if (spacing !== "logsnr") {
    throw new RangeError(`unknown spacing ${spacing}`);
  }
  const ends = [T - 1, 0].map((t) => Math.min(high, Math.max(low, fround(schedule.logSnr[t]))));
  const [from, to] = ends.map(fround);
  const last = lastOf(schedule);
  return each((k) => Math.min(last, timeOf(schedule, between(from, to, n, k, fround))));
}

/** Entry k of torch.linspace(from, to, n), which counts from the nearer end. */
function between(from, to, n, k, round) {
  if (n === 1) return from;
  const step = round((to - from) / (n - 1));
  return k < n >> 1 ? round(from + step * k) : round(to - step * (n - 1 - k));
}

/** To the nearest whole number, halves to even ones, as torch.round. */
function rounded(x) {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 ? down + 1 : down;
}
