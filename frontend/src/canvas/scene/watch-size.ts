/** Hears of an element's size and of its place in the window. */

/** Tells at once, and whenever the element has another size or place; returns how to end it. */
export function watchSize(element: HTMLElement, onSize: () => void): () => void {
  const resizing = new ResizeObserver(onSize);
  resizing.observe(element);
  window.addEventListener("scroll", onSize, { capture: true, passive: true });
  onSize();
  return () => {
    resizing.disconnect();
    window.removeEventListener("scroll", onSize, { capture: true });
  };
}
