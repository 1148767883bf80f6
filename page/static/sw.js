// Answers from this browser's own copy of the page. FILES, all that belongs to it, and VERSION, which
// changes with any of them, precede this script. What is large is fetched after the page is there.

const NAME = `ddpm-${new URL(registration.scope).pathname}-`;
const CACHE = NAME + VERSION;

async function keep(client) {
  const cache = await caches.open(CACHE);
  let part = 0;
  const say = (more = {}) => client.postMessage({ part, all: FILES.length, ...more });
  try {
    for (const file of FILES) {
      if (!(await cache.match(file))) await cache.add(file);
      part++;
      say();
    }
    await dropOthers();
  } catch {
    say({ failed: true });
  }
}

/** Older versions, which are whole, once this one is. */
async function dropOthers() {
  const others = (await caches.keys()).filter((key) => key.startsWith(NAME) && key !== CACHE);
  await Promise.all(others.map((key) => caches.delete(key)));
}

/** The page itself from the network, if there is one, so that a newer one is seen. */
async function answer(request) {
  const kept = () => caches.match(request, { ignoreSearch: true });
  if (request.mode !== "navigate") return (await kept()) ?? fetch(request);
  return await fetch(request).catch(async () => (await kept()) ?? Response.error());
}

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("message", (event) => event.waitUntil(keep(event.source)));
addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});
