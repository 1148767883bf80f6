// What a keyboard expects and Gradio leaves out.

{
  const MOVES = {
    ArrowLeft: (k) => k - 1,
    ArrowRight: (k, count) => (k + 1) % count,
    Home: () => 0,
    End: () => -1,
  };

  /** Arrows move between tabs, as ARIA's pattern for them says. */
  function moveTab(event) {
    const tabs = [...event.target.parentElement.querySelectorAll("[role=tab]")];
    const next = tabs.at(MOVES[event.key](tabs.indexOf(event.target), tabs.length));
    event.preventDefault();
    next.click();
    next.focus();
  }

  /** A choice from a list leaves the focus on its field; Gradio drops it. */
  function keepFocus(event) {
    const field = event.target;
    if (!["Enter", "Escape"].includes(event.key)) return;
    setTimeout(() => {
      if (document.activeElement !== document.body) return;
      field.focus();
      closeList(field);
    });
  }

  function closeList(field) {
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  }

  /** A browser gives the focus to a list long enough to scroll, which then closes under it. */
  function passList(event) {
    if (event.key !== "Tab") return;
    for (const list of document.querySelectorAll("[role=listbox]")) list.tabIndex = -1;
  }

  /** The space bar plays what is in sight, and pauses it, where it does nothing else; on a slider
   * what is beside that. */
  function playOrPause(event) {
    const { target } = event;
    if (document.querySelector("dialog[open]")) return;
    const beside = target.type === "range" ? target.closest(".bar") : null;
    const within = target === document.body ? target : beside;
    const buttons = [...(within?.querySelectorAll("button.play:enabled") ?? [])];
    const play = buttons.find((each) => each.checkVisibility());
    if (!play) return;
    event.preventDefault(); // don't scroll the page
    play.click();
  }

  document.addEventListener("keydown", (event) => {
    if (!event.isTrusted) return;
    if (event.key === " ") playOrPause(event);
    if (event.target.role === "tab" && event.key in MOVES) moveTab(event);
    if (event.target.role === "combobox") {
      keepFocus(event);
      passList(event);
    }
  });

  // A button that goes off has the focus no longer: the one beside it, Stop, or what starts a run,
  // gets it. One press is one click: a key that is held down would go back and forth.
  let pressed = null;
  new MutationObserver(() => {
    if (document.activeElement !== document.body && document.activeElement !== pressed) return;
    if (!pressed?.disabled) return;
    const others = [...(pressed.closest(".row")?.querySelectorAll("button:enabled") ?? [])];
    others.find((button) => button.checkVisibility())?.focus();
  }).observe(document.body, { attributeFilter: ["disabled"], subtree: true });
  document.addEventListener("focusin", ({ target }) => {
    pressed = target.matches(".row > button") ? target : null;
  });
  document.addEventListener("keydown", (event) => {
    if (event.repeat && event.target === pressed) event.preventDefault();
  });

  // Gradio leaves the list of a field open that Tab has left
  document.addEventListener("focusout", ({ target }) => {
    if (target.role !== "combobox") return;
    setTimeout(() => {
      if (document.activeElement !== target && target.ariaExpanded === "true") closeList(target);
    });
  });

  // Gradio names each radio button differently, so that arrows don't move between them, and does so
  // again whenever it draws them
  function joinRadios({ target }) {
    if (target.type !== "radio") return;
    const group = target.closest("fieldset");
    for (const radio of group.querySelectorAll("input[type=radio]")) radio.name = group.id;
  }

  document.addEventListener("focusin", joinRadios);
  document.addEventListener("keydown", joinRadios);
}
