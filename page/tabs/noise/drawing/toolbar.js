// What stands below the handles: where to start from, on which curve they are, and what to do with
// the drawn schedule.

/** Say something in place of how to draw; nothing brings that back. */
function notify(sentence) {
  const isClipped = points?.some(([, value]) => Math.abs(value) > props.limits.most);
  const most = (props.limits.most * DB_PER_NAT).toFixed(0);
  const usual = isClipped ? say("noise_draw_clipped", { most }) : say("noise_draw_how");
  const how = find(".editor .how");
  how.textContent = sentence || usual;
  how.classList.toggle("notice", how.textContent !== say("noise_draw_how"));
}

function showEditor() {
  const editor = find(".editor");
  editor.hidden = !drawn;
  drawButton.textContent = `✎ ${say("noise_draw_go")}`;
  if (!drawn) return;
  const place = find(onSignal ? ".signal" : ".snr");
  if (editor.parentNode !== place) place.append(editor); // a move takes the focus
  handleLayer.ariaLabel = say("noise_draw_handles");
  const named = Object.keys(props.tables.starts).map((name) => [name, say(`schedule_${name}`)]);
  fillSelect(find(".editor select"), [["", say("noise_draw_own")], ...named], startedFrom);
  for (const button of element.querySelectorAll(".editor .on button")) {
    button.ariaPressed = String(onSignal === (button.dataset.on === "signal"));
  }
  showList();
  notify("");
}

find(".editor select").addEventListener("change", ({ target }) => {
  if (target.value) startFrom(target.value);
});
for (const button of element.querySelectorAll(".editor .on button")) {
  button.addEventListener("click", () => {
    setOnSignal(button.dataset.on === "signal");
    button.focus();
  });
}
find(".editor .add").addEventListener("click", addBeside);
find(".editor .delete").addEventListener("click", deletePoint);
find(".editor .undo").addEventListener("click", undo);
find(".editor .redo").addEventListener("click", redo);
find(".editor .remove").addEventListener("click", () => {
  setPoints(null);
  drawButton.focus();
});
for (const tab of ["generate", "train"]) {
  find(`.editor .${tab}`).addEventListener("click", () => {
    document.querySelector(`#noise-use-${tab}`).click();
  });
}
