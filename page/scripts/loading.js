// Gradio adds components one by one, as their scripts arrive, and each would move those below it.
// A tab is shown once what is in sight of it is there: layout.css hides it until then.

{
  const IN_SIGHT = {
    noise: "#noise-tab:has(#noise-view canvas):has(.gallery-item):has(#noise-T input)",
    generate:
      "#generate-tab:has(#generate-view canvas):has(#generate-guidance input):has(#generate-gif)",
    train: "#train-tab:has(#train-view .data):has(#train-go):has(#train-steps input)",
  };
  for (const [tab, selector] of Object.entries(IN_SIGHT)) {
    whenThere(selector, () => document.documentElement.classList.add(`${tab}-is-there`));
  }
}
