// A folded list of figures to download. A choice is sent to Python as `props.value`, which sends
// null back when the file is there, or when it was refused.

const FORMATS = ["png", "svg"];

function choose(figure, format) {
  find("summary").textContent = say("figure_menu_making");
  props.value = { figure, format, language: props.label };
  trigger("chosen");
}

function formatButton(figure, format) {
  const textContent = format.toUpperCase();
  const dataset = { figure: `${figure}-${format}` };
  const button = make("button", { type: "button", textContent, dataset });
  button.ariaLabel = `${say(figure)}, ${textContent}`;
  button.addEventListener("click", () => choose(figure, format));
  return button;
}

function ready() {
  find("summary").textContent = say("figure_menu_title");
}

function update() {
  ready();
  find("ul").replaceChildren(
    ...props.figures.map((figure) => {
      const name = make("span", { textContent: say(figure) });
      return make("li", {}, name, ...FORMATS.map((format) => formatButton(figure, format)));
    }),
  );
}

watch("value", () => {
  if (!props.value) ready();
});
watch("label", update);
update();
