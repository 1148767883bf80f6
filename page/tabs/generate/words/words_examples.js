// Examples of words to draw by, in the page's language. A click makes one the value.

const COUNT = 6;

function makeExample(k) {
  const button = make("button", { type: "button", textContent: say(`words_example_${k}`) });
  button.addEventListener("click", () => {
    props.value = button.textContent;
    trigger("change");
  });
  return button;
}

function translate() {
  find(".examples").ariaLabel = say(props.named);
  find(".examples").replaceChildren(...Array.from({ length: COUNT }, (_, k) => makeExample(k)));
}

watch("label", translate);
translate();
