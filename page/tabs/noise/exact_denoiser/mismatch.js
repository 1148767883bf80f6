// Samples under two ranges of β side by side; mismatch.py defines `props.value`.

function makeFigure(row, values, most) {
  const title = say(`mismatch_${row.range}`);
  const left = say("mismatch_left", { percent: percent(row.left) });
  return make(
    "figure",
    { className: `card marked ${row.is_noise ? "sound" : "broken"}` },
    make(
      "figcaption",
      {},
      make("b", { className: "name", textContent: title }),
      make("span", { textContent: say("mismatch_setting", values) }),
      make("p", {}, ...lowered(left)),
    ),
    make("img", { src: row.picture, alt: say("mismatch_samples", { title }) }),
    makeBars(row.shares, most, say("mismatch_legend")),
  );
}

function percent(share) {
  return Math.round(100 * share);
}

function update() {
  if (!props.value) return;
  const { T, schedule, why, rows } = props.value;
  const values = { T, name: scheduleName(schedule), percent: percent(rows[0].left) };
  const most = Math.max(...rows.flatMap(({ shares }) => shares));
  find(".why").replaceChildren(...lowered(say(`mismatch_why_${why}`, values)));
  find(".rows").replaceChildren(...rows.map((row) => makeFigure(row, values, most)));
}

watch(["value", "label"], update);
update();
