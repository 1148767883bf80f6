// Links to what the page shows, in the address after #: a tab, `generate?v=1&label=7`, a step of the
// tour, `tour=3`, or both, and the class that is at it, `class=` and its code. Python reads and
// writes them (page/widgets/links.py); here is what only a browser knows.

let askedLink = ""; // what Python is to open: see page/workshop/opening.py
let startsToo = false; // whether what it is set to is to be started as well
const STARTS = {
  noise: "#noise-view .play",
  compare: "#compare-go:enabled",
  train: "#train-go", // off while there is a run, which goes on
};
// the tour's step that an address asks for, until the tour has it; the one that is shown, and the
// class that the page is in, if any
const TOUR = { asked: null, shown: null, room: null };

const SELECTED = "main [role=tab][aria-selected=true]"; // the first is that of the three tabs

/** The tab that a link's place is in. */
function tabOf(link) {
  return link.split("?")[0].replace(/^(compare|walk|points)$/, "generate");
}

/** Set the page to what a link says: `generate?v=1&label=7`. Each place has a button that Python
 * listens to; the first one says what is wrong with a link to none. With `starts`, play, compare
 * or train as soon as the settings are there; a drawing starts by itself. */
function openLink(text, starts = false) {
  askedLink = text;
  startsToo = starts;
  document.dispatchEvent(new Event("link"));
  goingTo(text.split("?")[0]);
  whenThere("#open-noise", (first) => {
    const button = document.getElementById(`open-${text.split("?")[0]}`);
    (button ?? first).click();
  });
}

/** The settings of the link are there. */
function linkOpened() {
  const place = askedLink.split("?")[0];
  if (!startsToo || !(place in STARTS)) return;
  startsToo = false;
  if (place === "compare") document.querySelector("#compare-stop:enabled")?.click();
  whenThere(STARTS[place], (button) => button.click());
}

/** The page's own, without what follows it. */
function address() {
  return location.origin + location.pathname;
}

/** Of files by name, whose paths are those of this page. */
function addressesOf(files) {
  const absolute = ([name, path]) => [name, new URL(path, document.baseURI).href];
  return Object.fromEntries(Object.entries(files).map(absolute));
}

/** Which view of Generate is open, or waits behind another tab. */
function viewShown() {
  const selected = document.querySelector(`#generate-views ${SELECTED.slice(5)}`);
  return selected?.dataset.tabId ?? "draw";
}

/** Which tab is open, or view of Generate; null while the page is being built. */
function placeShown() {
  const tab = document.querySelector(SELECTED)?.dataset.tabId ?? null;
  const view = viewShown();
  return tab === "generate" && view !== "draw" ? view : tab;
}

/** What a link to the page as it is must know besides the values of its controls. */
function whereIAm() {
  const place = placeShown();
  const { walkShown, pointsShown, noiseShown } = window;
  const shown = { walk: walkShown, points: pointsShown }[place] ?? noiseShown;
  const tour = { tour: TOUR.shown, class: TOUR.room };
  return { place, address: address(), ...tour, ...shown?.() };
}

/** Settings as a link, for the files that a browser makes: Python leaves out what is usual. */
function linkOf(place, values) {
  return `${place}?${new URLSearchParams({ v: 1, ...values })}`;
}

/** Show a link to the page as it is, its QR code, and a program that makes what it shows. */
function share() {
  whenThere("#share-go", (button) => button.click());
}

/** What stands in an address after #: a link, or the name of a tab, and a step of the tour with a
 * class. */
function readAddress(url = location.href) {
  const hash = new URL(url).hash.slice(1);
  const [tab, query] = hash.split("?");
  const asked = new URLSearchParams(query ?? tab);
  const [step, room] = [asked.get("tour"), asked.get("class")];
  const isStep = /^\d{1,3}$/.test(step);
  return { tab, link: query ? hash : null, step: isStep ? Number(step) : null, room };
}

/** A link of before links were in the part after #, as one of today. */
function oldLink() {
  const names = ["T", "schedules", "notebook", "zero_terminal", "seed", "t", "hidden"];
  const url = new URL(location.href);
  const found = names.filter((name) => url.searchParams.has(name));
  if (!found.length) return null;
  const settings = new URLSearchParams(found.map((name) => [name, url.searchParams.get(name)]));
  for (const name of found) url.searchParams.delete(name);
  history.replaceState(history.state, "", url);
  return `noise?${settings}`;
}

/** What an address asks for. It is opened once: a reload keeps what a visitor made of it. */
function openAddress(url) {
  const { link: wanted, step, room } = readAddress(url);
  const link = room ? null : wanted; // who joins a class answers: not everyone's page need draw
  if (step) {
    TOUR.asked = { step, room, apply: !link };
    setTouring(true);
    document.dispatchEvent(new Event("tour"));
  }
  if (link) openLink(link);
  if (!link && !step) return;
  const now = link ? link.split("?")[0] : (placeShown() ?? "");
  history.replaceState(history.state, "", `#${now}`);
}

function isTouring() {
  return document.documentElement.classList.contains("touring");
}

/** Show the tour's strip, or close it; this browser remembers which. */
function setTouring(on) {
  localStorage.setItem("touring", on ? "1" : "");
  document.documentElement.classList.toggle("touring", on);
}

let destination = null; // the place that the page is on its way to, by way of others

/** The places before this one are no visits, and get no entry in the browser's history. */
function goingTo(place) {
  destination = place === placeShown() ? null : place; // null: it has arrived
}

const OLD_LINK = oldLink();
const LINKED = OLD_LINK ?? readAddress().link; // what the page was opened with, if anything
if (localStorage.getItem("touring")) setTouring(true);
if (OLD_LINK) openLink(OLD_LINK);
openAddress();
// not as the address is by then: a tab that opened meanwhile may have put its name there
addEventListener("hashchange", ({ newURL }) => openAddress(newURL));
