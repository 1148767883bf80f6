// What a decoder was given to draw, as real garments. `film.proposal` is there only of a model with
// a prior, whose file is in page/models.

function showNearest(name, uri, caption) {
  const figure = find(`.proposal .${name}`);
  const image = figure.querySelector("img");
  figure.hidden = !uri;
  setPicture(image, uri);
  figure.querySelector("figcaption").textContent = image.alt = caption;
}

function showProposal(proposal) {
  find(".proposal").hidden = !proposal;
  if (!proposal) return;
  const { kind, kept, passed } = proposal;
  find(".proposal").classList.toggle("one", !passed);
  showNearest("kept", kept, kind && say(`proposal_kept_${kind}`));
  showNearest("passed", passed, say("proposal_passed"));
  const about = kind && say(`proposal_said_${kind}`, proposal);
  sayIn(find(".proposal .about"), [...wordsSaid(proposal), about]);
}
