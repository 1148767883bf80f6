/** Draws in the visitor's browser: the page's side of worker.js. */

import { Failure } from "./fetched.js";

// a function of one instruction on a vector: only a runtime with SIMD takes it
const SIMD = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
];

/** @typedef {{runtime: string, wasm: string, model: string, worker: string}} Files absolute URLs */
/** @typedef {{picture: import("./samplers.js").Numbers, ms: number}} Drawn */

/** What draws pictures, once its files are there. Rejects with a `Failure` if it can't here.
 * @param {Files} files
 * @param {(progress: {got: number, total: number}) => void} onProgress told the bytes that came
 * @returns {Promise<(place: object, calls: number) => Promise<Drawn>>} */
export async function openDrawing(files, onProgress) {
  if (typeof Worker === "undefined") throw new Failure("workers");
  const hasSimd = typeof WebAssembly !== "undefined" && WebAssembly.validate(new Uint8Array(SIMD));
  if (!hasSimd || typeof DecompressionStream === "undefined") throw new Failure("simd");
  const worker = startedWorker(files.worker);
  const waiting = new Map();
  let count = 0;
  const ready = new Promise((resolve, reject) => waiting.set(undefined, { resolve, reject }));
  const failAll = (failure) => {
    for (const { reject } of waiting.values()) reject(failure);
    worker.terminate();
  };
  worker.onerror = () => failAll(new Failure("workers"));
  worker.onmessage = ({ data }) => {
    if (data.progress) return onProgress(data.progress);
    if (data.failed) return failAll(new Failure(data.failed, data.why));
    waiting.get(data.id).resolve(data);
    waiting.delete(data.id);
  };
  worker.postMessage({ files });
  await ready;
  return (place, calls) =>
    new Promise((resolve, reject) => {
      const id = ++count;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ id, place, calls });
    });
}

function startedWorker(url) {
  try {
    return new Worker(url, { type: "module" });
  } catch (error) {
    throw new Failure("workers", error);
  }
}
