// Draws in the visitor's browser what the server would draw otherwise. Python says with what:
// page/tabs/generate/in_browser.py.

let runHere = null; // what ends it, while there is one

function isOfferedHere(name, model, start) {
  return model === name && start === "noise";
}

function stopHere() {
  runHere?.abort();
}

/** Values for the buttons that download a PNG and a GIF: `values` are those of `ranges`. */
async function drawHere({ files, ranges, few, plain, model, classes }, values) {
  const names = Object.keys(ranges);
  const request = { ...plain, ...Object.fromEntries(names.map((name, k) => [name, values[k]])) };
  const isRight = names.every((name) => {
    const [low, high] = ranges[name];
    return Number.isInteger(request[name]) && low <= request[name] && request[name] <= high;
  });
  const absolute = Object.entries(files).map(([name, path]) => [
    name,
    new URL(path, document.baseURI).href,
  ]);
  const addresses = Object.fromEntries(absolute);
  runHere = new AbortController();
  const off = { __type__: "update", interactive: false };
  if (!isRight || !few.includes(request.steps)) {
    window.showFilm({ frames: [], failed: "settings" });
    return [off, off];
  }
  try {
    const { drawFilm, gifOfFilm, pngOf } = await import(addresses.draw);
    const { showFilm } = window;
    const { sampler, steps, seed, label } = request;
    const link = linkOf("generate", { model, ...request });
    const made = { link, words: null, label: classes[label] ?? null, sampler, steps, seed };
    const film = await drawFilm(addresses, request, { made }, showFilm, runHere.signal);
    if (!film) {
      showFilm({ frames: [] }); // stopped before it began
      return [off, off];
    }
    remember("files", []); // a reload brings back the film, and no file
    const name = `${sampler}-${film.steps}-steps-seed-${seed}`;
    const here = `${address()}#${link}`;
    const blobs = [await pngOf(film, here), gifOfFilm(film, here)];
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
