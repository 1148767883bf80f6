/** Keeps the page in this browser, where it allows that, and says so. */

import { onLocale } from "./locale.js";
import { say } from "./words.js";

let state = () => "";

function show(sentence) {
  state = sentence;
  document.getElementById("offline").textContent = state();
}

onLocale(() => show(state));

/** Once what is on the screen has come: sw.js fetches everything else. */
export async function keepOffline() {
  const { serviceWorker } = navigator;
  if (!serviceWorker || !isSecureContext) return show(() => say("static_offline_no"));
  serviceWorker.addEventListener("message", ({ data: { part, all, failed } }) => {
    if (failed) show(() => say("static_offline_failed"));
    else if (part < all) show(() => say("static_offline_wait", { part, all }));
    else show(() => say("static_offline_ready"));
  });
  try {
    await serviceWorker.register("sw.js");
    const { active } = await serviceWorker.ready;
    active.postMessage("keep");
  } catch {
    show(() => say("static_offline_failed"));
  }
}
