/** Files that were compressed once for all: no server needs to know that they are. */

/** Why this browser can't draw: `key` names a sentence, which whoever shows it has. */
export class Failure extends Error {
  constructor(key, cause) {
    super(key, { cause });
    this.key = key;
  }
}

/** Fetch a gzipped file and unpack it, reporting progress to `onBytes`. A file that was damaged on its
 * way, or in the browser's cache, is fetched once more.
 * @param {string} url
 * @param {(got: number, total: number) => void} onBytes
 * @returns {Promise<Uint8Array>} */
export async function unpacked(url, onBytes) {
  try {
    return await fetched(url, onBytes, "default");
  } catch (failure) {
    if (failure.key !== "damaged") throw failure;
    return await fetched(url, onBytes, "reload");
  }
}

async function fetched(url, onBytes, cache) {
  let packed;
  let isPacked = true;
  try {
    const answer = await fetch(url, { cache });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const total = Number(answer.headers.get("content-length"));
    // some servers declare what ends in .gz as packed on the way, so that the browser unpacks it
    isPacked = answer.headers.get("content-encoding") !== "gzip";
    let got = 0;
    const counted = new TransformStream({
      transform(chunk, controller) {
        got += chunk.length;
        onBytes(got, total);
        controller.enqueue(chunk);
      },
    });
    packed = await new Response(answer.body.pipeThrough(counted)).blob();
  } catch (error) {
    throw new Failure("unreachable", error);
  }
  if (!isPacked) return new Uint8Array(await packed.arrayBuffer());
  try {
    const stream = packed.stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer()); // its checksum fits
  } catch (error) {
    throw new Failure("damaged", error);
  }
}
