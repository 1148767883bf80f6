// A visitor's own pictures as soon as they are chosen, from the browser's files, until the server
// has read them: a data URI like that of `props.data`. progress.js follows.

const SIDE = 28; // pixels of each picture
const CELL = SIDE + 2; // with the gap before it
const PER_ROW = 10;
const PREVIEWED = 20;

let preview = null; // the data URI
let previewing = 0; // counts choices: a newer one ends the one before

async function previewFiles(files) {
  const mine = ++previewing;
  const [width, height] = [PER_ROW, Math.ceil(PREVIEWED / PER_ROW)].map((n) => n * CELL + 2);
  const canvas = make("canvas", { width, height });
  const context = canvas.getContext("2d");
  let count = 0;
  for (const file of files) {
    if (count === PREVIEWED) return;
    const bitmap = await bitmapOf(file, 2 * SIDE); // one at a time: a photograph is 50 MB
    if (mine !== previewing) return;
    if (!bitmap) continue; // the server will say why
    const side = Math.min(bitmap.width, bitmap.height);
    const [x, y] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
    const [column, row] = [count % PER_ROW, Math.floor(count / PER_ROW)];
    count += 1;
    const [left, top] = [column * CELL + 2, row * CELL + 2];
    context.drawImage(bitmap, x, y, side, side, left, top, SIDE, SIDE);
    bitmap.close();
    preview = canvas.toDataURL();
    update();
  }
}

/** The server has read them, or refused them. */
function endPreview() {
  previewing += 1;
  if (!preview) return;
  preview = null;
  update();
}

whenChosen(props.files, previewFiles);
document.addEventListener("refused", endPreview); // from messages.js
watch("data", endPreview);
