/** Light or dark: what a person chose, kept in this browser, or what their system says. */

export const THEME_CHOICES = ["system", "light", "dark"] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

const KEPT_AS = "reelgraph/theme";
const CHOSEN = "reelgraph:theme-chosen";

/**
 * Runs in the page before anything is painted, and sets `data-theme` on <html>, the one place from which the stylesheet takes
 * its colours. It goes on listening: the system's theme changes in the evening, and another tab may choose another one.
 * A text, not a function: the security policy knows it by the hash of exactly these characters.
 */
export const THEME_SCRIPT = `(() => {
  const page = document.documentElement;
  const systemIsLight = matchMedia("(prefers-color-scheme: light)");
  const kept = () => { try { return localStorage.getItem("${KEPT_AS}"); } catch { return null; } };
  const apply = (event) => {
    const chosen = (event && event.detail) || kept();
    page.dataset.theme = chosen === "light" || chosen === "dark" ? chosen : systemIsLight.matches ? "light" : "dark";
  };
  apply();
  systemIsLight.addEventListener("change", apply);
  addEventListener("storage", apply);
  addEventListener("${CHOSEN}", apply);
})()`;

/** What was chosen in this browser; "system" where nothing was. */
export function keptTheme(): ThemeChoice {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    return THEME_CHOICES.find((choice) => choice === kept) ?? "system";
  } catch {
    return "system"; // storage is switched off
  }
}

/** Show the page in another theme from now on. */
export function chooseTheme(choice: ThemeChoice): void {
  try {
    localStorage.setItem(KEPT_AS, choice);
  } catch {
    // Storage is switched off: the choice holds until the page is left.
  }
  window.dispatchEvent(new CustomEvent(CHOSEN, { detail: choice }));
}

/** Hear of every choice, of other tabs too; returns how to end it. */
export function watchTheme(watcher: () => void): () => void {
  window.addEventListener(CHOSEN, watcher);
  window.addEventListener("storage", watcher);
  return () => {
    window.removeEventListener(CHOSEN, watcher);
    window.removeEventListener("storage", watcher);
  };
}
