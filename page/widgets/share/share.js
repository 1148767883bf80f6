// A dialog with a link to the page as it is, its QR code, and a program that makes what the page
// shows. `props.value` is what Python found, each time something is shared.

const dialog = find("dialog");
const url = find(".url");
const outputs = [...element.querySelectorAll(".copied")];
const file = make("input", { type: "file", accept: "image/png,image/gif" });

/** Copy a text. Browsers have no clipboard for pages that came over http, but an older way. */
async function copy(text, field) {
  const copied = await navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  );
  if (copied) return true;
  getSelection().selectAllChildren(field);
  if (field.select) field.select();
  return document.execCommand("copy");
}

async function copyAndSay(text, field, output) {
  output.textContent = (await copy(text, field)) ? say("share_copied") : "";
}

function download() {
  const { notebook, name } = props.value;
  const href = URL.createObjectURL(new Blob([notebook], { type: "application/x-ipynb+json" }));
  make("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href));
}

function update() {
  if (!props.value) return;
  const { link, qr, for_all, program, error } = props.value;
  url.value = link;
  find("img").hidden = !qr;
  if (qr) find("img").src = qr;
  const notice = qr ? (for_all ? "" : say("share_alone")) : say("share_no_qr");
  find(".notice").textContent = notice;
  find("pre").textContent = program ?? inLanguage(error);
  for (const name of [".copy-code", ".notebook"]) find(name).disabled = !program;
}

function show() {
  if (!props.value) return;
  update();
  for (const output of outputs) output.textContent = "";
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

find(".close").addEventListener("click", () => dialog.close());
// beside it; a selection of text may end there
dialog.addEventListener("pointerdown", ({ target }) => target === dialog && dialog.close());
find(".copy-link").addEventListener("click", () => copyAndSay(url.value, url, outputs[0]));
find(".copy-code").addEventListener("click", () => {
  copyAndSay(props.value.program, find("pre"), outputs[1]);
});
find(".notebook").addEventListener("click", download);
// a saved picture names a link too; a phone and a keyboard can't drop it onto the page
find(".open-file").addEventListener("click", () => {
  file.value = ""; // the same one may be chosen again
  file.click();
});
file.addEventListener("change", () => {
  dialog.close();
  restorePicture(file.files[0]);
});
watch("value", show);
watch("label", update);
