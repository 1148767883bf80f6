// A film of two stages: which one a frame is of, what the first one drew, and what is said about it.
// `film.stages` is there only if it has two: see page/tabs/generate/by_words.py.

function stageOf(frame, stages) {
  if (!stages || !frame) return "";
  const size = frame.step < stages.steps ? say("stages_first") : say("stages_second");
  return `${size} · `;
}

function sentencesOf({ thresholding, beyond, nothing, unknown }) {
  return [
    nothing && say("stages_nothing"),
    unknown.length && say("stages_unknown", { words: unknown.join(say("stages_comma")) }),
    say(`stages_beyond_${thresholding}`, { beyond }),
  ].filter(Boolean);
}

function showStages(stages) {
  find(".stages").hidden = !stages;
  if (!stages) return;
  const image = find(".small");
  image.hidden = !stages.picture;
  if (!image.hidden && image.getAttribute("src") !== stages.picture) image.src = stages.picture;
  find(".stages button").disabled = image.hidden;
  find(".stages figcaption").textContent = image.alt = say("stages_small");
  const said = sentencesOf(stages).map((textContent) => make("p", { textContent }));
  find(".said").replaceChildren(...said);
}
