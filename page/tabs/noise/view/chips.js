// Which of the chosen schedules have a picture: a button for each, in the colour of its curve.
// The curves show all of them.

const MOST_BESIDE = 5; // panels in a row
const hiddenPanels = new Set(recall("hidden") ?? []); // by name; a link may set it

function makeChips() {
  find(".chips").replaceChildren(...schedules.map(makeChip), ...(drawn ? [] : [drawButton]));
}

function makeChip({ name, color }) {
  const chip = make("button", {
    type: "button",
    className: "chip",
    style: `--its-color: var(--line-${color})`,
    textContent: say(`schedule_${name}`),
    ariaPressed: String(!hiddenPanels.has(name)),
  });
  chip.addEventListener("click", () => {
    if (!hiddenPanels.delete(name)) hiddenPanels.add(name);
    chip.ariaPressed = String(!hiddenPanels.has(name));
    remember("hidden", [...hiddenPanels]);
    showPanels();
  });
  return chip;
}

function showPanels() {
  const shown = panels.filter(({ schedule }) => !hiddenPanels.has(schedule.name));
  const nothing = schedules.length ? say("noise_view_none") : say("noise_none");
  find(".panels").replaceChildren(
    ...(shown.length
      ? shown.map(({ panel }) => panel)
      : [make("p", { className: "none", textContent: nothing })]),
  );
  const columns = Math.min(MOST_BESIDE, Math.max(1, shown.length));
  find(".panels").style.setProperty("--columns", columns);
  tellPoints();
}
