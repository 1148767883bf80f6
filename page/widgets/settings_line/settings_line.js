// The line that a tab's settings fold to. `props.value` has, by place, what differs from the usual,
// each in English and Chinese. This browser remembers which places are folded: Compare is at first,
// since its rows are wide.

const button = find(".fold");
const folded = () => ({ compare: true, ...JSON.parse(localStorage.getItem("folded")) });

/** The place that is open, if the settings are its. */
function place() {
  const here = placeShown();
  return here in props.value ? here : null;
}

function update() {
  const here = place();
  if (!here) return;
  const what = props.value[here].map(inLanguage);
  const sentence = what.length
    ? say("settings_line_differ", { what: what.join(" · ") })
    : say("settings_line_usual");
  find("span").textContent = sentence;
  button.ariaExpanded = String(!folded()[here]);
  document.dispatchEvent(new CustomEvent("differing", { detail: what })); // for sheet.js
}

button.addEventListener("click", () => {
  const here = place();
  localStorage.setItem("folded", JSON.stringify({ ...folded(), [here]: !folded()[here] }));
  update();
});
new MutationObserver(update).observe(document.body, {
  attributeFilter: ["aria-selected"],
  subtree: true,
});
watch(["value", "label"], update);
update();
