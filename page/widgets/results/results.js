// What was drawn in this visit, the newest first. It is kept in this tab alone: page/scripts/visit.js.

const MOST = 20;
const list = find("ol");
let results = recall("results") ?? []; // {began, picture, made} of each

function keep({ detail: { began, frames, made } }) {
  if (results.some((each) => each.began === began)) return; // a reload follows the same run
  results = [{ began, picture: frames.at(-1).x, made }, ...results].slice(0, MOST);
  while (!remember("results", results) && results.length) results.pop(); // pictures may be large
  show();
  list.scrollTo(0, 0);
}

function show() {
  find("section").hidden = !results.length;
  list.replaceChildren(...results.map(resultOf));
}

/** A click opens its settings, which draws it again; without any, the picture is enlarged. */
function resultOf({ picture, made: { link, words, label, model, ...way } }) {
  const subject = words || (label === null ? say("generate_any") : labelName(label));
  const names = { model: say(`generate_model_${model}`), sampler: say(`sampler_${way.sampler}`) };
  const how = say("results_way", { ...way, ...names });
  const image = make("img", { src: picture, alt: "" });
  const button = make("button", { type: "button", className: link ? "open" : "zoomable" }, image);
  button.ariaLabel = link ? say("results_open", { subject, how }) : `${subject}, ${how}`;
  if (link) button.addEventListener("click", () => openLink(link));
  const about = link ? how : say("results_alone");
  const lines = [subject, about].map((textContent) => make("div", { textContent }));
  return make("li", {}, button, ...lines);
}

document.addEventListener("film", keep);
watch("label", show);
show();
