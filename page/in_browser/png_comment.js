/** A text in a PNG's metadata, as canvas.toBlob writes none: PNG specification, tEXt and CRC. */

const HEAD = 8 + 25; // the signature and IHDR, which comes first
const KEYWORD = "Comment";

/** @param {Blob} png
 * @param {string} comment in ASCII
 * @returns {Promise<Blob>} the same with this comment */
export async function commented(png, comment) {
  const told = new TextEncoder().encode(`tEXt${KEYWORD}\0${comment}`);
  const chunk = new DataView(new ArrayBuffer(told.length + 8));
  chunk.setUint32(0, told.length - 4);
  new Uint8Array(chunk.buffer).set(told, 4);
  chunk.setUint32(told.length + 4, crcOf(told));
  return new Blob([png.slice(0, HEAD), chunk, png.slice(HEAD)], { type: png.type });
}

function crcOf(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
