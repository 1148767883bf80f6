/** Draws in a thread of its own, so that the page never waits: see drawing.js. */

import { Failure, unpacked } from "./fetched.js";
import { openModel } from "./model.js";
import { pictureAt } from "./walk.js";

let model;

/** Begin: the files to fetch. */
async function open({ runtime, wasm, model: url }) {
  const progress = [wasm, url].map(() => ({ got: 0, total: 0 }));
  const files = [wasm, url].map((each, k) =>
    unpacked(each, (got, total) => {
      progress[k] = { got, total };
      if (progress.some((each) => !each.total)) return;
      postMessage({ progress: { got: sum(progress, "got"), total: sum(progress, "total") } });
    }),
  );
  const [wasmBinary, bytes] = await Promise.all(files);
  const ort = await import(runtime);
  // one thread: more need headers that not every host can send
  Object.assign(ort.env.wasm, { wasmBinary, numThreads: 1 });
  try {
    model = await openModel(ort, bytes);
  } catch (error) {
    throw new Failure(/memory|alloc/i.test(`${error}`) ? "memory" : "damaged", error);
  }
}

const sum = (rows, name) => rows.reduce((whole, row) => whole + row[name], 0);

async function answer({ files, id, place, calls }) {
  if (files) return await open(files).then(() => ({ isReady: true }));
  const begin = performance.now();
  const picture = await pictureAt(model, place, calls);
  return { id, picture, ms: performance.now() - begin };
}

self.onmessage = async ({ data }) => {
  try {
    postMessage(await answer(data));
  } catch (error) {
    postMessage({ id: data.id, failed: error.key ?? "memory", why: `${error.cause ?? error}` });
  }
};
