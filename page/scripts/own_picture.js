// A visitor's own picture: taken only where there is a camera, and shown from the browser's file until
// the server has read it. The Train tab does so with many: page/widgets/training_monitor/own_preview.js.

/** The picture in a file, right side up, this many pixels high; null if the browser can't read it. */
function bitmapOf(file, resizeHeight) {
  return createImageBitmap(file, { resizeHeight, resizeQuality: "medium" }).catch(() => null);
}

/** Call `use` with the files that a visitor chooses for, or drops on, the component `selector`. */
function whenChosen(selector, use) {
  const listen = (kind, filesOf) =>
    document.addEventListener(
      kind,
      (event) => {
        const files = event.target.closest?.(selector) && filesOf(event);
        if (files?.length) use([...files]);
      },
      { capture: true },
    );
  listen("change", ({ target }) => target.files);
  listen("drop", ({ dataTransfer }) => dataTransfer?.files);
}

{
  const HEIGHT = 440; // pixels: twice what the component has
  let chosen = null; // the file on its way
  let canvas = null; // over the component

  async function preview([file]) {
    chosen = file;
    const bitmap = await bitmapOf(file, HEIGHT);
    if (!bitmap || file !== chosen) return;
    canvas?.remove();
    const { width, height } = bitmap;
    canvas = make("canvas", { width, height, id: "noise-preview" });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    document.querySelector("#noise-image").append(canvas);
  }

  function end() {
    canvas?.remove();
    chosen = canvas = null;
  }

  /** The panels show this picture, one of several perhaps that a visitor chose in a row. */
  function pictureIsShown(picture) {
    window.shownPicture = picture; // to go back to when the next one is refused
    if (picture?.orig_name === chosen?.name) end();
  }

  window.pictureIsShown = pictureIsShown;
  whenChosen("#noise-image", preview);
  document.addEventListener("refused", end); // from messages.js

  const asked = navigator.mediaDevices?.enumerateDevices() ?? Promise.resolve([]); // none over http
  asked.then((found) => {
    const hasCamera = found.some(({ kind }) => kind === "videoinput");
    document.documentElement.classList.toggle("no-camera", !hasCamera);
  });
}
