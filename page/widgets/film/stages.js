// A film of two stages: which one a frame is of, what the first one drew, what the second was given,
// and what is said about it. `film.stages` is there only if it has two: see film in
// page/models/two_stages.py.

function stageOf(frame, stages) {
  if (!stages || !frame) return "";
  const size = frame.step < stages.steps ? say("stages_first") : say("stages_second");
  return `${size} · `;
}

function sentencesOf({ from_one, thresholding, beyond, nothing, unknown = [], untaught = [] }) {
  return [
    from_one && say("stages_from_one"),
    nothing && say("stages_nothing"),
    unknown.length && say("stages_unknown", { words: unknown.join(say("stages_comma")) }),
    untaught.length && say("stages_untaught", { words: untaught.join(say("stages_comma")) }),
    thresholding && say(`stages_beyond_${thresholding}`, { beyond }),
  ].filter(Boolean);
}

function showPicture(name, picture, caption) {
  const image = find(`.${name}`);
  const button = image.parentElement;
  button.disabled = image.hidden = !picture;
  if (picture && image.getAttribute("src") !== picture) image.src = picture;
  button.nextElementSibling.textContent = image.alt = caption;
}

function showStages(stages) {
  find(".stages").hidden = !stages;
  if (!stages) return;
  const { picture, given, aug } = stages;
  showPicture("small", picture, say("stages_small"));
  const plain = say("stages_given_plain");
  showPicture("given", given, aug ? say("stages_given", { aug }) : plain);
  const said = sentencesOf(stages).map((textContent) => make("p", { textContent }));
  find(".said").replaceChildren(...said);
}
