// The wall of a class: who has joined shows what they drew to the room; who presents opens and clears
// it. A click on a picture or film opens the settings that its file names.

let isWallOpen = recall("wall") ?? false; // of the class that this page presents
const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const hangs = [...element.querySelectorAll(".hang")];
let hung = null; // how showing the last picture ended: "shown", or why not, in the server's words

function setWall(on) {
  isWallOpen = on;
  remember("wall", on);
  present();
  updateWall();
}

async function takeDown(name) {
  await asPresenter("take_down", { secret: presents, name });
  present();
}

/** Show the room what this page drew last: the "png", or its film, the "gif". */
async function hang(kind) {
  const files = JSON.parse(sessionStorage.getItem("files"));
  const path = files?.find((file) => file?.path.endsWith(`.${kind}`))?.path;
  const body = { code: joined, device: deviceSecret(), path };
  const answer = path ? await ask("hang", body) : null;
  const refusal = answer && !answer.ok ? answer.said.detail.split("<br>") : "lost";
  const why = files?.length === 0 ? "here" : "nothing"; // see drawHere: it makes no file here
  hung = path ? (answer?.ok ? "shown" : refusal) : why;
  updateWall();
}

/** The first frame of a film, its finished picture: page/workshop/classroom/wall.py. */
async function stillOf(url) {
  const film = make("img", { src: url });
  await film.decode();
  const still = make("canvas", { width: film.naturalWidth, height: film.naturalHeight });
  still.getContext("2d").drawImage(film, 0, 0);
  return still.toDataURL();
}

async function show(image, url) {
  image.src = CALM.matches && url.endsWith(".gif") ? await stillOf(url) : url;
}

function pictureOf(name) {
  const url = `class/at/${TOUR.room}/${name}`;
  const image = make("img", { alt: say("tour_wall_picture") });
  show(image, url);
  const shows = make("button", { type: "button", className: "shows" }, image);
  shows.addEventListener("click", async () => {
    const answer = await fetch(url);
    if (answer.ok) restorePicture(await answer.blob());
    showPage();
  });
  const removes = make("button", { type: "button", className: "removes", textContent: "✕" });
  removes.ariaLabel = say("tour_wall_remove");
  removes.addEventListener("click", () => takeDown(name));
  return Object.assign(make("li", {}, shows, removes), { id: `wall-${name}` });
}

function saidOfHung() {
  if (Array.isArray(hung)) return inLanguage(hung);
  return hung ? say(`tour_wall_${hung}`) : "";
}

/** A wall and a question are not looked at together. */
const showsWall = () => isWallOpen && !shown()?.ask;

function updateWall() {
  const isMine = isPresenter();
  const names = (isMine && showsWall() && room.pictures) || [];
  for (const button of hangs) button.hidden = isMine || !room.wall;
  const isEmpty = isMine && showsWall() && !names.length;
  find(".hung").textContent = isEmpty ? say("tour_wall_waiting") : room.wall ? saidOfHung() : "";
  find(".open-wall").hidden = !isMine || Boolean(shown()?.ask);
  find(".open-wall").textContent = isWallOpen ? say("tour_wall_close") : say("tour_wall_open");
  find(".clear").hidden = !names.length;
  const shownNow = new Map([...find(".wall").children].map((each) => [each.id, each]));
  const items = names.map((name) => shownNow.get(`wall-${name}`) ?? pictureOf(name));
  const isSame = items.length === shownNow.size && items.every((each) => each.isConnected);
  if (!isSame) find(".wall").replaceChildren(...items);
}

for (const button of hangs) button.addEventListener("click", () => hang(button.dataset.kind));
find(".open-wall").addEventListener("click", () => setWall(!isWallOpen));
find(".clear").addEventListener("click", () => takeDown(null));
