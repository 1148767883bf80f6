// Runs before anything is painted; preferences.js precedes it.

{
  const tab = location.hash.match(/^#(generate|compare|walk|points|train)\b/)?.[1] ?? "noise";
  const first = document.getElementById("first-sight");
  first.classList.toggle("dark", preferredTheme() === "dark");
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
