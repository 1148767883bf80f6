/** The static edition: what stands around the instruments. Noise comes first, without any model; what
 * the other places need is fetched when they are opened. */

import data from "../data.js";
import { mount } from "./host.js";
import { read, write } from "./links.js";
import { label, onLocale } from "./locale.js";
import { keepOffline } from "./offline.js";
import { say, tell } from "./words.js";

const MODULES = {
  noise: () => import("./views/noise.js"),
  generate: () => import("./views/draw.js"),
  compare: () => import("./views/compare.js"),
  walk: () => import("./views/walk.js"),
  points: () => import("./views/points.js"),
};
const opened = new Map(); // by place: its module, once it is open

function open(place) {
  if (!opened.has(place)) opened.set(place, opening(place));
  return opened.get(place);
}

async function opening(place) {
  const module = await MODULES[place]();
  await module.open();
  return module;
}

// ---- links

const titleOf = (place, name) => {
  const setting = data.places[place].settings.find((each) => each.name === name);
  return setting ? say(setting.label) : name;
};

let followed = 0; // links

async function follow(link) {
  const own = ++followed;
  const [place, query = ""] = link.split("?");
  const found = Object.hasOwn(MODULES, place) ? read(query, data.places[place].settings) : null;
  if (!found) return tell(() => say("static_link_unknown"));
  const module = await open(place);
  const ignored = [...found.wrong, ...found.unknown];
  const names = () => ignored.map((name) => titleOf(place, name)).join(say("comma"));
  tell(() => (ignored.length ? say("static_link_ignored", { names: names() }) : ""));
  module.follow(found.values);
  if (own === followed) linkOpened(); // what it starts is not for another that is on its way
}

async function showLink(dialog) {
  const { place, address, tour } = whereIAm();
  const module = await open(place);
  const values = module.shown();
  const link = write(place, data.places[place].settings, values, module.usual(values));
  const error = ["en", "zh"].map((code) => sentences(code).static_program);
  const url = `${address}#${link}${tour ? `&tour=${tour}` : ""}`;
  dialog.set({ value: { link: url, qr: null, for_all: true, program: null, error } });
}

/** The buttons that page/scripts/link.js clicks. */
function makeButtons(dialog) {
  const hidden = document.getElementById("clicked");
  const sharing = make("button", { id: "share-go", type: "button" });
  sharing.addEventListener("click", () => showLink(dialog));
  const places = Object.keys(MODULES).map((place) => {
    const button = make("button", { id: `open-${place}`, type: "button" });
    button.addEventListener("click", () => {
      showPlace(place);
      follow(askedLink);
    });
    return button;
  });
  hidden.append(sharing, ...places);
}

function showPlace(place) {
  const tab = tabOf(place);
  const click = (id) => document.querySelector(`[role=tab][data-tab-id="${id}"]`).click();
  click(tab);
  if (tab === "generate") click(place === tab ? "draw" : place);
}

// ---- the page

const placeNow = () => (placeShown() === "draw" ? "generate" : placeShown());

async function start() {
  document.addEventListener("place", () => open(placeNow()));
  document.addEventListener("tell", ({ detail }) => tell(() => say(detail)));
  mount("header");
  const first = open(placeNow());
  const dialog = await mount("share", { value: null });
  makeButtons(dialog);
  await first;
  mount("tour");
  document.documentElement.dataset.ready = "";
  onLocale(() => {
    document.title = say("header_title");
  });
  if (label() === "zh") document.title = say("header_title");
  keepOffline();
}

start();
