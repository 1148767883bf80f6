// A film of a sampler's run: x_t beside x̂_0, at the frame of the slider. `props.value` grows while
// the run streams (see tabs/scrubber.py); moving through it asks nobody.

const FILM_MS = 4000; // playing takes about this long, however many frames there are
const find = (selector) => element.querySelector(selector);
const slider = find(".place");
const playButton = find(".play");
const canvases = { x: find(".x"), x_start: find(".x_start") };
let words = {};
let pictures = []; // of each frame: {x, x_start}, as images
let began = null; // which run this is
let held = false; // the visitor has moved the slider: do not follow the run any more
let timer = null; // of the film that plays

function picture(uri, old) {
  if (old?.src === uri) return old;
  const image = new Image();
  image.onload = draw;
  image.src = uri;
  return image;
}

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

function draw() {
  const { frames, steps } = props.value;
  const k = Number(slider.value);
  for (const [key, canvas] of Object.entries(canvases)) {
    const image = pictures[k]?.[key];
    if (!image?.naturalWidth) continue; // still on its way to the screen
    if (canvas.width !== image.naturalWidth) canvas.width = image.naturalWidth;
    if (canvas.height !== image.naturalHeight) canvas.height = image.naturalHeight;
    canvas.getContext("2d").drawImage(image, 0, 0);
  }
  const frame = frames[k];
  const sentence = frame?.t == null ? words.end : words.middle;
  find(".where").textContent = frame ? fill(sentence, { ...frame, steps }) : words.empty;
  slider.setAttribute("aria-valuetext", find(".where").textContent);
}

function move(k) {
  slider.value = k;
  draw();
}

function play(on) {
  clearInterval(timer);
  timer = null;
  if (on) {
    held = true;
    if (slider.value === slider.max) move(0);
    const frame_ms = Math.min(500, Math.max(40, FILM_MS / pictures.length));
    timer = setInterval(() => {
      if (!element.isConnected || slider.value === slider.max) play(false);
      else move(Number(slider.value) + 1);
    }, frame_ms);
  }
  playButton.textContent = on ? "❚❚ " + words.pause : "▶ " + words.play;
}

function update() {
  const film = props.value;
  if (film.began !== began) {
    play(false);
    held = false;
    began = film.began;
  }
  pictures = film.frames.map((frame, k) => ({
    x: picture(frame.x, pictures[k]?.x),
    x_start: picture(frame.x_start, pictures[k]?.x_start),
  }));
  const last = Math.max(0, pictures.length - 1);
  slider.max = Math.max(1, last);
  slider.disabled = playButton.disabled = last === 0;
  if (!held) slider.value = last;
  const notes = film.frames.length ? [fill(film.ahead ? words.waiting : words.note, film)] : [];
  if (film.doubled && !film.ahead) notes.push(words.doubled);
  if (film.cut) notes.push(words.cut);
  find(".note").textContent = notes.join(" · ");
  draw();
}

function translate() {
  const sentences = (props.label || "").split("|");
  const names = "held believed play pause place empty middle end note doubled waiting cut".split(" ");
  words = Object.fromEntries(names.map((name, k) => [name, sentences[k] ?? ""]));
  [words.held, words.believed].forEach((caption, k) => {
    element.querySelectorAll("figcaption")[k].textContent = caption;
    element.querySelectorAll("canvas")[k].setAttribute("aria-label", caption);
  });
  slider.setAttribute("aria-label", words.place);
  play(timer !== null);
  update();
}

slider.addEventListener("input", () => {
  play(false);
  held = true;
  draw();
});
playButton.addEventListener("click", () => play(timer === null));
playButton.addEventListener("keydown", ({ key }) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (!by) return;
  play(false);
  held = true;
  move(Number(slider.value) + by);
});
watch("value", update);
watch("label", translate);
translate();
