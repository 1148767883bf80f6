/** A coloured picture in at most 256 colours of its own, as GIF has them: median cut, Heckbert 1982,
 * on 32 levels of each channel. */

const [BITS, MOST] = [5, 256];
const CELLS = 1 << (3 * BITS);
const DROPPED = 8 - BITS;
const levelOf = (cell, channel) => (cell >> ((2 - channel) * BITS)) & ((1 << BITS) - 1);

/** @param {Uint8ClampedArray} data of an ImageData
 * @returns {{palette: Uint8Array, greys: Uint8Array}} as gif.js takes them */
export function indexed(data) {
  const greys = new Uint8Array(data.length / 4);
  const cells = new Uint16Array(greys.length);
  const counts = new Uint32Array(CELLS); // of pixels
  const sums = [0, 1, 2].map(() => new Uint32Array(CELLS)); // of their levels
  for (let k = 0, i = 0; k < cells.length; k++, i += 4) {
    const above = ((data[i] >> DROPPED) << BITS) | (data[i + 1] >> DROPPED); // red and green
    const cell = (above << BITS) | (data[i + 2] >> DROPPED);
    cells[k] = cell;
    counts[cell]++;
    for (let channel = 0; channel < 3; channel++) sums[channel][cell] += data[i + channel];
  }
  const palette = new Uint8Array(3 * MOST);
  const boxAt = new Uint8Array(CELLS);
  boxesOf(counts).forEach((box, number) => {
    palette.set(meanOf(box, sums), 3 * number);
    for (const cell of box.cells) boxAt[cell] = number;
  });
  for (let k = 0; k < greys.length; k++) greys[k] = boxAt[cells[k]];
  return { palette, greys };
}

/** Boxes of colours, split until there are enough: each time the one of the most and widest. */
function boxesOf(counts) {
  const used = Uint32Array.from(counts.keys()).filter((cell) => counts[cell]);
  const boxes = [boxOf(used, counts)];
  while (boxes.length < MOST) {
    const next = boxes.reduce((best, each) => (each.weight > best.weight ? each : best));
    if (!next.weight) break; // a colour each
    boxes.splice(boxes.indexOf(next), 1, ...halves(next, counts));
  }
  return boxes;
}

function boxOf(cells, counts) {
  let [side, longest, pixels] = [0, 0, 0];
  for (let channel = 0; channel < 3; channel++) {
    let [low, high] = [CELLS, 0];
    for (const cell of cells) {
      const level = levelOf(cell, channel);
      low = Math.min(low, level);
      high = Math.max(high, level);
    }
    if (high - low > side) [side, longest] = [high - low, channel];
  }
  for (const cell of cells) pixels += counts[cell];
  return { cells, longest, pixels, weight: side * pixels };
}

/** Where half of the pixels are on either side, along the longest side. */
function halves({ cells, longest, pixels }, counts) {
  const sorted = cells
    .map((cell) => levelOf(cell, longest) * CELLS + cell)
    .sort()
    .map((key) => key % CELLS);
  let [cut, before] = [0, 0];
  while (cut < sorted.length - 1 && 2 * before < pixels) before += counts[sorted[cut++]];
  return [sorted.subarray(0, cut), sorted.subarray(cut)].map((half) => boxOf(half, counts));
}

/** The mean colour of its pixels. */
function meanOf({ cells, pixels }, sums) {
  const sumOf = (levels) => cells.reduce((sum, cell) => sum + levels[cell], 0);
  return sums.map((levels) => Math.round(sumOf(levels) / pixels));
}
