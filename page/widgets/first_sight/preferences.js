// What this visitor prefers. Runs before anything is painted, and before scripts/, which ask it.

/** "en" or "zh-CN": as chosen here before, or else the browser's. */
function preferredLanguage() {
  const chinese = navigator.language.startsWith("zh");
  return localStorage.getItem("language") ?? (chinese ? "zh-CN" : "en");
}

/** "dark" or "light": as the address says, as chosen here before, or else the browser's. */
function preferredTheme() {
  const asked = new URLSearchParams(location.search).get("__theme");
  const chosen = asked ?? localStorage.getItem("theme") ?? "system";
  if (chosen !== "system") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
