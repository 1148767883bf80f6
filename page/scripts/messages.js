// Gradio's messages: in the page's language, beside the field that they are about or below what was
// used last, until the visitor does something about it.

{
  let used = null; // the block or the row of buttons that the visitor used last

  /** Gradio's own words, in English, about a file that it doesn't even send, and about an answer
   * that it can't read: a server's own page for its fault, or that of a proxy before it. */
  function reworded(html) {
    if (html.startsWith("File(s) exceed")) return sentence("uploads_large");
    if (html.startsWith("Could not parse server response")) return sentence("request_failed");
    if (!html.startsWith("Invalid file type")) return html;
    return sentence(/\.hei[cf]\b/i.test(html) ? "upload_heic" : "upload_unknown");
  }

  /** The visible field whose label begins the sentence. */
  function fieldOf(sentence) {
    const labels = [...document.querySelectorAll("[data-testid=block-info]")];
    const named = labels.filter((label) => {
      const name = label.textContent.trim();
      return name && sentence.startsWith(name) && label.checkVisibility();
    });
    return named.map((label) => label.closest(".block[id]")).at(-1);
  }

  /** A toast that is shown already takes on a second message of its kind. */
  function show(toast, text) {
    const isError = toast.classList.contains("error");
    if (isError) document.dispatchEvent(new Event("refused"));
    const title = toast.querySelector(".toast-title").firstChild;
    title.data = sentence(`message_${title.data.trim()}`) ?? title.data;
    text.innerHTML = reworded(inOneLanguage(text.innerHTML));
    const place = fieldOf(text.textContent) ?? used;
    toast.style.display = ""; // it may be one that was closed below, and not gone yet
    if (!place?.checkVisibility()) return; // nowhere better than where Gradio shows it
    const className = isError ? "message error" : "message";
    const message = make("div", { className, role: "alert", innerHTML: text.innerHTML });
    text.innerHTML = "";
    toast.style.display = "none";
    toast.querySelector("[data-testid=toast-close]").click();
    place.after(message);
    message.scrollIntoView({ block: "nearest" });
  }

  function use({ target, isTrusted }) {
    if (!isTrusted || !(target instanceof Element) || target.closest(".message")) return;
    for (const message of document.querySelectorAll(".message")) message.remove();
    used = target.closest(".block") ?? target.closest(".row") ?? used;
  }

  for (const kind of ["click", "input", "change", "drop", "paste"]) {
    document.addEventListener(kind, use, { capture: true });
  }
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) {
        for (const text of node.querySelectorAll?.("[data-testid=toast-text]") ?? []) {
          show(text.closest("[data-testid=toast-body]"), text);
        }
      }
    }
  }).observe(document.body, { childList: true, subtree: true });
}
