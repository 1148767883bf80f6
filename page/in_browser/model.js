/** A model from an ONNX file of `ddpm export`, ready to be sampled by samplers.js. */

import { denoiserOf } from "./diffusion/denoiser.js";
import { ofAlphas } from "./diffusion/schedule.js";
import { metadataOf } from "./onnx_metadata.js";

/** @typedef {{denoiser: import("./diffusion/guidance.js").Denoiser, pixels: number,
 *   classes: number|null, schedule: import("./diffusion/schedule.js").Schedule, config: object,
 *   info: object}} Model */

/** @param {object} ort the module of onnxruntime-web
 * @param {Uint8Array} bytes
 * @returns {Promise<Model>} */
export async function openModel(ort, bytes) {
  const { config, info, schedule: tables } = notesOf(bytes);
  const { channels, image_size: side, num_classes: classes } = config.unet;
  const [pixels, schedule] = [channels * side * side, ofAlphas(tables.alphas_cumprod)];
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
  const tensor = (data, ...shape) => new ort.Tensor("float32", data, shape);

  async function network(x, t, labels) {
    const count = x.length / pixels;
    const given = {
      x: tensor(Float32Array.from(x), count, channels, side, side),
      t: tensor(new Float32Array(count).fill(t), count),
    };
    if (labels) given.labels = tensor(labels, count, classes + 1);
    return (await session.run(given))[session.outputNames[0]].data;
  }

  const denoiser = denoiserOf(network, schedule, config.diffusion.objective);
  return { denoiser, pixels, classes, schedule, config, info };
}

function notesOf(bytes) {
  const { config, info, schedule } = metadataOf(bytes);
  return { config: JSON.parse(config), info: JSON.parse(info), schedule: JSON.parse(schedule) };
}
