// Draws in the visitor's browser what the server would draw otherwise. Python says with what:
// page/tabs/generate/in_browser.py.

let runHere = null; // what ends it, while there is one

function isOfferedHere(name, model, start) {
  return model === name && start === "noise";
}

function stopHere() {
  runHere?.abort();
}

/** Values for the buttons that download a PNG and a GIF: `values` are those of `reads`. */
async function drawHere({ files, reads, plain }, values) {
  const given = Object.fromEntries(reads.map((name, k) => [name, values[k]]));
  const request = { ...plain, ...given };
  const absolute = Object.entries(files).map(([name, path]) => [
    name,
    new URL(path, document.baseURI).href,
  ]);
  const addresses = Object.fromEntries(absolute);
  runHere = new AbortController();
  const off = { __type__: "update", interactive: false };
  try {
    const { drawFilm, gifOfFilm, pngOf } = await import(addresses.draw);
    const { showFilm } = window;
    const film = await drawFilm(addresses, request, {}, showFilm, runHere.signal);
    if (!film) return [off, off];
    remember("files", []); // a reload brings back the film, and no file
    const name = `${plain.sampler}-${film.steps}-steps-seed-${request.seed}`;
    const blobs = [await pngOf(film), gifOfFilm(film)];
    return blobs.map((blob, k) => {
      const orig_name = `${name}.${["png", "gif"][k]}`;
      const url = URL.createObjectURL(blob);
      const value = { path: url, url, orig_name, meta: { _type: "gradio.FileData" } };
      return { __type__: "update", value, interactive: true };
    });
  } catch (failure) {
    window.showFilm({ frames: [], failed: failure.key ?? "unreachable" });
    return [off, off];
  }
}
