/** The browser of the tests: the system's Chromium, as the package registry brings none. */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const USUAL_FOLDERS = ["/usr/bin", "/usr/local/bin", "/snap/bin"];
const ON_MAC = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

type Found = { kind: "found"; path: string } | { kind: "missing"; message: string };

/** Where Chromium is: as CHROMIUM_PATH says, or under one of its usual names. */
export function findChromium(environment: Readonly<Record<string, string | undefined>>): Found {
  const named = environment.CHROMIUM_PATH;
  if (named) {
    return existsSync(named)
      ? { kind: "found", path: named }
      : { kind: "missing", message: `CHROMIUM_PATH is ${named}, where there is no program: correct it, or unset it.` };
  }
  const folders = [...(environment.PATH ?? "").split(delimiter).filter(Boolean), ...USUAL_FOLDERS];
  const candidates = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...ON_MAC];
  const path = candidates.find((candidate) => existsSync(candidate));
  return path === undefined
    ? {
        kind: "missing",
        message: "There is no Chromium for the browser tests: apt-get install chromium, or set CHROMIUM_PATH to one.",
      }
    : { kind: "found", path };
}

/** Says why nothing can be tested, in one line, and ends. */
function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** What every configuration of Playwright here uses: which browser, and which studio. Ends the process where one is missing. */
export function browserAndStudio() {
  const baseURL = process.env.E2E_BASE_URL;
  if (!baseURL) {
    refuse("E2E_BASE_URL is missing: the address of a studio that runs, for example http://127.0.0.1:8700.");
  }
  const chromium = findChromium(process.env);
  if (chromium.kind === "missing") {
    refuse(chromium.message);
  }
  return {
    baseURL,
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: chromium.path,
      // Without a sandbox, as containers run it as root.
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  };
}
