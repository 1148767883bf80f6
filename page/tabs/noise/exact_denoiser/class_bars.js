// The shares of the ten classes as bars, of which `most` is the longest; a line marks a fair tenth.

function makeBar(share, label, most) {
  const bar = make("i", { style: `width: ${(100 * share) / most}%` });
  return make(
    "tr",
    {},
    make("th", { scope: "row", textContent: labelName(props.value.classes[label]) }),
    make("td", { className: "bar" }, bar),
    make("td", { textContent: `${Math.round(100 * share)}%` }),
  );
}

function makeBars(shares, most, legend) {
  const caption = make("caption", { textContent: legend });
  const bars = shares.map((share, label) => makeBar(share, label, most));
  return make("table", { style: `--fair: ${10 / most}%` }, caption, ...bars);
}
