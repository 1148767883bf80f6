/** Draws in the visitor's browser: the page's side of worker.js. */

import { Failure } from "./fetched.js";

// a function of one instruction on a vector: only a runtime with SIMD takes it
const SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
];

/** @typedef {{runtime: string, wasm: string, model: string, worker: string}} Files absolute URLs */
/** @typedef {{picture: import("./diffusion/samplers.js").Numbers, ms: number}} Drawn */
/** Megabytes that have come, of all, in words.
 * @typedef {{part: string, all: string}} Progress */

const RECENT_MS = 2000; // longer than a call takes: who drew so shortly before draws still
const opened = new Map(); // by model: views of one page share its worker
const others = new BroadcastChannel("ddpm-draws"); // the page's other tabs, which hear each answer
const last = { tabs: -Infinity, hidden: -Infinity }; // when another tab drew, and this was hidden

others.onmessage = () => {
  last.tabs = performance.now();
};
document.addEventListener("visibilitychange", () => {
  last.hidden = performance.now(); // it was before, or is from now on
});

/** Why drawing has been slower since a time of performance.now(), if for one of these.
 * @param {number} time
 * @returns {"tabs"|"hidden"|undefined} as keys of sentences have it */
export function slowedSince(time) {
  if (document.hidden || last.hidden > time) return "hidden";
  return last.tabs > time - RECENT_MS ? "tabs" : undefined;
}

/** What draws pictures with a model, once its files are there. Rejects with a `Failure` if it can't
 * here.
 * @param {Files} files
 * @param {(progress: Progress) => void} onProgress
 * @returns {Promise<Drawing>} */
export async function openDrawing(files, onProgress) {
  const { model } = files;
  if (!opened.has(model)) {
    const told = new Set();
    const drawing = started(files, (progress) => told.forEach((each) => void each(progress)));
    drawing.catch(() => opened.delete(model)); // the next time, it is tried again
    opened.set(model, { told, drawing });
  }
  const { told, drawing } = opened.get(model);
  told.add(onProgress);
  return await drawing;
}

async function started(files, onProgress) {
  if (typeof Worker === "undefined") throw new Failure("workers");
  const hasSimd = typeof WebAssembly !== "undefined" && WebAssembly.validate(new Uint8Array(SIMD));
  if (!hasSimd || typeof DecompressionStream === "undefined") throw new Failure("simd");
  const drawing = new Drawing(startedWorker(files.worker), onProgress, () =>
    opened.delete(files.model),
  );
  await drawing.asked({ files });
  return drawing;
}

class Drawing {
  #worker;
  #waiting = new Map(); // by number: what to do with an answer
  #count = 0;

  constructor(worker, onProgress, onEnd) {
    this.#worker = worker;
    const failAll = (failure) => {
      for (const { reject } of this.#waiting.values()) reject(failure);
      worker.terminate();
      onEnd();
    };
    worker.onerror = () => failAll(new Failure("workers"));
    worker.onmessage = ({ data }) => {
      if (data.progress) {
        const [part, all] = data.progress.map((bytes) => (bytes / 1e6).toFixed(1));
        return onProgress({ part, all });
      }
      others.postMessage("");
      if (data.failed === "not_finite") return this.#waiting.get(data.id).reject(failureOf(data));
      if (data.failed) return failAll(failureOf(data));
      const waiting = this.#waiting.get(data.id);
      if (data.begins || data.step) return waiting.hear(data);
      this.#waiting.delete(data.id);
      waiting.resolve(data);
    };
  }

  /** @param {object} message of one number at a time, or of none
   * @param {(data: object) => void} hear told what comes before the answer */
  asked(message, hear) {
    return new Promise((resolve, reject) => {
      this.#waiting.set(message.id, { resolve, reject, hear });
      this.#worker.postMessage(message);
    });
  }

  /** @returns {Promise<Drawn>} the picture at a place of Walk's pad */
  at(place, calls) {
    return this.asked({ id: ++this.#count, place, calls });
  }

  /** A whole run: `hear` gets what it `begins` with, then each `step` with the `ms` so far.
   * @param {import("./diffusion/trajectory.js").Request} request
   * @param {AbortSignal} signal ends it after the next step
   * @returns {Promise<{calls: number, ms: number}>} */
  run(request, hear, signal) {
    const id = ++this.#count;
    signal.addEventListener("abort", () => this.#worker.postMessage({ stop: id }));
    return this.asked({ id, request }, hear);
  }
}

const failureOf = ({ failed, why }) => new Failure(failed, why);

function startedWorker(url) {
  try {
    return new Worker(url, { type: "module" });
  } catch (error) {
    throw new Failure("workers", error);
  }
}
