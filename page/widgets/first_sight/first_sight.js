// Runs before anything is painted, and before scripts/, which ask it what this visitor prefers.

/** "en" or "zh-CN": as chosen here before, or else the browser's. */
function preferredLanguage() {
  const chinese = navigator.language.startsWith("zh");
  return localStorage.getItem("language") ?? (chinese ? "zh-CN" : "en");
}

{
  const dark = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const asked = new URLSearchParams(location.search).get("__theme");
  const theme = asked ?? localStorage.getItem("theme");
  const tab = location.hash.match(/^#(generate|compare|walk|points|train)\b/)?.[1] ?? "noise";
  const first = document.getElementById("first-sight");
  first.classList.toggle("dark", (theme === "system" ? dark : (theme ?? dark)) === "dark");
  for (const each of first.children) each.hidden = !preferredLanguage().startsWith(each.lang);
  const name = ["compare", "walk", "points"].includes(tab) ? "generate" : tab;
  for (const each of first.querySelectorAll(`.${name}`)) each.classList.add("chosen");
  // Noise needs it: see server/requests/page_html.py
  if (name === "noise") document.querySelector("link.opening")?.setAttribute("rel", "preload");
}

// before Gradio's own, which hangs up even if the visitor then stays
addEventListener("beforeunload", (event) => {
  event.stopImmediatePropagation();
  if (document.querySelector('[id$="-stop"]:enabled')) event.preventDefault(); // asks
});
