/** The notes that `ddpm export` leaves in an ONNX file, which onnxruntime-web doesn't give out. */

const METADATA = 14; // the field of a ModelProto; an entry has its key in field 1, its value in 2
const decoder = new TextDecoder();

/** @param {Uint8Array} bytes of an ONNX file
 * @returns {Record<string, string>} */
export function metadataOf(bytes) {
  const found = {};
  for (const { field, part } of fieldsOf(bytes)) {
    if (field !== METADATA) continue;
    const [key, value] = [...fieldsOf(part)].map((each) => decoder.decode(each.part));
    found[key] = value;
  }
  return found;
}

/** The fields of a message of Protocol Buffers that have a length; numbers are passed over. */
function* fieldsOf(bytes) {
  let place = 0;
  const number = () => {
    for (let [value, scale] = [0, 1]; ; scale *= 128) {
      const byte = bytes[place++];
      value += (byte & 127) * scale;
      if (!(byte & 128)) return value;
    }
  };
  while (place < bytes.length) {
    const tag = number();
    const length = { 0: () => number() * 0, 1: () => 8, 2: number, 5: () => 4 }[tag % 8]();
    if (tag % 8 === 2) yield { field: tag >> 3, part: bytes.subarray(place, place + length) };
    place += length;
  }
}
