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
