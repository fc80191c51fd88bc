/**
 * What a visitor waits for, held small: after each build of the export, no page may start with more JavaScript than the budget,
 * nor with what only some visitors or later moments need. Ends with code 1 and says what to do.
 *
 *   npx next build && node budget.mjs
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const EXPORT = fileURLToPath(new URL("./out", import.meta.url));
const CHUNKS = "_next/static/chunks";
/** Of all that the page's own script elements load. */
const BUDGET_BYTES = 300 * 1024;
/** What comes later, and a text that is in its code whatever the build makes of it. */
const LATER = {
  Firestore: "firestore.googleapis.com",
  "React Flow": "react-flow__renderer",
  "The player": "One frame further",
};

const problems = [...readdirSync(EXPORT).filter((name) => name.endsWith(".html"))].flatMap(problemsOf);
for (const [name, text] of Object.entries(LATER)) {
  if (!readdirSync(join(EXPORT, CHUNKS)).some((chunk) => read(join(CHUNKS, chunk)).includes(text))) {
    problems.push(
      `${name} is nowhere in the export: it is no longer recognised by "${text}", so give budget.mjs another text.`,
    );
  }
}
for (const problem of problems) {
  process.stderr.write(`${problem}\n`);
}
process.exitCode = problems.length === 0 ? 0 : 1;

function problemsOf(page) {
  const scripts = scriptsOf(read(page));
  const bytes = scripts.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
  const found = Object.entries(LATER).flatMap(([name, text]) =>
    scripts
      .filter(({ code }) => code.includes(text))
      .map(({ path }) => `${name} is in ${path}, with which ${page} starts: import it by \`lazily\` or \`import()\`.`),
  );
  if (bytes > BUDGET_BYTES) {
    const largest = scripts.toSorted((a, b) => b.code.length - a.code.length).slice(0, 5);
    found.push(
      `${page} starts with ${inKilobytes(bytes)} of JavaScript (gzip), and may with ${inKilobytes(BUDGET_BYTES)}: ` +
        `import by \`lazily\` what its first paint does not need. Largest: ${largest.map(({ path }) => path).join(", ")}.`,
    );
  }
  return found;
}

/** The scripts that a page loads by itself, without those that only browsers without modules take. */
function scriptsOf(html) {
  return [...html.matchAll(/<script\b[^>]*\bsrc="([^"?]+)[^>]*>/g)]
    .filter(([element]) => !/\bnoModule\b/i.test(element))
    .map(([, path]) => ({ path, code: read(path) }));
}

function read(path) {
  return readFileSync(join(EXPORT, path), "utf8");
}

function inKilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
