// Draws in the visitor's browser what the server would draw otherwise. Python says with what:
// page/tabs/generate/controls/in_browser.py.

const runsHere = {}; // what ends the last one of each place

function isOfferedHere(name, model, start) {
  return model === name && start === "noise";
}

function isComparedHere({ model, axes }, chosen, axis, across) {
  const isSecond = across === "none" || (across in axes && across !== axis);
  return chosen === model && axis in axes && isSecond;
}

function stopHere(place) {
  runsHere[place]?.abort();
}

/** The request of these values, which are those of `ranges`, the files to draw it with, and what ends
 * it. Throws what a failure to draw is, if a value is out of its range and no axis takes its place. */
function begunHere(place, { files, ranges, few, plain }, values, axes = []) {
  const names = Object.keys(ranges);
  const request = { ...plain, ...Object.fromEntries(names.map((name, k) => [name, values[k]])) };
  const isRight = (name) => {
    const [[low, high], value] = [ranges[name], request[name]];
    const isOffered = name !== "steps" || few.includes(value);
    return Number.isInteger(value) && low <= value && value <= high && isOffered;
  };
  if (!names.every((name) => axes.includes(name) || isRight(name))) throw { key: "settings" };
  runsHere[place] = new AbortController();
  return { request, addresses: addressesOf(files), signal: runsHere[place].signal };
}

/** Values for the buttons that download a PNG and a GIF. */
async function drawHere(how, values) {
  const { showFilm } = window;
  const off = { __type__: "update", interactive: false };
  try {
    const { request, addresses, signal } = begunHere("generate", how, values);
    const { drawFilm, gifOfFilm, pngOf } = await import(addresses.draw);
    const { model } = how;
    const { sampler, seed, label } = request;
    const link = linkOf("generate", { model, ...request });
    const word = label === -2 ? "each" : (how.classes[label] ?? null);
    const made = { link, words: null, label: word, model, sampler, steps: request.steps, seed };
    const facts = { made, student: model };
    const film = await drawFilm(addresses, request, facts, showFilm, signal);
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
    showFilm({ frames: [], failed: failure.key ?? "unreachable" });
    return [off, off];
  }
}

/** `how.axes` are the values of each axis, by its name. */
async function compareHere(how, axis, column, values) {
  const { showComparison } = window;
  const across = column === "none" ? null : column;
  try {
    const { request, addresses, signal } = begunHere("compare", how, values, [axis, across]);
    const { drawComparison, requestsOf } = await import(addresses.compare);
    const { label, steps, seed } = request;
    const same = { model: how.model, label, steps, seed };
    for (const name of [axis, across]) delete same[name];
    const facts = { axis, across, same, classes: how.classes };
    const requests = requestsOf([axis, across], (name) => how.axes[name], request);
    await drawComparison(() => addresses, requests, facts, showComparison, signal);
  } catch (failure) {
    showComparison({ rows: [], failed: failure.key ?? "unreachable" });
  }
}
