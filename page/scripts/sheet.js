// On a phone, a tab's settings are in a sheet that a button brings up from the bottom. It says what
// differs from the usual, as page/widgets/settings_line does elsewhere.

{
  let differing = [];
  const button = make("button", { id: "sheet-button", type: "button" });
  const bar = make("div", { id: "sheet-bar" }, button); // covers nothing: the page ends above it

  function setOpen(on) {
    for (const sheet of document.querySelectorAll(".settings")) sheet.classList.toggle("open", on);
    button.ariaExpanded = on;
    button.textContent = on ? sentence("close") : [sentence("settings"), ...differing].join(" · ");
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
