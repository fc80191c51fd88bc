/**
 * Browser tests against a studio that runs: E2E_BASE_URL names it. They sign up as somebody new, so they can run against any
 * installation, as often as one likes. The browser is the system's Chromium, or the one that CHROMIUM_PATH names.
 */

import { defineConfig } from "@playwright/test";
import { browserAndStudio } from "./e2e/support/chromium";

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  timeout: 60_000,
  expect: { timeout: 15_000 },
  workers: 2,
  // On a loaded machine a browser may stall for longer than a person would wait. What passes only then is reported as flaky.
  retries: 1,
  reporter: "list",
  use: { ...browserAndStudio(), reducedMotion: "reduce", trace: "retain-on-failure", screenshot: "only-on-failure" },
});
