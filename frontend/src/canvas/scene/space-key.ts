/** The space bar, which makes a hand of the pointer for as long as it is held; not where somebody types. */

import { CONTROLS } from "@/canvas/scene/press-target";

const ELSEWHERE = `${CONTROLS}, [role='dialog'], [role='menu'], [role='listbox']`;

export class SpaceKey {
  isHeld = false;

  /** Listen for as long as `signal` allows; the stage says that it is held. */
  listen(stage: HTMLElement, signal: AbortSignal): void {
    const release = () => {
      this.isHeld = false;
      delete stage.dataset.hand;
    };
    const press = (event: KeyboardEvent) => {
      const isElsewhere = event.target instanceof Element && event.target.closest(ELSEWHERE) !== null;
      if (event.code !== "Space" || isElsewhere || event.ctrlKey || event.metaKey || event.defaultPrevented) {
        return;
      }
      event.preventDefault(); // the page would scroll
      this.isHeld = true;
      stage.dataset.hand = "true";
    };
    window.addEventListener("keydown", press, { signal });
    window.addEventListener("keyup", ({ code }) => code === "Space" && release(), { signal });
    window.addEventListener("blur", release, { signal });
  }
}
