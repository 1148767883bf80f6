// A film of two stages: which one a frame is of, what the first one drew, what the second was given,
// and what is said about it. `film.stages` is there only if it has two: see film in
// page/models/two_stages.py.

function stageOf(frame, stages) {
  if (!stages || !frame) return "";
  const size = frame.step < stages.steps ? say("stages_first") : say("stages_second");
  return `${size} · `;
}

/** What became of the words that were asked for. */
function wordsSaid({ empty, nothing, unknown = [], untaught = [] }) {
  const comma = say("stages_comma");
  return [
    nothing && (empty ? say("stages_empty") : say("stages_nothing")),
    unknown.length && say("stages_unknown", { words: unknown.join(comma) }),
    untaught.length && say("stages_untaught", { words: untaught.join(comma) }),
  ];
}

/** The sentences, those that there are, in a region that is announced: only when they change. */
function sayIn(region, sentences) {
  const said = sentences.filter(Boolean);
  if (said.join() === [...region.children].map((line) => line.textContent).join()) return;
  region.replaceChildren(...said.map((textContent) => make("p", { textContent })));
}

function showPicture(name, picture, caption) {
  const image = find(`.${name}`);
  const button = image.parentElement;
  setPicture(image, picture);
  button.disabled = !picture;
  button.nextElementSibling.textContent = image.alt = caption;
}

function showStages(stages) {
  find(".stages").hidden = !stages;
  if (!stages) return;
  const { picture, given, aug } = stages;
  showPicture("small", picture, say("stages_small"));
  const plain = say("stages_given_plain");
  showPicture("given", given, aug ? say("stages_given", { aug }) : plain);
  const { from_one, thresholding, beyond } = stages;
  sayIn(find(".said"), [
    from_one && say("stages_from_one"),
    ...wordsSaid(stages),
    thresholding && say(`stages_beyond_${thresholding}`, { beyond }),
  ]);
}
