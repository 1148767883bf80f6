// What a reload would lose: the tab, a run, the settings and what they have made. They are kept in
// the browser's storage for this tab; files stay on the server, for as long as it keeps them.

const KEPT = { ...sessionStorage }; // as it was before this page wrote anything

/** Keep a value that `recall(key)` returns after a reload. Returns whether there was room for it. */
function remember(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    sessionStorage.removeItem(key);
    return false;
  }
}

function recall(key) {
  return key in KEPT ? JSON.parse(KEPT[key]) : undefined;
}

function newSecret() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const AWAY_MS = Date.now() - (recall("left") ?? Date.now()); // before a reload, if it was one
addEventListener("pagehide", () => remember("left", Date.now()));

const TRIES = 3; // a reload may come before the server has heard of one
const begunAgain = {}; // runs that a click on their button begins, by kind
const ONLY_THERE = /^(trained|own(_\d+)?)$/; // what stands for a model or pictures of one server

/** The values of a run of this kind, the last of which becomes its secret, with which the page finds
 * it again. The button that `selector` finds would begin it once more. */
function beginRun(kind, selector, given) {
  const run = begunAgain[kind] ?? { secret: newSecret(), selector, values: given, tries: 0 };
  delete begunAgain[kind];
  remember(`run-${kind}`, run);
  return [...run.values.slice(0, -1), run.secret];
}

/** The server knows nothing of the page's run of this secret: the one that did has ended. Another one
 * gets the same values, unless this is what ends them, or who asked for it has been away for too long. */
function beginAgain(kind, secret) {
  const run = runOf(kind);
  if (run?.secret !== secret) return; // asked about twice, and begun again already
  const isLost = run.tries >= TRIES || run.values.some((value) => ONLY_THERE.test(value));
  if (isLost || AWAY_MS > LOST_MS) return endRun(kind);
  const again = { ...run, secret: newSecret(), tries: run.tries + 1 };
  remember(`run-${kind}`, again);
  whenThere(`${run.selector}:enabled`, (button) => {
    begunAgain[kind] = again;
    button.click();
    document.dispatchEvent(new CustomEvent("tell", { detail: "line_again" }));
  });
}

/** The page's run has come so far that, should it begin again, it would with these. */
function wouldBegin(kind, selector, values) {
  const run = runOf(kind);
  if (run) remember(`run-${kind}`, { ...run, selector, values, tries: 0 });
}

function runOf(kind) {
  return JSON.parse(sessionStorage.getItem(`run-${kind}`));
}

function endRun(kind) {
  if (!isCut) sessionStorage.removeItem(`run-${kind}`);
}

function isRunning() {
  return Object.keys(sessionStorage).some((key) => key.startsWith("run-"));
}

/** The secret of the page's run of this kind, if any, for a field: new each time. */
function runToFind(kind) {
  const run = runOf(kind);
  return run ? `${run.secret} ${Date.now()}` : { __type__: "update" };
}

/** Kept values for Gradio's components, and the path of the first one's file. What the server no
 * longer has is left out, except for the path of a trained model: another server may have shared
 * it; and where the page was opened by a link, all settings are. */
async function recallValues(key) {
  const tab = LINKED && tabOf(LINKED);
  const kept = recall(key) ?? [];
  const values = key === tab ? kept.map((value) => ([value].flat()[0]?.path ? value : null)) : kept;
  const there = await Promise.all(values.map(isThere));
  const back = values.map((value, k) => (there[k] ? (value ?? undefined) : undefined));
  return [...back, (key === "trained" ? values : back)[0]?.path];
}

/** Kept files for the buttons that download them, which are on while the server has the file. */
async function recallDownloads(key) {
  const files = recall(key) ?? [];
  const there = await Promise.all(files.map(isThere));
  const update = { __type__: "update", interactive: true };
  return files.map((value, k) => (value && there[k] ? { ...update, value } : undefined));
}

/** Whether there is still what a value stands for: a file, or the model trained here, which lasts
 * as long as its file. */
async function isThere(value) {
  const isModel = value === "trained";
  const [file] = isModel ? (recall("trained") ?? []) : [value].flat();
  return file?.url ? (await fetch(file.url, { method: "HEAD" })).ok : !isModel;
}

{
  const FIRST = "noise";
  const tabButton = (place) => `[role=tab][data-tab-id="${CSS.escape(place)}"]`;
  const placeInAddress = () => readAddress().tab || FIRST;

  /** Open a tab, and in Generate a view. */
  function goTo(place) {
    goingTo(place);
    const tab = tabOf(place);
    whenThere(tabButton(tab), (found) => found.click());
    if (tab !== "generate") return;
    whenThere(tabButton(place === tab ? "draw" : place), (found) => found.click());
  }

  /** Back goes from place to place, not away from the page. */
  function noteVisit() {
    const place = placeShown();
    if (destination && place !== destination) return; // on the way
    destination = null;
    if (place && place !== placeInAddress()) history.pushState(null, "", `#${place}`);
  }

  if (LINKED)
    whenThere(tabButton(tabOf(LINKED)), (found) => found.click()); // a view comes with it
  else if (location.hash) goTo(placeInAddress());
  new MutationObserver(noteVisit).observe(document.body, {
    attributeFilter: ["aria-selected"],
    subtree: true,
  });
  addEventListener("popstate", () => {
    if (/^#?[a-z]*$/.test(location.hash)) goTo(placeInAddress()); // otherwise a link: link.js
  });
  // what follows a hand's doing is where it wants to be
  for (const kind of ["click", "keydown"]) {
    document.addEventListener(kind, ({ isTrusted }) => isTrusted && goingTo(null), {
      capture: true,
    });
  }
}
