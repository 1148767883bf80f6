// Fetches what draws points once this is in sight, and not before.

let shown; // what the module gives out: see forward.js and backward.js in modules/

/** @param {(kit: object, module: object) => object} show */
async function openPoints(show) {
  const state = find(".state");
  state.textContent = say("points_loading");
  try {
    const module = await import(new URL(props.script, document.baseURI).href);
    shown = show({ root: find(".points"), say }, module);
    translateTemplate();
    state.remove();
  } catch (error) {
    state.textContent = say("points_failed");
    throw error;
  }
}

function whenSeen(show) {
  new IntersectionObserver(([entry], observer) => {
    if (!entry.isIntersecting) return;
    observer.disconnect();
    openPoints(show);
  }).observe(element);
  watch("label", () => shown?.translate());
}
