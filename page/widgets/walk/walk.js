// A pad between four corners. While a hand moves, one request is under way at a time; the next one
// is for the newest place, whatever lay between. Corners are drawn when no place waits.

const STEP = 0.05; // of an arrow key
const ANY = -1;
const pad = find(".pad");
const what = find(".what select");
// the arguments of the endpoint, by name
const state = { ...props.value.place, ...(props.value.linked ? {} : recall("walk")) };
let moved = false; // since the last request
let stale = []; // numbers of the corners that are yet to be drawn
let generation = 0; // of the corners: what was asked for before they changed is dropped
let isAsking = false;
let lastShown; // what is said of the last picture, to say it in the other language too

/** Undefined while nothing can draw: until the model is here, where there is no server. */
async function drawn(place) {
  return (await drawnHere(place)) ?? (props.ask ? await drawnByServer(place) : undefined);
}

async function drawnByServer(place) {
  const { x, y, corners, label, classes, seed, seeds = [] } = place;
  const answer = await fetch(`gradio_api/run/${props.ask}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ data: [x, y, corners, label, classes, seed, seeds] }),
  });
  const { data, error } = await answer.json();
  if (!answer.ok) throw new Error(error ?? say("request_failed"));
  const image = new Image();
  image.src = data[0].picture;
  await image.decode();
  return { image, seconds: data[0].seconds };
}

/** Where the picture was drawn, how long a call took, and how long it was until it was seen. */
function showWhere({ seconds, isHere = false, slow }, here) {
  lastShown = [{ seconds, isHere, slow }, here];
  const where = isHere ? "here" : "there";
  const ms = Math.round(1000 * seconds);
  find(".took").textContent = say(`walk_took_${where}`, { ms, here });
  if (props.browser && !isFetching) {
    const each = Math.round((1000 * seconds) / props.browser.calls);
    showPlace(where, timed(where, { ms: each, slow }));
  }
}

function show(canvas, { image }) {
  canvas.getContext("2d").drawImage(image, 0, 0);
}

async function ask() {
  if (isAsking) return;
  isAsking = true;
  pad.ariaBusy = "true";
  try {
    while (moved || stale.length) {
      if (moved) {
        moved = false;
        const begin = performance.now();
        const now = await drawn({ ...state });
        if (!now) break;
        show(find(".now"), now);
        keepFrame(find(".now"));
        showWhere(now, Math.round(performance.now() - begin));
      } else {
        const [k, then] = [stale[0], generation];
        const corner = await drawn({ ...state, x: k % 2, y: k >> 1 });
        if (!corner) break;
        if (then !== generation) continue;
        stale.shift();
        show(corners[k].querySelector("canvas"), corner);
      }
    }
    find(".wrong").textContent = "";
  } catch (error) {
    moved = false; // the next move tries again
    const isKnown = error.name === "Error"; // otherwise there is no connection
    find(".wrong").textContent = isKnown ? inOneLanguage(error.message) : say("request_failed");
  }
  isAsking = false;
  pad.ariaBusy = "false";
}

function move(x, y) {
  [state.x, state.y] = [x, y].map(
    (part) => Math.round(1000 * Math.min(1, Math.max(0, part))) / 1000,
  );
  place();
}

function place() {
  const [across, down] = [state.x, state.y].map((part) => Math.round(100 * part));
  Object.assign(find(".spot").style, { left: `${across}%`, top: `${down}%` });
  pad.ariaValueNow = across;
  pad.ariaValueText = say("walk_where", { across, down });
  remember("walk", state);
  moved = true;
  ask();
}

/** Other corners, so everything is drawn again. */
function change(changes) {
  Object.assign(state, changes);
  stale = corners.map((_, k) => k);
  generation++;
  arrange();
  place();
}

function arrange() {
  const isBetweenClasses = state.corners === "classes";
  for (const button of element.querySelectorAll(".kinds button")) {
    button.ariaPressed = String(button.dataset.corners === state.corners);
  }
  corners.forEach((corner, k) => {
    const select = corner.querySelector("select");
    select.hidden = !isBetweenClasses;
    select.value = state.classes[k];
  });
  nameCorners();
  find(".what").hidden = isBetweenClasses;
  what.value = state.label;
}

const touching = new Map(); // what is on the pad, by number: midway between two fingers is the place

function follow({ pointerId, clientX, clientY }) {
  touching.set(pointerId, [clientX, clientY]);
  const box = pad.getBoundingClientRect();
  const middle = (k) => [...touching.values()].reduce((sum, at) => sum + at[k], 0) / touching.size;
  move((middle(0) - box.left) / box.width, (middle(1) - box.top) / box.height);
}

pad.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  pad.setPointerCapture(event.pointerId);
  pad.focus({ preventScroll: true });
  event.preventDefault();
  follow(event);
});
pad.addEventListener("pointermove", (event) => {
  if (pad.hasPointerCapture(event.pointerId)) follow(event);
});
pad.addEventListener("lostpointercapture", ({ pointerId }) => touching.delete(pointerId));
pad.addEventListener("keydown", (event) => {
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const way = ways[event.key];
  if (!way) return;
  event.preventDefault();
  move(state.x + STEP * way[0], state.y + STEP * way[1]);
});
for (const button of element.querySelectorAll(".kinds button")) {
  button.addEventListener("click", () => change({ corners: button.dataset.corners }));
}
corners.forEach((corner, k) => {
  corner.querySelector("select").addEventListener("change", ({ target }) => {
    change({ classes: state.classes.with(k, Number(target.value)) });
  });
});
what.addEventListener("change", () => change({ label: Number(what.value) }));

function translate() {
  sayWhy();
  const classes = props.names.map((name, value) => [value, labelName(name)]);
  corners.forEach((corner, k) => {
    const select = corner.querySelector("select");
    corner.querySelector("canvas").ariaLabel = select.ariaLabel = say(`walk_corner_${k}`);
    fillSelect(select, classes, state.classes[k]);
  });
  fillSelect(what, [[ANY, say("generate_any")], ...classes], state.label);
  nameRecord();
  if (lastShown) showWhere(...lastShown);
  arrange();
}

window.walkShown = () => {
  const { x, y, corners: kind, label, seed, classes } = state;
  const each = classes.map((number, k) => [`corner_${k}`, number]);
  const seeds = seedsOf(state).map((own, k) => [`seed_${k}`, own]);
  return { x, y, corners: kind, label, seed, ...Object.fromEntries([...each, ...seeds]) };
};

watch("label", translate);
watch("value", () => change(props.value.place));
translate();
new IntersectionObserver(([entry], observer) => {
  if (!entry.isIntersecting) return;
  observer.disconnect();
  change({}); // draws everything for the first time
  drawHere().then(place);
}).observe(element);
