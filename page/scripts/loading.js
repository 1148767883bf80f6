// Gradio adds components one by one, as their scripts arrive, and each would move those below it.
// A tab is shown once what is in sight of it is there, or after LATEST_MS, whatever is missing: a slow
// telephone takes eight seconds. layout.css hides it until then.

{
  const LATEST_MS = 15_000;
  const REST_MS = 300; // then the scripts of the other tabs are fetched
  const IN_SIGHT = {
    noise: "#noise-tab:has(#noise-view .panels > *):has(.gallery-item):has(#noise-T input)",
    // any of its views may be the first, and models hide some of the settings
    generate:
      "#generate-tab:is(:has(#compare-view .plan), :has(#walk-view .pad), " +
      ":has(#points-backward .points), :has(#generate-view canvas):has(#generate-gif):has(#generate-sampler input)" +
      ":has(:is(#generate-label, #generate-words) :is(input, textarea)):has(#generate-count input)" +
      ":has(#generate-steps input))",
    train:
      "#train-tab:has(#train-view .data):has(#train-go):has(#train-preset input)" +
      ":has(#train-steps input)",
  };
  for (const [tab, selector] of Object.entries(IN_SIGHT)) {
    const show = () => {
      document.documentElement.classList.add(`${tab}-is-there`);
      document.getElementById("first-sight")?.remove();
      setTimeout(() => window.loadComponents?.(), REST_MS);
    };
    whenThere(selector, show);
    setTimeout(show, LATEST_MS);
  }
  // until then widgets/first_sight says what the tab is about; its head gives way to the page's own,
  // and keeps its room, so that what stands below doesn't move
  const giveWay = (selector) => () =>
    document
      .querySelector(`#first-sight [lang]:not([hidden]) ${selector}`)
      ?.style.setProperty("visibility", "hidden");
  whenThere("#header h1:not(:empty)", giveWay(".title"));
  whenThere("#noise-tab-button", giveWay(".tabs"));
}
