// The names of the curves, by what tells their runs apart; part of progress.js.

/** A run's recipe, with the steps that it took if it ended early. */
function recipeOf({ recipe, phase, step, steps }) {
  return { ...recipe, steps: RUNNING.includes(phase) ? steps : step };
}

function differing(reports) {
  const [first, ...others] = reports.map(recipeOf);
  return Object.keys(first).filter((key) => others.some((recipe) => recipe[key] !== first[key]));
}

function nameOf(report, keys) {
  const named = keys.map((key) => {
    const value = recipeOf(report)[key];
    const short = String(value).split("~")[0]; // of a schedule's text form, its name
    const names = [`is_${key}_${short}`, `train_${key}_${short}`, `${key}_${short}`];
    const named = names.find(isText); // numbers have none
    return say(`is_${key}`, { value: named ? say(named) : value });
  });
  return named.join(", ");
}

function removeButton(report, keys) {
  const ariaLabel = `${say("progress_remove")}: ${nameOf(report, keys)}`;
  const button = make("button", { type: "button", textContent: "×", ariaLabel });
  button.addEventListener("click", () => {
    kept = kept.filter((other) => other !== report);
    showCurves();
  });
  return button;
}

function showLegend() {
  const reports = current ? [current, ...kept] : [];
  const keys = reports.length ? differing(reports) : [];
  const rows = reports.map((report) => {
    const words = reports.length > 1 ? legendOf(report, keys) : say("progress_line");
    const name = make("span", { textContent: words });
    const style = `--its-color: var(--line-${report.color})`;
    const row = make("li", { style }, make("i"), name);
    if (report !== current) row.append(removeButton(report, keys));
    return row;
  });
  find(".legend").replaceChildren(...rows);
  // these change what the loss measures, and over which noise it averages
  const incomparable = ["data", "schedule", "objective", "loss"].filter((key) =>
    keys.includes(key),
  );
  find(".units").hidden = !incomparable.length;
  const what = incomparable.map((key) => say(`progress_label_${key}`)).join(say("progress_and"));
  find(".units").textContent = say("progress_units", { what });
}

function legendOf(report, keys) {
  const title = report === current ? say("progress_current") : say("progress_kept");
  const counted = report.step > 0 && report.recognised != null;
  const parts = [nameOf(report, keys), counted ? say("progress_of_20", report) : ""];
  return `${title}: ${parts.filter(Boolean).join(" · ")}`;
}

/** For a figure: what the plot shows, as JSON. */
find(".plot").curves = () => {
  const reports = [current, ...kept].filter(points);
  const keys = reports.length ? differing(reports) : [];
  const name = (report) => (reports.length > 1 ? legendOf(report, keys) : say("progress_plot"));
  const runs = reports.map((report) => ({ name: name(report), curve: report.curve }));
  return JSON.stringify({ runs, logarithmic: logarithmic.checked });
};
