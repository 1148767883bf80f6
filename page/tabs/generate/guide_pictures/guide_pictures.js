// Rows of pictures that begin with the same noise; guide_pictures.py says what `props.value` is.

function nameOf({ guided_by, guidance, interval }) {
  if (guidance === 1) return say("guide_pictures_plain");
  const names = [
    say(`compare_guided_by_${guided_by}`),
    say("compare_guidance", { value: guidance }),
  ];
  if (interval)
    names[1] = say("guide_pictures_within", { guidance, low: interval[0], high: interval[1] });
  return names.join(" · ");
}

function draw() {
  const rows = props.value.map((row) => {
    const name = nameOf(row);
    return make(
      "figure",
      {},
      make("figcaption", { textContent: name }),
      make("img", { src: row.picture, alt: name }),
    );
  });
  find(".rows").replaceChildren(...rows);
}

watch(["value", "label"], draw);
draw();
