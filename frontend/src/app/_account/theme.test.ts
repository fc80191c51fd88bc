// @vitest-environment jsdom
/** The theme of the page, as the script in its head decides it. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { chooseTheme, keptTheme, THEME_SCRIPT } from "@/app/_account/theme";

/** A system whose theme the test changes. */
class FakeSystem extends EventTarget {
  matches = false;

  become(theme: "light" | "dark"): void {
    this.matches = theme === "light";
    this.dispatchEvent(new Event("change"));
  }
}

let system: FakeSystem;
const shown = () => document.documentElement.dataset.theme;

function openPage(): void {
  // biome-ignore lint/security/noGlobalEval: it is the text that the page's head runs.
  window.eval(THEME_SCRIPT);
}

beforeEach(() => {
  system = new FakeSystem();
  vi.stubGlobal("matchMedia", () => system);
  localStorage.clear();
  delete document.documentElement.dataset.theme;
});

afterEach(() => vi.unstubAllGlobals());

test("follows the system until somebody chooses, also while the page is open", () => {
  openPage();
  expect(shown()).toBe("dark");

  system.become("light");

  expect(shown()).toBe("light");
  expect(keptTheme()).toBe("system");
});

test("that was chosen wins over the system, and is there again after a reload", () => {
  openPage();

  chooseTheme("light");
  expect(shown()).toBe("light");

  delete document.documentElement.dataset.theme;
  openPage();
  system.become("dark");
  expect(shown()).toBe("light");
  expect(keptTheme()).toBe("light");
});

test("follows the system again when that is chosen", () => {
  openPage();
  chooseTheme("light");

  chooseTheme("system");

  expect(shown()).toBe("dark");
});

test("changes in this tab when another tab chooses", () => {
  openPage();

  localStorage.setItem("reelgraph/theme", "light");
  window.dispatchEvent(new Event("storage"));

  expect(shown()).toBe("light");
});

test("that an old release kept and nobody knows any more is the system's", () => {
  localStorage.setItem("reelgraph/theme", "sepia");

  openPage();

  expect(shown()).toBe("dark");
  expect(keptTheme()).toBe("system");
});
