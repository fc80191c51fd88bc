/** `make screenshots`: takes the README's pictures from a studio that runs; E2E_BASE_URL names it. */

import { defineConfig } from "@playwright/test";
import { browserAndStudio } from "../e2e/support/chromium";

// biome-ignore lint/style/noDefaultExport: that is where Playwright looks for it.
export default defineConfig({
  testDir: ".",
  testMatch: "take.ts",
  outputDir: "../test-results",
  timeout: 300_000,
  expect: { timeout: 60_000 },
  workers: 1,
  reporter: "list",
  use: { ...browserAndStudio(), reducedMotion: "reduce", locale: "en-US", timezoneId: "UTC" },
});
