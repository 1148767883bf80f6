// Samples under two ranges of β side by side; mismatch.py defines `props.value`.

function makeBar(share, label, most) {
  const bar = make("i", { style: `width: ${(100 * share) / most}%` });
  return make(
    "tr",
    {},
    make("th", { scope: "row", textContent: say(`class_${label}`) }),
    make("td", { className: "bar" }, bar),
    make("td", { textContent: `${Math.round(100 * share)}%` }),
  );
}

function makeFigure(row, values, most) {
  const title = say(`mismatch_${row.range}`);
  const left = say("mismatch_left", { percent: percent(row.left) });
  const caption = make("caption", { textContent: say("mismatch_legend") });
  const bars = row.shares.map((share, label) => makeBar(share, label, most));
  return make(
    "figure",
    { className: `card marked ${row.is_noise ? "sound" : "broken"}` },
    make(
      "figcaption",
      {},
      make("b", { className: "name", textContent: title }),
      make("span", { textContent: say("mismatch_setting", values) }),
      make("p", { textContent: left }),
    ),
    make("img", { src: row.picture, alt: say("mismatch_samples", { title }) }),
    make("table", { style: `--fair: ${10 / most}%` }, caption, ...bars),
  );
}

function percent(share) {
  return Math.round(100 * share);
}

function update() {
  if (!props.value) return;
  const { T, schedule, why, rows } = props.value;
  const values = { T, name: say(`schedule_${schedule}`), percent: percent(rows[0].left) };
  const most = Math.max(...rows.flatMap(({ shares }) => shares));
  find(".why").textContent = say(`mismatch_why_${why}`, values);
  find(".rows").replaceChildren(...rows.map((row) => makeFigure(row, values, most)));
}

watch(["value", "label"], update);
update();
