/** Unit and contract tests, next to what they test. Those that need a document say so: `@vitest-environment jsdom`. */

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    // Files share a worker, and with it what they import: starting anew for each file took most of the time. What a test puts
    // into globals or into a module's store it takes out again.
    isolate: false,
  },
});
