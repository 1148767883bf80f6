// The rows of a comparison; compare.py defines `props.value`.

let stopped = null; // the run that Stop has ended, from the click on

/** A setting's value in words. */
function nameOf(setting, value) {
  if (setting === "model") return say(`generate_model_${value}`);
  if (setting === "label") return value < 0 ? say("generate_any") : say(`class_${value}`);
  if (["sampler", "schedule"].includes(setting)) return say(`${setting}_${value}`);
  return say(`compare_${setting}`, { value });
}

function makeRow(name, picture, ...cost) {
  const strip = make("div", { className: "strip" });
  if (picture) strip.append(make("img", { src: picture, alt: name }));
  return make(
    "figure",
    { className: picture ? "row" : "row waiting" },
    make("figcaption", { className: "name", textContent: name }),
    strip,
    make("div", { className: "cost" }, ...cost.map((innerHTML) => make("span", { innerHTML }))),
  );
}

function cost(row) {
  if (!row.calls) return ["", ""];
  const done = row.calls === row.steps;
  const work = done ? say("compare_calls", row) : say("compare_step", row);
  return [work, `${row.seconds.toFixed(2)} s`];
}

function stateOf({ began, stopping, note }) {
  if (stopping) stopped = began; // updates on their way don't know of it
  const isUnderWay = ["wait", "waiting", "now"].includes(note.state);
  if (isUnderWay && stopped === began) return say("stopping");
  return note.state === "waiting" ? say("generate_queue", note) : say(`compare_${note.state}`, note);
}

function update() {
  const { axis, same, noise, rows, calls, total } = props.value;
  find(".comparison").hidden = !rows.length;
  if (!rows.length) return;
  const names = Object.entries(same).map(([setting, value]) => nameOf(setting, value));
  find(".same").textContent = say("compare_same") + names.join(" · ");
  find(".rows").replaceChildren(
    makeRow(say("compare_noise"), noise.picture, say("compare_noise_same")),
    ...rows.map((row) => makeRow(nameOf(axis, row.value), row.picture, ...cost(row))),
  );
  const progress = find("progress");
  Object.assign(progress, { value: calls, max: total });
  progress.ariaLabel = find(".now span").textContent = stateOf(props.value);
  find(".look").innerHTML = say(`compare_look_${axis}`);
}

watch(["value", "label"], update);
update();
