// A film of a sampler's run: x_t beside x̂_0, at the frame of the slider. `props.value` grows while
// the run streams (see scrubber.py); scrubbing sends no request.

const FILM_MS = 4000; // about how long playing takes, whatever the number of frames
const slider = find(".place");
const playButton = find(".play");
const canvases = { x: find(".x"), x_start: find(".x_start") };
let pictures = []; // {x, x_start} of each frame, as images
let began = null; // identifies the run
let stopping = null; // the run that Stop has ended, from the click on
let held = false; // the visitor has moved the slider, so it no longer follows the run
let timer = null; // while the film plays

function load(uri, old) {
  if (old?.src === uri) return old;
  const image = new Image();
  image.onload = draw;
  image.src = uri;
  return image;
}

function draw() {
  const { frames, steps } = props.value;
  const k = Number(slider.value);
  for (const [key, canvas] of Object.entries(canvases)) {
    const image = pictures[k]?.[key];
    if (!image?.naturalWidth) continue; // not decoded yet
    if (canvas.width !== image.naturalWidth) canvas.width = image.naturalWidth;
    if (canvas.height !== image.naturalHeight) canvas.height = image.naturalHeight;
    canvas.getContext("2d").drawImage(image, 0, 0);
  }
  const frame = frames[k];
  find(".where").textContent = where(frame, steps);
  slider.setAttribute("aria-valuetext", find(".where").textContent);
}

function where(frame, steps) {
  if (!frame) return say("scrubber_empty");
  const at = { ...frame, steps };
  if (frame.t != null) return say("scrubber_middle", at);
  return frame.step === steps ? say("scrubber_end", at) : say("scrubber_cut", at);
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
  playButton.textContent = on ? `❚❚ ${say("pause")}` : `▶ ${say("play")}`;
}

function note(film) {
  if (film.ended === "left") return say("scrubber_left");
  if (stopping === film.began && !film.ended) return say("stopping");
  if (film.ahead) return say("generate_queue", film);
  if (!film.frames.length) return "";
  const notes = [say(`scrubber_${film.ended ?? "running"}`, film)];
  if (film.doubled) notes.push(say("scrubber_doubled"));
  return notes.join(" · ");
}

function update() {
  const film = props.value;
  if (film.began !== began) {
    play(false);
    held = false;
    began = film.began;
  }
  pictures = film.frames.map((frame, k) => ({
    x: load(frame.x, pictures[k]?.x),
    x_start: load(frame.x_start, pictures[k]?.x_start),
  }));
  const last = Math.max(0, pictures.length - 1);
  slider.max = Math.max(1, last);
  slider.disabled = playButton.disabled = last === 0;
  if (!held) slider.value = last;
  if (film.stopping) stopping = film.began; // frames on their way don't know of it
  find(".note").textContent = note(film);
  draw();
}

function translate() {
  const captions = element.querySelectorAll("figcaption");
  captions[0].textContent = canvases.x.ariaLabel = say("scrubber_held");
  captions[1].textContent = canvases.x_start.ariaLabel = say("scrubber_believed");
  slider.ariaLabel = say("scrubber_place");
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
  const change = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (!change) return;
  play(false);
  held = true;
  move(Number(slider.value) + change);
});
watch("value", update);
watch("label", translate);
translate();
