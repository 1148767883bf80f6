// Elements of the page: made, waited for, and named in its language.

/** A new element with these properties, those of its `dataset` too, and children. */
function make(tag, { dataset, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  Object.assign(made.dataset, dataset);
  made.append(...children);
  return made;
}

/** Call `use` with the first element that matches, as soon as there is one. */
function whenThere(selector, use) {
  const there = document.querySelector(selector);
  if (there) return use(there);
  new MutationObserver((_, observer) => {
    const found = document.querySelector(selector);
    if (!found) return;
    observer.disconnect();
    use(found);
  }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled"] });
}

/** A function that has `act` called in the next frame, once, however often it is called itself. */
function inNextFrame(act) {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame((ms) => {
      isAsked = false;
      act(ms);
    });
  };
}

/** Fill a select with options, [value, text] each, of which one is chosen. */
function fillSelect(select, options, chosen) {
  select.replaceChildren(
    ...options.map(([value, textContent]) => make("option", { value, textContent })),
  );
  select.value = chosen;
}

/** Show a picture in `image`, or none. The same one isn't loaded again. */
function setPicture(image, uri) {
  image.hidden = !uri;
  if (uri && image.getAttribute("src") !== uri) image.src = uri;
}

/** What a button says that plays, or pauses what it plays. */
const playLabel = (isPlaying, say) => (isPlaying ? `❚❚ ${say("pause")}` : `▶ ${say("play")}`);

/** The number of the stop that is nearest to a value, by its ratio. */
function nearestStop(stops, value) {
  const away = stops.map((stop) => Math.abs(Math.log(stop / value)));
  return away.indexOf(Math.min(...away));
}

/** Fill in the sentences, names and alternative texts of elements below `root` that say which they
 * are: data-say, data-label and data-alt have their keys. */
function sayNamed(root, say) {
  const properties = { say: "textContent", label: "ariaLabel", alt: "alt" };
  for (const [name, property] of Object.entries(properties)) {
    for (const each of root.querySelectorAll(`[data-${name}]`)) {
      each[property] = say(each.dataset[name]);
    }
  }
}
