/** Draws a comparison where the visitor is, and makes of it what page/widgets/comparison shows: rows
 * of pictures from the same noise, or rows and columns. page/tabs/generate/compare/compare.py. */

import { uriOf } from "./draw.js";
import { openDrawing, slowedSince } from "./drawing.js";
import { gridOf } from "./film.js";

export const COUNTS = { 1: 8, 2: 4 }; // pictures under each value, by the number of axes
const ACROSS = { 1: 8, 2: 2 }; // of them in a row
const SHOWN_MS = 120; // between two updates

/** @typedef {import("./diffusion/trajectory.js").Request} Request */

/** The requests by row and column; one column without a second axis.
 * @param {string[]} axes
 * @param {(axis: string) => any[]} valuesOf
 * @param {Request} plain what all share
 * @returns {Request[][]} */
export function requestsOf([axis, across], valuesOf, plain) {
  const shared = { ...plain, count: COUNTS[across ? 2 : 1] };
  const columns = across ? valuesOf(across).map((value) => ({ [across]: value })) : [{}];
  return valuesOf(axis).map((value) =>
    columns.map((column) => ({ ...shared, [axis]: value, ...column })),
  );
}

/** Draw, and `show` the comparison as it grows.
 * @param {(request: Request) => import("./drawing.js").Files} filesOf
 * @param {Request[][]} requests
 * @param {{axis: string, across: string|null, same: object, classes: string[]}} facts
 * @param {(value: object) => void} show
 * @param {AbortSignal} signal ends it after the next step
 * @returns {Promise<number>} pictures through the network per second, if any */
export async function drawComparison(filesOf, requests, facts, show, signal) {
  const board = new Board(requests, facts);
  show({ rows: [], here: { part: "0.0", all: "–" } });
  const fetching = (here) => {
    if (!board.noise) show({ rows: [], here });
  };
  let last = 0; // when it was shown
  for (const [k, cell] of board.cells.entries()) {
    const row = Math.floor(k / requests[0].length) + 1;
    const hear = ({ begins, step, ms }) => {
      if (begins) return board.begin(begins);
      const isShown = step.i + 1 === cell.steps || performance.now() - last > SHOWN_MS;
      board.fill(cell, step, ms, isShown);
      if (!isShown) return;
      last = performance.now();
      show(board.value("now", { row, rows: requests.length }));
    };
    const drawing = await openDrawing(filesOf(cell.request), fetching);
    if (signal.aborted) break;
    await drawing.run(cell.request, hear, signal);
  }
  if (!board.noise)
    show({ rows: [] }); // stopped before it began
  else if (signal.aborted) show(board.value("stopped"));
  else show(board.value("done", { cells: board.cells.length, device: "browser" }));
  return board.pace;
}

/** A comparison as compare.js shows it. */
class Board {
  constructor(requests, facts) {
    const empty = { picture: "", calls: 0, seconds: 0 };
    this.rows = requests.map((row) =>
      row.map((request) => ({ request, steps: request.steps, ...empty })),
    );
    this.cells = this.rows.flat();
    this.total = this.#sum("steps");
    this.facts = { ...facts, began: performance.timeOrigin + performance.now() };
    this.noise = null;
  }

  /** The noise is the same for all. */
  begin({ x, side }) {
    this.side = side;
    this.began ??= performance.now();
    this.noise ??= { is_given: false, picture: this.#picture(x) };
  }

  fill(cell, step, ms, isShown) {
    Object.assign(cell, { calls: step.i + 1, seconds: ms / 1000 });
    if (isShown) cell.picture = this.#picture(step.x);
  }

  value(state, more = {}) {
    const { facts, noise, total } = this;
    const [calls, seconds] = [this.#sum("calls"), this.#sum("seconds")];
    const note = { state, calls, total, seconds: Number(seconds.toFixed(1)), ...more };
    const here = { ms: Math.round((1000 * seconds) / calls), slow: slowedSince(this.began) };
    return { ...facts, noise, total, calls, note, here, rows: this.rows.map(this.#row, this) };
  }

  get pace() {
    return (this.cells[0].request.count * this.#sum("calls")) / this.#sum("seconds");
  }

  #row(cells) {
    const { axis, across } = this.facts;
    const shown = ({ request, ...cell }, name) => ({ value: request[name], ...cell });
    const { model, sampler } = cells[0].request; // of the axis "calls", where they differ
    if (!across) return { model, sampler, ...shown(cells[0], axis) };
    return { value: cells[0].request[axis], cells: cells.map((cell) => shown(cell, across)) };
  }

  #picture(x) {
    const { count } = this.cells[0].request;
    return uriOf(gridOf(x, count, this.side, ACROSS[this.facts.across ? 2 : 1]));
  }

  #sum(name) {
    return this.cells.reduce((sum, cell) => sum + cell[name], 0);
  }
}
