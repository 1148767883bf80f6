// What a step asks before one looks: choices to pick from. Once its answer is open, what was right.

const picked = recall("picked") ?? {}; // by step, the choices of this device
const opened = new Set(recall("opened") ?? []); // steps whose answer has been shown

/** Whether the answer of the step that is shown is open. */
const isOpen = () => opened.has(step);
const isAsking = () => Boolean(shown()?.ask) && !isOpen();

function openAnswer(number) {
  opened.add(number);
  remember("opened", [...opened]);
}

/** Another class starts without answers. */
function forgetAnswers() {
  for (const number of Object.keys(picked)) delete picked[number];
  opened.clear();
  remember("picked", picked);
  remember("opened", []);
}

function pick(choice) {
  const before = picked[step] ?? [];
  const others = before.filter((each) => each !== choice);
  const isNew = others.length === before.length;
  picked[step] = shown().ask.several ? [...others, ...(isNew ? [choice] : [])] : [choice];
  remember("picked", picked);
  if (isFollowing()) send();
  updateAsk();
}

function choiceOf(ask, k) {
  const { choices, pictures, count } = ask;
  const face = make("span", { className: choices ? "words" : "picture" });
  if (choices) face.append(...lowered(inLanguage(choices[k])));
  else {
    face.style.background = `url(${pictures}) ${(100 * k) / (count - 1)}% 0 / ${100 * count}% 100%`;
  }
  const parts = [make("i"), face, make("output")];
  const button = make("button", { type: "button", className: "choice" }, ...parts);
  button.addEventListener("click", () => pick(k));
  return button;
}

/** The buttons of another question, or in another language. */
function askAnew() {
  const { ask } = shown() ?? {};
  find(".ask").hidden = !ask;
  if (!ask) return updateAsk();
  find(".asks").replaceChildren(...lowered(ask.question ? inLanguage(ask.question) : ""));
  const buttons = Array.from({ length: ask.count }, (_, k) => choiceOf(ask, k));
  find(".choices").replaceChildren(...buttons);
  find(".choices").classList.toggle("pictures", Boolean(ask.pictures));
  updateAsk();
}

function updateAsk() {
  const { ask } = shown() ?? {};
  // nothing else, which could tell the answer, until a class knows it
  const isDeciding = isAsking() && isFollowing();
  document.documentElement.classList.toggle("deciding", isDeciding);
  find(".unfold").hidden = isDeciding;
  find(".answer").hidden = isDeciding || !unfolded;
  if (!ask) return;
  // a class's presenter shows it to all; the static edition hasn't all that steps set up
  find(".try").hidden = isAsking() ? isFollowing() : !shown().link;
  find(".try").textContent = isAsking() ? say("tour_look") : say("tour_try");
  const mine = picked[step] ?? [];
  const { counts, answers } = room.step === step ? room : {};
  for (const [k, button] of [...find(".choices").children].entries()) {
    const isRight = isOpen() && ask.right.includes(k);
    const isWrong = isOpen() && !isRight && mine.includes(k);
    button.ariaPressed = String(mine.includes(k));
    button.disabled = isOpen() || isPresenter();
    button.classList.toggle("right", isRight);
    button.classList.toggle("wrong", isWrong);
    const mark = isRight ? "✓ " : isWrong ? "✗ " : "";
    button.lastChild.textContent = `${mark}${counts ? counts[k] : ""}`;
    button.style.setProperty("--share", counts && answers ? counts[k] / answers : 0);
    if (ask.pictures) button.ariaLabel = say("tour_picture", { k: k + 1, mark });
  }
  find(".ask .note").textContent = noteOf(ask, mine, answers);
}

function verdictOf(right, mine) {
  const isExact = right.length === mine.length && right.every((each) => mine.includes(each));
  return isExact ? say("tour_right") : say("tour_wrong");
}

function noteOf(ask, mine, answers) {
  if (answers !== undefined) return say("tour_answers", { answers });
  if (isOpen()) return mine.length ? verdictOf(ask.right, mine) : "";
  if (isPresenter()) return "";
  if (isFollowing() && answering) return say(`tour_${answering}`);
  if (mine.length) return isFollowing() ? say("tour_sent") : say("tour_look_now");
  return ask.several ? say("tour_pick_all") : say("tour_pick");
}
