// How much of the page stands above what a place is about, as its --above: its pictures take what
// the screen has left, so that the slider and its numbers are in sight with them. Of the whole page
// it would be a new style for each of its thousand elements.

const PICTURES = {
  noise: "#noise-view .panels",
  generate: "#generate-view .pair",
  compare: "#compare-view .plan",
  walk: "#walk-view .walk",
  points: "#points-backward .points",
  train: "#train-view .samples",
};

{
  const selectors = Object.values(PICTURES);

  function measure() {
    const shown = selectors.map((selector) => document.querySelector(selector));
    const first = shown.find((each) => each?.checkVisibility());
    if (!first) return;
    const above = Math.round(first.getBoundingClientRect().top + scrollY);
    first.style.setProperty("--above", `${above}px`);
  }

  const observer = new ResizeObserver(measure); // before anything is painted
  whenThere("main > .column", (page) => observer.observe(page));
  for (const selector of selectors) whenThere(selector, (each) => observer.observe(each));
}
