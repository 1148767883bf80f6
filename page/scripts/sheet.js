// On a phone, a tab's settings are in a sheet that a button brings up from the bottom. It says what
// differs from the usual, as page/widgets/settings_line does elsewhere.

{
  const NAMES = { en: ["Settings", "Close"], "zh-CN": ["设置", "关闭"] };
  let differing = [];
  const button = make("button", { id: "sheet-button", type: "button" });
  const bar = make("div", { id: "sheet-bar" }, button); // covers nothing: the page ends above it

  function setOpen(on) {
    for (const sheet of document.querySelectorAll(".settings")) sheet.classList.toggle("open", on);
    button.ariaExpanded = on;
    const name = NAMES[language()][Number(on)];
    button.textContent = on ? name : [name, ...differing].join(" · ");
  }

  const isOpen = () => document.querySelector(".settings.open") !== null;
  button.addEventListener("click", () => setOpen(!isOpen()));
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || !isOpen()) return;
    setOpen(false);
    button.focus();
  });
  document.addEventListener("click", ({ target }) => {
    if (isOpen() && target.isConnected && !target.closest(".settings, #sheet-button"))
      setOpen(false);
  });
  document.addEventListener("differing", ({ detail }) => {
    differing = detail;
    setOpen(isOpen());
  });
  new MutationObserver(() => setOpen(isOpen())).observe(document.documentElement, {
    attributeFilter: ["lang"],
  });
  whenThere("main.contain", (main) => main.append(bar)); // Gradio confines styles to it
  setOpen(false);
}
