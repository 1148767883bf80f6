/** Pictures as an endless GIF: `ddpm.save_gif`. */

const BITS = 8; // of a pixel, an index into 256 greys
const [CLEAR, END] = [1 << BITS, (1 << BITS) + 1];
const MOST_CODES = 4096; // then the table begins again
const LAST_MS = 2000;

/** @param {{width: number, height: number, greys: Uint8Array, palette?: Uint8Array}[]} frames of one
 *   size; of a frame with a palette, `greys` are the numbers of its 256 colours
 * @param {number} seconds until the last frame, which stays for two more
 * @param {string} comment in ASCII, kept in the file
 * @returns {Uint8Array} */
export function gifOf(frames, seconds = 4, comment = "") {
  const [{ width, height }] = frames;
  const each = Math.max(20, Math.round((seconds * 100) / frames.length) * 10);
  const greys = Array.from({ length: 256 }, (_, grey) => [grey, grey, grey]).flat();
  const bytes = [...text("GIF89a"), ...word(width), ...word(height), 0xf7, 0, 0, ...greys];
  bytes.push(0x21, 0xff, 11, ...text("NETSCAPE2.0"), 3, 1, 0, 0, 0);
  const parts = [Uint8Array.from(bytes)];
  if (comment) parts.push(Uint8Array.of(0x21, 0xfe), inBlocks(Uint8Array.from(text(comment))));
  frames.forEach((frame, k) => {
    const ms = k + 1 < frames.length ? each : LAST_MS;
    const head = [0x21, 0xf9, 4, 0, ...word(ms / 10), 0, 0, 0x2c, 0, 0, 0, 0];
    const own = frame.palette ?? [];
    const flags = own.length && 0x87; // with a table of 256 colours
    parts.push(Uint8Array.from([...head, ...word(width), ...word(height), flags, ...own, BITS]));
    parts.push(inBlocks(compressed(frame.greys)));
  });
  parts.push(Uint8Array.of(0x3b));
  return joined(parts);
}

const text = (letters) => [...letters].map((letter) => letter.charCodeAt(0));
const word = (number) => [number & 255, number >> 8];

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Lempel, Ziv & Welch: codes for what has come before, of as many bits as they need. */
function compressed(pixels) {
  const bytes = [];
  let [pending, pendingBits, size] = [0, 0, BITS + 1];
  const put = (code) => {
    pending |= code << pendingBits;
    for (pendingBits += size; pendingBits >= 8; pendingBits -= 8) {
      bytes.push(pending & 255);
      pending >>>= 8;
    }
  };
  const known = new Uint16Array(MOST_CODES << BITS); // by what came before and the next pixel; or 0
  let [next, before] = [END + 1, pixels[0]];
  put(CLEAR);
  for (let k = 1; k < pixels.length; k++) {
    const key = (before << BITS) | pixels[k];
    if (known[key]) {
      before = known[key];
      continue;
    }
    put(before);
    before = pixels[k];
    if (next === MOST_CODES) {
      put(CLEAR);
      known.fill(0);
      [next, size] = [END + 1, BITS + 1];
      continue;
    }
    known[key] = next;
    if (next === 1 << size) size++;
    next++;
  }
  put(before);
  put(END);
  if (pendingBits) bytes.push(pending & 255);
  return Uint8Array.from(bytes);
}

/** Blocks of at most 255 bytes, each after its length, and an empty one. */
function inBlocks(bytes) {
  const blocks = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.subarray(at, at + 255);
    blocks.push(Uint8Array.of(block.length), block);
  }
  return joined([...blocks, Uint8Array.of(0)]);
}
