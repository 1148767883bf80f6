/** A schedule through points that a hand has drawn, computed in the browser as Python does:
 * ddpm/schedules/drawn.py and Schedule.from_log_snr. A test compares the two. */

/** Each of T numbers in float64.
 * @typedef {{betas: Float64Array, alphasCumprod: Float64Array, logSnr: Float64Array}} Tables */

/** log-SNR as a function of u through `points`, [u, log-SNR] each: the monotone cubic of Fritsch &
 * Carlson 1980, level before the first and after the last.
 * @param {[number, number][]} points
 * @returns {(u: number) => number} */
export function monotoneCubic(points) {
  const pieces = points.slice(1).map(([u, value], k) => {
    const width = u - points[k][0];
    return { width, secant: (value - points[k][1]) / width };
  });
  const secantAt = (k) => pieces[Math.min(pieces.length - 1, Math.max(0, k))].secant;
  const slope = points.map((_, k) => (secantAt(k - 1) + secantAt(k)) / 2);
  pieces.forEach(({ secant }, k) => {
    // within a circle of radius 3 the piece is monotone
    const length = secant ? Math.hypot(slope[k] / secant, slope[k + 1] / secant) : Infinity;
    if (length <= 3) return;
    slope[k] *= 3 / length;
    slope[k + 1] *= 3 / length;
  });
  return (u) => {
    const inside = Math.min(points.at(-1)[0], Math.max(points[0][0], u));
    let k = 0;
    while (k < pieces.length - 1 && points[k + 1][0] <= inside) k++;
    const [[start, value], [, next]] = [points[k], points[k + 1]];
    const s = (inside - start) / pieces[k].width;
    const [left, right] = [slope[k] * pieces[k].width, slope[k + 1] * pieces[k].width];
    const rise = next - value;
    return value + s * (left + s * (3 * rise - 2 * left - right + s * (left + right - 2 * rise)));
  };
}

/** β, ᾱ and log-SNR at each of T steps, u = (t + ½) / T, where `f` is log-SNR as a function of u.
 * It stays within ±`most` and falls by at least `fall` per step.
 * @param {(u: number) => number} f
 * @param {number} T
 * @param {{most: number, fall: number}} limits
 * @returns {Tables} */
export function tablesOf(f, T, { most, fall }) {
  const tables = emptyTables(T);
  let lowest = Infinity;
  let logBefore = 0; // of ᾱ at the step before
  for (let t = 0; t < T; t++) {
    const held = Math.min(most, Math.max(-most, f((t + 0.5) / T)));
    lowest = Math.min(lowest, held + fall * t);
    const logSnr = lowest - fall * t;
    const log = -Math.log1p(Math.exp(-logSnr));
    tables.logSnr[t] = logSnr;
    tables.alphasCumprod[t] = Math.exp(log);
    tables.betas[t] = -Math.expm1(log - logBefore);
    logBefore = log;
  }
  return tables;
}

/** The same schedule, with √ᾱ shifted and scaled so that ᾱ_T is 0: Lin et al. 2023, algorithm 1.
 * @param {Tables} schedule
 * @returns {Tables} */
export function zeroTerminalSnr({ alphasCumprod }) {
  const tables = emptyTables(alphasCumprod.length);
  const [first, last] = [Math.sqrt(alphasCumprod[0]), Math.sqrt(alphasCumprod.at(-1))];
  let before = 1;
  alphasCumprod.forEach((acp, t) => {
    const now = (((Math.sqrt(acp) - last) * first) / (first - last)) ** 2;
    tables.alphasCumprod[t] = now;
    tables.betas[t] = 1 - now / before;
    tables.logSnr[t] = Math.log(now) - Math.log1p(-now);
    before = now;
  });
  return tables;
}

/** @param {number} T
 * @returns {Tables} */
export function emptyTables(T) {
  const column = () => new Float64Array(T);
  return { betas: column(), alphasCumprod: column(), logSnr: column() };
}
