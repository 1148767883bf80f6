/** Draws in a thread of its own, so that the page never waits: see drawing.js. */

import { begin } from "./diffusion/trajectory.js";
import { pictureAt } from "./diffusion/walk.js";
import { Failure, unpacked } from "./fetched.js";
import { openModel } from "./model.js";

let model;
const stopped = new Set(); // runs, by number, that are to end

/** Begin: the files to fetch. */
async function open({ runtime, wasm, model: url }) {
  const progress = [wasm, url].map(() => ({ got: 0, total: 0 }));
  const files = [wasm, url].map((each, k) =>
    unpacked(each, (got, total) => {
      progress[k] = { got, total };
      if (progress.some((each) => !each.total)) return;
      postMessage({ progress: [sum(progress, "got"), sum(progress, "total")] });
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

async function answer({ files, id, place, calls, request }) {
  if (files) return await open(files).then(() => ({ isReady: true }));
  const begun = performance.now();
  if (request) return await run(id, request, begun);
  const picture = await pictureAt(model, place, calls);
  return { id, picture, ms: performance.now() - begun };
}

/** Each step is sent as soon as it is computed; Stop is checked between two of them. */
async function run(id, request, begun) {
  const { x, times, steps } = begin(model, request);
  const side = model.config.unet.image_size;
  postMessage({ id, begins: { x, times, side } });
  let calls = 0;
  for await (const step of steps) {
    if (!step.x.every(Number.isFinite)) throw new Failure("not_finite");
    const ms = performance.now() - begun;
    calls++;
    postMessage({ id, step, ms });
    await heard();
    if (stopped.delete(id)) break;
  }
  return { id, calls, ms: performance.now() - begun };
}

/** Lets messages in, which promises alone do not. */
const heard = () => new Promise((resolve) => setTimeout(resolve));

self.onmessage = async ({ data }) => {
  if (data.stop) return stopped.add(data.stop);
  try {
    postMessage(await answer(data));
  } catch (error) {
    postMessage({ id: data.id, failed: error.key ?? "memory", why: `${error.cause ?? error}` });
  }
};
