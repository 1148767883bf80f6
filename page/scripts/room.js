// How much of the page stands above what a tab is about, as --above: its pictures take what the
// screen has left, so that the slider and its numbers are in sight with them.

{
  const PICTURES = [
    "#noise-view .panels",
    "#generate-view .pair",
    "#walk-view .walk",
    "#points-backward .points",
    "#train-view .samples",
  ];

  function measure() {
    const shown = PICTURES.map((selector) => document.querySelector(selector));
    const first = shown.find((each) => each?.checkVisibility());
    if (!first) return;
    const above = Math.round(first.getBoundingClientRect().top + scrollY);
    document.documentElement.style.setProperty("--above", `${above}px`);
  }

  const observer = new ResizeObserver(measure); // before anything is painted
  whenThere("main > .column", (page) => observer.observe(page));
  for (const selector of PICTURES) whenThere(selector, (each) => observer.observe(each));
}
