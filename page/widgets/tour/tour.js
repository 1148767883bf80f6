// The tour's strip: one step at a time. Its texts come once, when it is first opened.

let step = recall("tour") ?? 1; // from 1 on
let apply = false; // whether the step's settings are wanted as soon as it is there
let unfolded = false;
let tried = null; // the step whose settings the page has
let left = null; // the link that set them, also once the step or the tour is left
const lookAt = make("div", { className: "look-at" }); // what to look at, above the pictures

const shown = () => props.steps?.[step - 1];

function go(to) {
  step = Math.min(props.count, Math.max(1, to));
  unfolded = false;
  tried = null;
  remember("tour", step);
  update();
  present();
}

/** What an address asked for. */
function goToAsked() {
  if (!TOUR.asked) return;
  const { step: asked, room: code, apply: isWanted } = TOUR.asked;
  TOUR.asked = null;
  apply = isWanted && !code;
  go(asked);
  if (code) join(code);
}

function setUnfolded(on) {
  unfolded = on;
  find(".answer").hidden = !on;
  find(".unfold").ariaExpanded = String(on);
  find(".unfold").textContent = `${say("tour_answer")} ${on ? "▴" : "▾"}`;
}

/** Show what was asked, and set the page up for it; on a phone it stands below the choices. */
function look() {
  const isFirst = isAsking();
  if (isFirst) openAnswer(step);
  if (isFirst) updateAsk();
  present();
  if (shown().link) setUp(true);
  if (isFirst && matchMedia("(max-width: 700px)").matches) showPage();
}

/** What stands below the strip. */
function showPage() {
  document.querySelector("main .tabs").scrollIntoView();
}

/** Set the page up for the step; with `starts`, have it play, compare or train too. */
function setUp(starts) {
  openLink(shown().link, starts && "does" in shown());
  [tried, left] = [step, shown().link];
  showLook();
}

/** What the step is about is said where it happens, once the page is set up for it; and once the tour
 * is closed, that the settings stay. */
function showLook() {
  lookAt.remove();
  lookAt.replaceChildren(...(isTouring() ? aboutStep() : whatStays()));
  const said = lookAt.firstChild;
  if (!said) return;
  whenThere(PICTURES[left.split("?")[0]], (pictures) => {
    if (said === lookAt.firstChild) pictures.before(lookAt);
  });
}

function aboutStep() {
  const { look: sentence } = shown() ?? {};
  return tried === step && sentence ? lowered(inLanguage(sentence)) : [];
}

function whatStays() {
  if (!left) return [];
  const [place] = left.split("?");
  const drawn = ["generate", "compare"].includes(place) ? "&label=-2" : ""; // each class in turn
  const usual = `${place}?v=1${drawn}`;
  if (left === usual) return [];
  const button = make("button", { type: "button", textContent: say("tour_usual") });
  button.addEventListener("click", () => openLink(usual));
  return [make("span", { textContent: say("tour_stays") }), button];
}

/** The page gets the settings of a link, whoever opens it. */
function forgetSettings() {
  tried = left = null;
  showLook();
}

function update() {
  TOUR.shown = isTouring() ? step : null;
  showLook();
  if (!isTouring()) return;
  find(".try").textContent = say("tour_try");
  find(".step").textContent = say("tour_step", { step, count: props.count });
  updateClass();
  find(".back").disabled = step === 1;
  find(".next").disabled = step === props.count;
  setUnfolded(unfolded);
  if (!shown()) {
    trigger("asked");
    return;
  }
  const { question, answer, paper, url, link } = shown();
  find(".question").replaceChildren(...lowered(inLanguage(question)));
  const paragraphs = inLanguage(answer).split(/\n\s*\n/);
  find(".paragraphs").replaceChildren(...paragraphs.map((text) => make("p", {}, ...lowered(text))));
  const place = paper ? inLanguage(paper) : "";
  const cited = url ? make("a", { href: url, target: "_blank", rel: "noopener" }, place) : place;
  find(".paper").replaceChildren(...(paper ? [say("tour_paper"), cited] : []));
  find(".try").hidden = !link; // the static edition hasn't all of the page
  askAnew();
  if (apply && link) setUp(false);
  apply = false;
}

/** The button that was used may be off now. */
function move(by) {
  go(step + by);
  if (!document.activeElement?.matches(":enabled")) find(by < 0 ? ".next" : ".back").focus();
}

find(".back").addEventListener("click", () => move(-1));
find(".next").addEventListener("click", () => move(1));
find(".try").addEventListener("click", look);
find(".gather").addEventListener("click", () => (presents ? dismiss() : gather()));
find(".unfold").addEventListener("click", () => setUnfolded(!unfolded));
find(".code").addEventListener("click", share);
find(".close").addEventListener("click", () => {
  leave();
  setTouring(false);
});
find(".strip").addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!by) return;
  event.preventDefault();
  move(by);
});
document.addEventListener("tour", goToAsked);
document.addEventListener("link", forgetSettings);
new MutationObserver(update).observe(document.documentElement, { attributeFilter: ["class"] });
watch(["steps", "label"], update);
watch("coded", updateClass);
goToAsked();
update();
everySoOften();
