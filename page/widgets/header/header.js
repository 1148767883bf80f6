// The head of the page. What its switches do is in page/scripts, which also remembers them.

const [language, theme, present] = [".language", ".theme", ".present"].map(find);

// Gradio names a tab that was never opened once, in the language of that moment
function nameTabs() {
  for (const tab of ["noise", "generate", "train", "draw", "compare"]) {
    for (const button of document.querySelectorAll(`[data-tab-id="${tab}"]`)) {
      const name = [...button.childNodes].find(({ data }) => data?.trim());
      if (name) name.data = say(`${tab}_tab`);
    }
  }
}

function update() {
  find("h1").textContent = say("header_title");
  find(".lead").textContent = say("header_lead");
  language.textContent = say("header_other_language");
  language.lang = say("header_other_code");
  theme.textContent = isDark() ? `☀ ${say("header_light")}` : `☾ ${say("header_dark")}`;
  present.textContent = isPresenting() ? say("header_leave") : say("header_present");
  requestAnimationFrame(nameTabs); // they come after the head
}

language.addEventListener("click", () => setLanguage(say("header_other_code")));
theme.addEventListener("click", () => {
  setDark(!isDark());
  update();
});
present.addEventListener("click", () => setPresenting(!isPresenting()));
new MutationObserver(update).observe(document.documentElement, { attributeFilter: ["class"] });
watch("label", update);
update();
