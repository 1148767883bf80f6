// What an exact denoiser draws under each schedule; exact.py defines `props.value`.

const REST_MS = 400; // without a move before a drawn schedule counts as settled
const NOTHING = Array(10).fill(0); // shares that are still to come

/** Percent of 1 with one digit, so that small distances can be told apart. */
function percentOf(distance) {
  return (100 * distance).toFixed(1);
}

function makeFigure({ schedule, color, shares, distance }, most) {
  const value = distance === null ? "…" : `${percentOf(distance)}%`;
  return make(
    "figure",
    {
      className: `card marked ${shares ? "" : "coming"}`,
      style: `--its-color: var(--line-${color})`,
    },
    make("figcaption", { className: "name", textContent: scheduleName(schedule) }),
    makeBars(shares ?? NOTHING, most, say("exact_shares")),
    make(
      "p",
      { className: "distance" },
      make("span", { textContent: say("exact_distance") }),
      make("span", { textContent: value }),
    ),
  );
}

function update() {
  if (!props.value) return;
  const { T, steps, samples, floor, rows } = props.value;
  const done = rows.filter(({ shares }) => shares).length;
  const values = { T, steps: Math.min(steps, T), samples, floor: percentOf(floor) };
  const progress = { done, total: rows.length };
  const most = Math.max(0.2, ...rows.flatMap(({ shares }) => shares ?? []));
  find(".state").textContent =
    done < rows.length ? say("exact_drawing", progress) : say("exact_done", values);
  find(".rows").replaceChildren(...rows.map((row) => makeFigure(row, most)));
}

// The drawn schedule moves without the server: while the fold is open, ask for samples when it rests
function followDrawing() {
  const drawnNow = () => document.querySelector("#noise-view [data-drawn]")?.dataset.drawn;
  let last = drawnNow();
  let timer;
  new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (drawnNow() === last || !element.checkVisibility()) return;
      last = drawnNow();
      trigger("redrawn");
    }, REST_MS);
  }).observe(document.querySelector("#noise-view"), {
    subtree: true,
    attributeFilter: ["data-drawn"],
  });
}

watch(["value", "label"], update);
update();
followDrawing();
