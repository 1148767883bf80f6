// The loss by noise level, folded away; part of progress.js. A report's `bands` are [step, losses], the
// noisiest level first; of a level that a schedule doesn't reach the loss is null.

const LEVELS = [0, 1, 2, 3];

/** Of the current run; of one that has just begun, the axes are empty. */
function showBands(report) {
  const fold = find(".bands");
  const found = report?.bands ?? [];
  const axes = fold.querySelector(".axes");
  axes.hidden = !found.length;
  if (!found.length) return;
  const names = LEVELS.filter((k) => found[0][1][k] !== null);
  const rows = names.map((k) =>
    make(
      "li",
      { style: `--its-color: var(--line-${k})` },
      make("i"),
      make("span", { textContent: say(`progress_band_${k}`) }),
    ),
  );
  fold.querySelector(".levels").replaceChildren(...rows);
  if (!fold.open) return axes.replaceChildren(); // though a folded one has a size
  const lines = names.map((k) => ({
    className: "curve",
    color: k,
    xs: found.map(([step]) => step),
    ys: found.map(([, losses]) => losses[k]),
  }));
  const all = lines.flatMap(({ ys }) => ys).filter((loss) => loss > 0); // after all was lost, none
  if (!all.length) return axes.replaceChildren();
  const [low, high] = [below(Math.min(...all)), above(Math.max(...all))];
  plot(axes, {
    lines,
    last: report.steps,
    low,
    high,
    ticks: logarithmicTicks(low, high),
    end: `${say("progress_step_axis")} ${report.steps}`,
    label: say("progress_bands"),
    logarithmic: true,
  });
}

find(".bands").addEventListener("toggle", () => showBands(current));
