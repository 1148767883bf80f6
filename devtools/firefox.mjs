// Opens an address in Debian's Firefox and evaluates an expression there, by WebDriver BiDi:
// Playwright asks for a Firefox of its own. {url, hosts, expression} comes from standard input;
// hosts are names that stand for this machine. The answer is JSON.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { url, hosts, expression } = JSON.parse(readFileSync(0, "utf-8"));
const profile = mkdtempSync(join(tmpdir(), "firefox-"));
writeFileSync(
  join(profile, "user.js"),
  `user_pref("network.dns.localDomains", ${JSON.stringify(hosts)});`,
);
const firefox = spawn(process.argv[2], [
  ...["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"],
]);

const address = await new Promise((resolve, reject) => {
  let said = "";
  firefox.stderr.on("data", (chunk) => {
    said += chunk;
    const found = /listening on (ws:\S+)/.exec(said);
    if (found) resolve(`${found[1]}/session`);
  });
  firefox.on("exit", () => reject(new Error(said)));
});
const socket = new WebSocket(address);
await new Promise((resolve) => socket.addEventListener("open", resolve));
const waiting = new Map();
socket.addEventListener("message", ({ data }) => {
  const { id, result, error, message } = JSON.parse(data);
  const { resolve, reject } = waiting.get(id) ?? {};
  if (error) reject?.(new Error(`${error}: ${message}`));
  else resolve?.(result);
});

function ask(method, params) {
  const id = waiting.size + 1;
  const answer = new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  socket.send(JSON.stringify({ id, method, params }));
  return answer;
}

try {
  await ask("session.new", { capabilities: {} });
  const { contexts } = await ask("browsingContext.getTree", {});
  const { context } = contexts[0];
  await ask("browsingContext.navigate", { context, url, wait: "complete" });
  const { result, exceptionDetails } = await ask("script.evaluate", {
    expression: `(async () => JSON.stringify(await (${expression})))()`,
    target: { context },
    awaitPromise: true,
  });
  if (exceptionDetails) throw new Error(exceptionDetails.text);
  process.stdout.write(result.value);
} finally {
  firefox.removeAllListeners("exit");
  const ended = new Promise((resolve) => firefox.on("exit", resolve));
  firefox.kill();
  await ended;
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(0);
