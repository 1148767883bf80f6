/** The page's language, which scripts/appearance.js changes. */

const listeners = [];

/** As instruments have it: "en" or "zh". */
export const label = () => (document.documentElement.lang.startsWith("zh") ? "zh" : "en");

export function onLocale(use) {
  listeners.push(use);
}

/** @param {string} code "en" or "zh-CN" */
export function changeLocale(code) {
  if (document.documentElement.lang === code) return;
  document.documentElement.lang = code;
  for (const use of listeners) use();
}
