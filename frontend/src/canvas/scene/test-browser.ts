/** What a stage needs of a browser and jsdom lacks: something to paint on, sizes, and the queries of media. */

import { vi } from "vitest";

const STAGE = { x: 0, y: 0, left: 0, top: 0, right: 1440, bottom: 900, width: 1440, height: 900 };

/** Takes everything that is painted and shows none of it. */
function blankContext(): unknown {
  const known: Record<string | symbol, unknown> = {
    measureText: (text: string) => ({ width: text.length * 6 }),
    getImageData: () => ({ data: [128, 128, 128, 255] }),
    createPattern: () => null,
  };
  return new Proxy(known, {
    get: (target, name) => target[name] ?? (() => {}),
    set: () => true,
  });
}

class BlankCanvas {
  constructor(
    public width: number,
    public height: number,
  ) {}
  getContext(): unknown {
    return blankContext();
  }
  transferToImageBitmap() {
    return { width: this.width, height: this.height, close() {} };
  }
}

class BlankPath {
  addPath() {}
  moveTo() {}
  lineTo() {}
  arc() {}
  ellipse() {}
  roundRect() {}
  closePath() {}
}

class StillObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

/** Give jsdom a stage of 1440 × 900 pixels. Undone by `vi.unstubAllGlobals` and `vi.restoreAllMocks`. */
export function stubBrowser(): void {
  vi.stubGlobal("OffscreenCanvas", BlankCanvas);
  vi.stubGlobal("Path2D", BlankPath);
  vi.stubGlobal("ResizeObserver", StillObserver);
  vi.stubGlobal("matchMedia", () => ({ matches: true, addEventListener() {}, removeEventListener() {} }));
  vi.stubGlobal("DOMMatrixReadOnly", class {});
  Object.defineProperty(document, "fonts", { configurable: true, value: { ready: Promise.resolve() } });
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(() => blankContext() as never);
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue({ ...STAGE, toJSON: () => STAGE });
  Element.prototype.setPointerCapture ??= () => {};
}
