// The head of the page. What its switches do is in page/scripts, which also remembers them.

const ROOM_MS = 5000; // between two counts
const SWITCHES = [".tour", ".share", ".language", ".theme", ".present"];
const [tour, sharing, language, theme, present] = SWITCHES.map(find);

// Gradio names a tab that was never opened once, in the language of that moment
function nameTabs() {
  for (const tab of ["noise", "generate", "train", "draw", "compare", "walk", "points"]) {
    for (const button of document.querySelectorAll(`[data-tab-id="${tab}"]`)) {
      const name = [...button.childNodes].find(({ data }) => data?.trim());
      if (name) name.data = say(`${tab}_tab`);
    }
  }
}

function update() {
  tour.lastChild.textContent = isTouring() ? say("header_tour") : say("header_new");
  tour.ariaExpanded = String(isTouring());
  language.lang = say("header_other_code");
  const name = isDark() ? say("header_light") : say("header_dark");
  theme.ariaLabel = name;
  theme.replaceChildren(isDark() ? "☀" : "☾", make("span", { textContent: ` ${name}` }));
  present.textContent = isPresenting() ? say("header_leave") : say("header_present");
  requestAnimationFrame(nameTabs); // they come after the head
  countRoom();
}

/** For who presents: how many are here, and what runs and waits. Nothing else is known of them. */
async function countRoom() {
  const room = find(".room");
  room.hidden = !isPresenting();
  if (room.hidden) return;
  const answer = await fetch("health").catch(() => null);
  if (!answer) return; // the server is away: the last count stays
  const { visitors, sampling, training } = await answer.json();
  room.textContent = say("header_room", {
    ...{ pages: visitors.pages, drawing: sampling.at_work, next: sampling.waiting },
    ...{ training: training.at_work, waiting: training.waiting },
  });
}

/** To the tab that is open, past the head and the tabs. */
function skip(event) {
  event.preventDefault(); // the address says which tab is open
  const tab = [...document.querySelectorAll("main .tabitem")].find((each) =>
    each.checkVisibility(),
  );
  tab.tabIndex = -1;
  tab.focus();
}

find(".skip").addEventListener("click", skip);
tour.addEventListener("click", () => {
  const hasClass = isPresenting() && TOUR.room !== null; // it would go on unseen
  setTouring(!isTouring() || hasClass);
});
sharing.addEventListener("click", share);
language.addEventListener("click", () => setLanguage(say("header_other_code")));
theme.addEventListener("click", () => {
  setDark(!isDark());
  update();
});
present.addEventListener("click", () => setPresenting(!isPresenting()));
new MutationObserver(update).observe(document.documentElement, { attributeFilter: ["class"] });
watch("label", update);
update();
setInterval(countRoom, ROOM_MS);
