// A comparison; compare.py says what `props.value` and `props.plan` are. Of one that is drawn in this
// browser, `here` is for its badge, and `failed` why it can't be.

let began = null; // identifies the run on the board
let stopped = null; // the run that Stop has ended, from the click on
let cells = []; // the board's {button, image, cost}, in the order of the rows' own

/** A setting's value in words. */
function nameOf(setting, value) {
  if (setting === "label" && value === -1) return say("generate_any");
  if (setting === "label") return labelName(value < 0 ? "each" : props.value.classes[value]);
  if (setting === "model") return say(`generate_model_${value}`);
  if (["thresholding", "prior"].includes(setting)) return say(`compare_${setting}_${value}`);
  if (setting === "sampler") return say(`sampler_${value}`);
  if (setting === "guided_by") return say(`compare_guided_by_${value}`);
  if (setting === "schedule") return scheduleName(value);
  if (setting === "interval") return say("compare_interval", { low: value[0], high: value[1] });
  return say(`compare_${setting}`, { value });
}

/** A row's value in words. */
function rowName(axis, row) {
  if (axis !== "calls") return nameOf(axis, row.value);
  const calls = row.value.toLocaleString("en");
  const names = ["model", "sampler"].map((setting) => nameOf(setting, row[setting]));
  return [say("compare_calls", { calls }), ...names].join(" · ");
}

const cellsOf = (row) => row.cells ?? [row];
const columnsOf = ({ rows, across }) => (across ? rows[0].cells.map((cell) => cell.value) : []);

function costOf({ calls, steps, seconds }) {
  if (!calls) return "";
  const work =
    calls === steps ? say("compare_calls", { calls }) : say("compare_step", { calls, steps });
  return `${work} · ${say("compare_seconds", { seconds: seconds.toFixed(2) })}`;
}

// ---- the board

function makeCell(name) {
  const image = make("img", { alt: name, hidden: true });
  const className = "strip zoomable"; // see scripts/zoom.js
  const button = make("button", { type: "button", className, disabled: true }, image);
  const cost = make("div", { className: "cost" });
  cells.push({ button, image, cost });
  return make("div", { className: "cell" }, button, cost);
}

function build(value) {
  const { axis, across, rows, noise } = value;
  const columns = columnsOf(value);
  const beginning = noise.is_given ? say("compare_given") : say("compare_noise");
  const board = find(".board");
  const named = (...content) => make("div", { className: "name" }, ...content);
  cells = [];
  board.style.setProperty("--columns", columns.length || 1);
  board.className = across ? "board two" : "board";
  board.replaceChildren(
    named(beginning),
    makeCell(beginning),
    ...columns.slice(1).map(() => named()),
    ...(across ? [named(), ...columns.map((each) => named(nameOf(across, each)))] : []),
    ...rows.flatMap((row) => [
      named(rowName(axis, row)),
      ...cellsOf(row).map((cell) => {
        const names = [rowName(axis, row), across && nameOf(across, cell.value)];
        return makeCell(names.filter(Boolean).join(", "));
      }),
    ]),
  );
  const own = ownText("compare_noise_same", value);
  const everywhere = own ? say(own) : say("compare_noise_same");
  const same = noise.is_given ? say("compare_given_same") : everywhere;
  show(cells[0], noise.picture, same);
}

function show({ button, image, cost }, picture, words) {
  setPicture(image, picture);
  button.disabled = !picture;
  if (cost.textContent !== words) cost.textContent = words;
}

// ---- what is said about it

function stateOf({ note, stopping }) {
  if (stopping) stopped = began; // updates on their way don't know of it
  const isUnderWay = ["wait", "waiting", "now"].includes(note.state);
  if (isUnderWay && stopped === began) return say("stopping");
  return note.state === "waiting"
    ? say("generate_queue", note)
    : say(`compare_${note.state}`, note);
}

/** A text's key for one of the models that are compared, if there is one. */
function ownText(key, { axis, rows, same }) {
  const models = axis === "model" ? rows.map(({ value }) => value) : [same.model];
  return models.map((name) => `${key}_${name}`).find(isText);
}

/** What to look for, which depends on how many calls and on the sampler. */
function hintOf({ axis, across, rows, same }) {
  const { steps, sampler, from_one } = same;
  if (across) {
    const pair = [axis, across].sort().join();
    return pair === "sampler,steps" ? say("compare_look_pair") : say("compare_look_two");
  }
  const own = ownText(`compare_look_${axis}`, { axis, rows, same });
  if (own) return say(own);
  if (axis === "guidance" && same.guided_by === "worse") return say("compare_look_guidance_worse");
  if (axis === "aug" && from_one) return say("compare_look_aug_one");
  if (axis === "sampler") {
    if (steps <= 5) return say("compare_look_sampler_few");
    return steps < 30 ? say("compare_look_sampler") : say("compare_look_sampler_many");
  }
  if (axis === "steps" && sampler === "ddpm") return say("compare_look_steps_ddpm");
  if (axis !== "schedule") return say(`compare_look_${axis}`);
  const isCoarse = steps <= 5 && sampler === "ddim";
  return isCoarse ? say("compare_look_schedule_few") : say("compare_look_schedule");
}

function planned({ said, ...plan }) {
  if (said) return inLanguage(said);
  return say(`compare_${plan.refused ?? "plan"}`, plan);
}

function showPlan() {
  const { plan } = props;
  find(".plan").classList.toggle("refused", Boolean(plan?.refused ?? plan?.said));
  find(".plan").textContent = plan ? planned(plan) : "";
}

function update() {
  const { rows, calls, total } = props.value;
  showBadge(props.value);
  find(".comparison").hidden = !rows.length;
  if (!rows.length) return;
  if (props.value.began !== began) {
    ({ began } = props.value);
    build(props.value);
  }
  const drawn = rows.flatMap(cellsOf);
  drawn.forEach((cell, k) => {
    show(cells[k + 1], cell.picture, costOf(cell));
  });
  const names = Object.entries(props.value.same).map((pair) => nameOf(...pair));
  find(".same").textContent = say("compare_same") + names.join(" · ");
  const progress = find("progress");
  Object.assign(progress, { value: calls, max: total });
  progress.ariaLabel = find(".now span").textContent = stateOf(props.value);
  find(".look").innerHTML = hintOf(props.value);
}

function translate() {
  began = null; // the board's names, too
  showPlan();
  update();
  if (props.value?.failed) showFailure(props.value);
}

function showFailure({ failed }) {
  find(".plan").classList.add("refused");
  find(".plan").textContent = say("drawn_not_here", { why: say(`drawn_no_${failed}`) });
}

/** For what draws in this browser: page/in_browser/comparison.js. */
window.showComparison = (value) => {
  props.value = value;
  update();
  if (value.failed) showFailure(value);
  else showPlan();
};

watch("value", update);
watch("plan", showPlan);
watch("label", translate);
translate();
