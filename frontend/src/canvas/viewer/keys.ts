/** The keys of the viewer. */

import type { KeyboardEvent } from "react";
import type { Playback } from "@/canvas/viewer/playback";

/** Do what a key means; `fill` is null where the screen cannot be filled. */
export function performKey(event: KeyboardEvent, playback: Playback, fill: (() => void) | null): void {
  if (event.metaKey || event.ctrlKey || event.altKey) {
    return;
  }
  const action = actionOf(event, playback, fill);
  if (action) {
    event.preventDefault();
    event.stopPropagation();
    action();
  }
}

function actionOf(event: KeyboardEvent, playback: Playback, fill: (() => void) | null): (() => void) | null {
  const { isMuted, timeSeconds } = playback.state.getState();
  const target = event.target instanceof Element ? event.target : null;
  // On a button, space presses it; on the scrubber, arrows move it.
  const isOnButton = target?.closest("button, a, input, textarea, select") !== null;
  const isOnSlider = target?.closest("[role=slider]") !== null;
  switch (event.key) {
    case " ":
      return isOnButton ? null : () => playback.toggle();
    case "k":
      return () => playback.toggle();
    case ",":
      return () => playback.step(-1);
    case ".":
      return () => playback.step(1);
    case "ArrowLeft":
      return isOnSlider ? null : () => playback.seek(timeSeconds - 1);
    case "ArrowRight":
      return isOnSlider ? null : () => playback.seek(timeSeconds + 1);
    case "m":
      return () => playback.setMuted(!isMuted);
    case "f":
      return fill;
    default:
      return null;
  }
}
