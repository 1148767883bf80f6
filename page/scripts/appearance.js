// Language, theme and presenting: switched in place, and remembered by this browser.

/** "en" or "zh-CN": Gradio offers more, but this page has no texts for them. */
function language() {
  return document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en";
}

/** One of the sentences in page/texts, for these scripts; instruments have `say`. */
function sentence(key) {
  return sentences(language())[key];
}

/** Python's messages are in both languages, line by line: see `both` in page/texts. */
function inOneLanguage(html) {
  const lines = html.split("<br>");
  if (lines.length % 2) return html;
  const own = language() === "en" ? 0 : 1;
  return lines.filter((_, k) => k % 2 === own).join("<br>");
}

async function showLanguage(code) {
  const { changeLocale } = await import(LOCALE_MODULE);
  changeLocale(code);
}

function setLanguage(code) {
  localStorage.setItem("language", code);
  showLanguage(code);
}

function isDark() {
  return document.body.classList.contains("dark");
}

function setDark(on) {
  localStorage.setItem("theme", on ? "dark" : "light");
  document.body.classList.toggle("dark", on);
}

function isPresenting() {
  return document.documentElement.classList.contains("presenting");
}

/** Everything that a lecture doesn't need is hidden, and the type is larger. */
function setPresenting(on) {
  document.documentElement.classList.toggle("presenting", on);
  const url = new URL(location.href);
  if (on) url.searchParams.set("present", "1");
  else url.searchParams.delete("present");
  history.replaceState(history.state, "", url);
}

{
  const query = new URLSearchParams(location.search);
  showLanguage(preferredLanguage());
  const theme = localStorage.getItem("theme");
  if (theme && !query.has("__theme")) setDark(theme === "dark");
  if (query.get("present") === "1") setPresenting(true);
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || document.querySelector("dialog[open]")) return; // which Escape closes
    if (isPresenting()) setPresenting(false);
  });
}
