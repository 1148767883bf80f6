// Opens a tab when it is clicked. Runs before page/scripts, which click the one that an address names.

{
  function select(tab) {
    for (const each of tab.parentElement.children) {
      const isChosen = each === tab;
      each.ariaSelected = String(isChosen);
      each.tabIndex = isChosen ? 0 : -1;
      document.getElementById(each.getAttribute("aria-controls")).hidden = !isChosen;
    }
    document.dispatchEvent(new Event("place"));
  }

  for (const list of document.querySelectorAll("[role=tablist]")) {
    list.addEventListener("click", ({ target }) => {
      const tab = target.closest("[role=tab]");
      if (tab) select(tab);
    });
  }
}
