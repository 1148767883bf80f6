// Draws where the visitor is, once all that it takes has come; until then the server draws, and
// where a browser can't, if there is a server.

const RECENT_MS = 1000;
let here; // draws at a place, in this browser
let slowedSince; // says why that is slow, if it is
let files = {}; // what it takes, by name
let isFetching = false;
let failed = null; // why it can't

/** Fetch what it takes. Resolves once that is decided. */
async function drawHere() {
  find(".badge").hidden = !props.browser;
  if (!props.browser) return;
  files = addressesOf(props.browser.files);
  isFetching = true;
  try {
    const drawing = await import(files.page);
    here = await drawing.openDrawing(files, showFetched);
    ({ slowedSince } = drawing);
    failed = null;
    sayWhy();
  } catch (failure) {
    leaveToServer(failure);
  }
  isFetching = false;
}

function showPlace(where, textContent) {
  const badge = find(".badge");
  badge.dataset.where = where;
  badge.textContent = textContent;
}

function showFetched(here) {
  const said = props.ask ? say("drawn_fetching_there", here) : say("drawn_fetching", here);
  showPlace("there", said);
}

function leaveToServer(failure) {
  here = undefined;
  failed = failure.key ?? "unreachable";
  sayWhy();
}

function sayWhy() {
  const why = failed ? say(`drawn_no_${failed}`) : "";
  find(".instead").textContent = props.ask
    ? why && say("drawn_by_server", { why })
    : why.charAt(0).toUpperCase() + why.slice(1);
}

/** The picture at a place; undefined if it isn't drawn here. */
async function drawnHere(place) {
  if (!here) return undefined;
  try {
    const { picture, ms } = await here.at(place, props.browser.calls);
    const slow = slowedSince(performance.now() - RECENT_MS);
    return { image: shades(picture), seconds: ms / 1000, isHere: true, slow };
  } catch (failure) {
    leaveToServer(failure);
  }
}

/** A grey picture of numbers from -1 to 1, as `ddpm.to_uint8` has it. */
function shades(picture) {
  const side = Math.sqrt(picture.length);
  const image = make("canvas", { width: side, height: side });
  const context = image.getContext("2d");
  const pixels = context.createImageData(side, side);
  picture.forEach((value, k) => {
    pixels.data.fill(Math.round((value + 1) * 127.5), 4 * k, 4 * k + 3);
    pixels.data[4 * k + 3] = 255;
  });
  context.putImageData(pixels, 0, 0);
  return image;
}
