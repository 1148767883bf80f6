// A film of a sampler's run: x_t beside x̂_0, at the frame of the slider. `props.value` grows while
// the run streams (see scrubber.py); scrubbing sends no request. Before the first run, the film is
// the last one before a reload of the page, or `props.opening`, which "opened" asks for. `here` is
// the `ms` of a call of a film that is drawn in the browser, or the megabytes fetched before, `less`
// the settings of one that takes less, where it takes long, and `failed` why it can't be drawn.

const FILM_MS = 4000; // from the first frame to the last, whatever their number
const LAST_MS = 2000; // as long as a GIF of the run shows its last frame
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const slider = find(".place");
const playButton = find(".play");
const canvases = { x: find(".x"), x_start: find(".x_start") };
let pictures = []; // {x, x_start} of each frame, as images
let began = null; // identifies the run
let stopping = null; // the run that Stop has ended, from the click on
let looped = false; // once it was whole
let held = false; // a hand has taken the slider or the button, so nothing moves it any more
let timer = null; // while the film plays

const kept = recall("film");

function shownFilm() {
  const { frames, here, failed } = props.value;
  const isNew = frames.length || here || failed;
  return isNew ? props.value : (kept ?? props.opening ?? props.value);
}

function load(uri, old) {
  if (old?.src === uri) return old;
  const image = new Image();
  image.onload = draw;
  image.src = uri;
  return image;
}

/** The frame of the slider, with its words: both change at once. */
function draw() {
  const { frames, steps, stages } = shownFilm();
  const k = Number(slider.value);
  const images = pictures[k] ?? {};
  if (Object.values(images).some((image) => !image.complete)) return; // `onload` draws it
  for (const [key, image] of Object.entries(images)) {
    const canvas = canvases[key];
    if (canvas.width !== image.naturalWidth) canvas.width = image.naturalWidth;
    if (canvas.height !== image.naturalHeight) canvas.height = image.naturalHeight;
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height); // a grid may end with empty places
    context.drawImage(image, 0, 0);
  }
  find(".where").textContent = stageOf(frames[k], stages) + where(frames[k], steps);
  slider.setAttribute("aria-valuetext", find(".where").textContent);
}

function where(frame, steps) {
  if (!frame) return say("scrubber_empty");
  const at = { ...frame, steps };
  if (frame.t != null) return say("scrubber_middle", at);
  return frame.step === steps ? say("scrubber_end", at) : say("scrubber_cut", at);
}

/** The last frame that there is: while a run lasts, the slider goes on to the last that is planned. */
function newest() {
  return Math.max(0, pictures.length - 1);
}

function move(k) {
  slider.value = Math.min(k, newest());
  draw();
}

function next() {
  if (!element.isConnected) return play(false);
  move(Number(slider.value) >= newest() ? 0 : Number(slider.value) + 1);
  play(true);
}

/** Loop through the film, or stop. */
function play(on) {
  clearTimeout(timer);
  const frame_ms = Math.max(20, FILM_MS / pictures.length);
  timer = on ? setTimeout(next, Number(slider.value) >= newest() ? LAST_MS : frame_ms) : null;
  playButton.textContent = playLabel(on, say);
}

/** A hand has taken the film. */
function hold() {
  held = true;
  play(false);
}

function note(film) {
  if (film === props.opening) return say("scrubber_opening", film);
  if (film.ended === "left") return say("scrubber_left");
  if (film.failed) return say("drawn_not_here", { why: say(`drawn_no_${film.failed}`) });
  if (stopping === film.began && !film.ended) return say("stopping");
  if (film.ahead) return say("generate_queue", film);
  if (!film.frames.length) return "";
  const notes = [say(`scrubber_${film.ended ?? "running"}`, film)];
  if (!film.ended && film.left) notes.push(say("scrubber_left_s", film));
  if (film.schedule) notes.push(say("scrubber_schedule", { name: scheduleName(film.schedule) }));
  const asks = film.by_classifier ? "gradient" : film.by_worse ? "worse" : "doubled";
  if (film.doubled) notes.push(say(`scrubber_${asks}`));
  if (film.doubled && film.interval) {
    const [low, high] = film.interval;
    notes.push(say("scrubber_within", { low, high }));
  }
  return notes.join(" · ");
}

function update() {
  const film = shownFilm();
  if (film.began !== began) {
    held = looped = false;
    play(false);
    began = film.began;
  }
  pictures = film.frames.map((frame, k) => ({
    x: load(frame.x, pictures[k]?.x),
    x_start: load(frame.x_start, pictures[k]?.x_start),
  }));
  const last = newest();
  slider.max = Math.max(1, film.ended ? last : (film.planned ?? 1) - 1, last);
  slider.disabled = playButton.disabled = last === 0;
  if (!held && timer === null) slider.value = last;
  if (film.stopping) stopping = film.began; // frames on their way don't know of it
  const isRunning = film.frames.length && !film.ended && stopping !== film.began;
  find(".note").ariaLive = isRunning ? "off" : "polite"; // its seconds change all the time
  find(".note").textContent = note(film);
  showBadge(film);
  find(".less").hidden = !film.less;
  showStages(film.stages);
  showProposal(film.proposal);
  draw();
  const isWhole = last > 0 && (film.ended || film === props.opening);
  if (!isWhole || looped) return;
  looped = true;
  if (film.ended) {
    remember("film", film);
    document.dispatchEvent(new CustomEvent("film", { detail: film })); // page/widgets/results
  }
  if (!held && !calm.matches) play(true);
}

function translate() {
  play(timer !== null);
  update();
}

function toggle() {
  const isPlaying = timer !== null;
  hold();
  if (isPlaying) return;
  if (Number(slider.value) >= newest()) move(0);
  play(true);
}

slider.addEventListener("pointerdown", hold);
slider.addEventListener("input", () => {
  hold();
  move(Number(slider.value));
});
slider.addEventListener("keydown", ({ key }) => {
  if (key !== "Tab" && key !== " ") hold(); // the latter plays it: page/scripts/keyboard.js
});
playButton.addEventListener("click", toggle);
playButton.addEventListener("keydown", ({ key }) => {
  const change = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (!change) return;
  hold();
  move(Number(slider.value) + change);
});
find(".less button").addEventListener("click", () => {
  document.querySelector("#generate-stop:enabled")?.click();
  openLink(linkOf("generate", shownFilm().less));
});

/** For what draws in this browser: page/in_browser/draw.js. */
window.showFilm = (film) => {
  props.value = film;
  update();
};

watch(["value", "opening"], update);
watch("label", translate);
translate();
if (!kept) trigger("opened");
