// Answers cases from standard input with the RUNS of a module, all in one process: see conftest.py.

import { readFileSync } from "node:fs";

const { RUNS } = await import(process.argv[2]);
const answers = [];
for (const { run, ...given } of JSON.parse(readFileSync(0, "utf-8"))) {
  answers.push(await RUNS[run](given));
}
process.stdout.write(JSON.stringify(answers));
