// A path over the pad as a GIF: every picture that is shown while it is recorded.

const MOST_FRAMES = 300;
const recordButton = find(".record");
let path = null; // {pictures, began} while it is recorded

function keepFrame(canvas) {
  if (!path) return;
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const greys = Uint8Array.from({ length: width * height }, (_, k) => data[4 * k]);
  path.pictures.push({ width, height, greys });
  if (path.pictures.length === MOST_FRAMES) savePath();
}

async function savePath() {
  const { pictures, began } = path;
  path = null;
  nameRecord();
  const seconds = (performance.now() - began) / 1000;
  const { gifBlob, save } = await import(files.draw);
  const link = `${address()}#${linkOf("walk", window.walkShown())}`;
  save(gifBlob(pictures, link, seconds), "walk.gif");
}

function nameRecord() {
  recordButton.disabled = !props.browser; // whose modules write GIFs
  recordButton.ariaPressed = String(Boolean(path));
  recordButton.textContent = path ? "■ GIF" : "● GIF"; // there is room for no more
  recordButton.ariaLabel = recordButton.title = path ? say("walk_save") : say("walk_record");
}

recordButton.addEventListener("click", () => {
  if (path) return savePath();
  path = { pictures: [], began: performance.now() };
  keepFrame(find(".now"));
  nameRecord();
});
