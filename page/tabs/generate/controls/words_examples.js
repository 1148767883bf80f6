// Examples of words to draw by, in the page's language. A click makes one the value. Above them, the
// words in the field that no garment in training had.

const COUNT = 6;

function makeExample(k) {
  const button = make("button", { type: "button", textContent: say(`words_example_${k}`) });
  button.addEventListener("click", () => {
    props.value = button.textContent;
    trigger("change");
  });
  return button;
}

function showUntaught() {
  const words = props.untaught.join(say("stages_comma"));
  const sentence = words && say("stages_untaught", { words });
  if (find(".untaught").textContent !== sentence) find(".untaught").textContent = sentence;
}

function translate() {
  showUntaught();
  find(".examples").ariaLabel = say(props.named);
  find(".examples").replaceChildren(...Array.from({ length: COUNT }, (_, k) => makeExample(k)));
}

watch("label", translate);
watch("untaught", showUntaught);
translate();
