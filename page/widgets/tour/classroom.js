// A class at the tour. Whoever presents asks, and sees how many chose what; the others' pages follow,
// and answer. The server is page/workshop/classroom, which knows a presenter and a device by secrets.

const COUNT_MS = 1000; // between two counts, for who presents
const FOLLOW_MS = 4000; // between two looks at what is asked, for the others
const RETRY_MS = 1500;
const PATIENCE_MS = 10_000; // with a bad line
const NONE = { step: null, choices: 0, shown: false };
let presents = recall("presents") ?? null; // the secret of the class that this page presents
let joined = recall("joined") ?? null; // the code of the one that it has joined
let room = NONE; // what the server last said of it
let answering = null; // how far this device's answer is: "sending", "sent", "late" or "full"
let isSending = false;
let inLine = Promise.resolve(); // what this page asks as a presenter, one thing after another

const isPresenter = () => presents !== null && isPresenting();
/** Whether the step that is shown is the one that the class is at. */
const isFollowing = () => joined !== null && room.step === step;

/** The server's answer, to a POST if there is a body, and what it says; null without a connection. */
async function ask(path, body) {
  if (!props.classes) return null;
  const headers = { "Content-Type": "application/json" };
  const sent = body && { method: "POST", headers, body: JSON.stringify(body) };
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(`class/${path}`, { ...sent, signal });
    const text = await answer.text();
    return { ok: answer.ok, status: answer.status, said: text && JSON.parse(text) };
  } catch {
    return null;
  }
}

/** Whether this is no word about the class: the same is asked again. */
const isLost = (answer) => !answer || answer.status === 429 || answer.status >= 500;

function asPresenter(path, body) {
  inLine = inLine.then(() => ask(path, body));
  return inLine;
}

/** A class begins, with nobody in it yet. */
function gather() {
  forgetAnswers();
  presents = newSecret();
  remember("presents", presents);
  present();
}

function dismiss() {
  const secret = presents;
  presents = null;
  setWall(false);
  setRoom(NONE, null);
  remember("presents", null);
  asPresenter("end", { secret });
}

function setRoom(said, code) {
  room = said;
  TOUR.room = code;
  updateAsk();
  updateClass();
}

/** Ask the class what is shown here, and count. */
async function present() {
  const secret = presents;
  if (!isPresenter() || !shown()) return;
  const { count: choices = 0, several = false } = shown().ask ?? {};
  const asked = { step, choices, several, shown: choices > 0 && isOpen(), wall: showsWall() };
  const answer = await asPresenter("present", { secret, ...asked });
  if (!answer?.ok || secret !== presents) return; // the last count stays
  const { code, ...said } = answer.said;
  if (said.step !== step) return present(); // the next step is shown by now
  setRoom(said, code);
}

function join(code) {
  if (code !== joined) forgetAnswers();
  joined = code;
  remember("joined", code);
  updateClass();
  follow();
}

function leave() {
  joined = null;
  remember("joined", null);
  setRoom(NONE, null);
}

/** Go where the class goes; between its steps one may look around. */
async function follow() {
  const code = joined;
  const answer = await ask(`at/${code}`);
  if (isLost(answer) || code !== joined) return;
  const said = answer.ok ? answer.said : NONE;
  const isNew = said.step !== null && said.step !== room.step;
  if (isNew) answering = null;
  if (said.shown) openAnswer(said.step);
  if (isNew) go(said.step);
  setRoom(said, answer.ok ? code : null);
}

function deviceSecret() {
  const secret = localStorage.getItem("device") ?? newSecret();
  localStorage.setItem("device", secret);
  return secret;
}

/** Send this device's answer until it has arrived: it counts once, however often it is sent. */
async function send() {
  answering = "sending";
  if (isSending) return; // which sends the newest too, after what is on its way
  isSending = true;
  while (answering === "sending" && isFollowing()) {
    const picks = picked[step];
    const answer = await ask("answer", {
      code: joined,
      device: deviceSecret(),
      step,
      picked: picks,
    });
    if (picks !== picked[step]) continue;
    if (isLost(answer)) await new Promise((go) => setTimeout(go, RETRY_MS));
    else answering = answer.ok ? "sent" : answer.status === 403 ? "full" : "late";
  }
  isSending = false;
  updateAsk();
}

async function everySoOften() {
  if (isTouring() && isPresenter()) await present();
  else if (isTouring() && joined && !document.hidden) await follow();
  // not all phones at the same moment
  const ms = joined ? FOLLOW_MS * (0.75 + Math.random() / 2) : COUNT_MS;
  setTimeout(everySoOften, ms);
}

/** Whether there is a class, for who presents and for who has joined. */
function whereabouts() {
  if ((isPresenting() || joined) && !props.classes) return say("tour_needs_server");
  if (isPresenter() && isAlone()) return say("share_alone");
  if (isPresenter()) return TOUR.room ? say("tour_class_open") : "";
  if (!joined || isPresenting()) return "";
  return room.step ? say("tour_in_class") : say("tour_no_class");
}

/** Whether others in the room can't open this address: then it has no code. */
const isAlone = () => props.coded !== null && !props.coded.qr;

/** For who presents: where others in the room open this step. A click enlarges it. */
function showCode() {
  const wanted = isTouring() && isPresenting();
  const isThere = props.coded?.step === step && props.coded.room === TOUR.room;
  find(".code").hidden = !(wanted && isThere && props.coded.qr);
  if (isThere && props.coded.qr) find(".code img").src = props.coded.qr;
  if (wanted && !isThere) trigger("presented");
}

function updateClass() {
  find(".gather").hidden = !isPresenting() || !props.classes;
  find(".gather").textContent = presents ? say("tour_dismiss") : say("tour_gather");
  find(".where").textContent = whereabouts();
  find(".close").hidden = isPresenter(); // the class would go on unseen
  showCode();
  updateWall();
}
