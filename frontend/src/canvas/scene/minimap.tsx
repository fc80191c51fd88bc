"use client";
/** All of the canvas in small, painted, with where one is on it; pressing and dragging goes there. */

import { type PointerEvent, useEffect, useRef, useState } from "react";
import type { Rect } from "@/canvas/canvas-view";
import type { Palette } from "@/canvas/scene/palette";
import type { Scene } from "@/canvas/scene/scene";
import type { SceneIndex } from "@/canvas/scene/scene-index";
import { FRAME, GONE } from "@/canvas/scene/scene-nodes";
import { useStage } from "@/canvas/scene/stage-context";
import { centred } from "@/canvas/scene/view-math";
import type { Position } from "@/live/graph";

const WIDTH = 160;
const HEIGHT = 100;
const MARGIN = 8;
/** Fewer nodes than this need no map. */
const FEWEST = 2;
/** Nodes are never smaller than this on the map, CSS pixels. */
const SMALLEST = 1.5;
/** The map of many nodes follows changes this often. */
const REPAINT_MS = 250;

export function Minimap() {
  const { scene } = useStage();
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = useRef<PaintedMap | null>(null);
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const painting = new PaintedMap(scene);
    map.current = painting;
    return scene.watchFrames(() => {
      setShown(scene.index.nodes.count >= FEWEST);
      if (canvas.current) {
        painting.paint(canvas.current);
      }
    });
  }, [scene]);
  const go = (event: PointerEvent<HTMLCanvasElement>) => {
    if (event.buttons === 1 && map.current) {
      const rect = event.currentTarget.getBoundingClientRect();
      const at = map.current.toCanvas({ x: event.clientX - rect.left, y: event.clientY - rect.top });
      scene.view.set(centred(at, scene.view.viewport.zoom, scene.view.extent, scene.view.insets));
    }
  };
  if (!isShown) {
    return null;
  }
  return (
    <div className="island absolute right-3 bottom-3 z-10 hidden overflow-hidden rounded-[14px] sm:block lg:right-[355px]">
      <canvas
        ref={canvas}
        width={WIDTH * scene.pixelRatio}
        height={HEIGHT * scene.pixelRatio}
        style={{ width: WIDTH, height: HEIGHT }}
        className="block cursor-pointer touch-none"
        role="img"
        aria-label="Map of the canvas"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          go(event);
        }}
        onPointerMove={go}
      />
    </div>
  );
}

/** The map's picture: the nodes painted when they change, the view's rectangle in each frame that moves it. */
class PaintedMap {
  readonly #scene: Scene;
  #picture: OffscreenCanvas | null = null;
  #key = "";
  #paintedAt = 0;
  #area: Rect = { x: 0, y: 0, width: 1, height: 1 };
  #scale = 1;
  #later: ReturnType<typeof setTimeout> | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  toCanvas({ x, y }: Position): Position {
    return { x: this.#area.x + x / this.#scale, y: this.#area.y + y / this.#scale };
  }

  paint(canvas: HTMLCanvasElement): void {
    const { palette, index, pixelRatio, view } = this.#scene;
    const context = canvas.getContext("2d");
    if (!palette || !context) {
      return;
    }
    this.#repaintNodes(index, palette, pixelRatio);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (this.#picture) {
      context.drawImage(this.#picture, 0, 0);
    }
    const shown = view.shown();
    const scale = this.#scale * pixelRatio;
    context.strokeStyle = palette.colour.mut;
    context.fillStyle = palette.faint("fg", 0.06);
    context.lineWidth = pixelRatio;
    context.beginPath();
    context.roundRect(
      (shown.x - this.#area.x) * scale,
      (shown.y - this.#area.y) * scale,
      shown.width * scale,
      shown.height * scale,
      2 * pixelRatio,
    );
    context.fill();
    context.stroke();
  }

  #repaintNodes(index: SceneIndex, palette: Palette, pixelRatio: number): void {
    const key = `${index.version} ${palette.colour.bg} ${pixelRatio}`;
    if (key === this.#key) {
      return;
    }
    const wait = this.#paintedAt + REPAINT_MS - performance.now();
    if (this.#picture && wait > 0) {
      this.#later ??= setTimeout(() => {
        this.#later = undefined;
        this.#scene.requestPaint();
      }, wait);
      return;
    }
    const bounds = index.bounds();
    if (bounds === null) {
      return;
    }
    this.#key = key;
    this.#paintedAt = performance.now();
    this.#place(bounds);
    this.#picture = paintedNodes(index, palette, this.#area, this.#scale, pixelRatio);
  }

  /** The whole graph in the map's middle. */
  #place(bounds: Rect): void {
    this.#scale = Math.min((WIDTH - 2 * MARGIN) / bounds.width, (HEIGHT - 2 * MARGIN) / bounds.height);
    const width = WIDTH / this.#scale;
    const height = HEIGHT / this.#scale;
    this.#area = {
      x: bounds.x + bounds.width / 2 - width / 2,
      y: bounds.y + bounds.height / 2 - height / 2,
      width,
      height,
    };
  }
}

function paintedNodes(index: SceneIndex, palette: Palette, area: Rect, scale: number, pixelRatio: number) {
  const picture = new OffscreenCanvas(WIDTH * pixelRatio, HEIGHT * pixelRatio);
  const context = picture.getContext("2d");
  const { kind, x, y, width, height, definition, end } = index.nodes;
  if (!context) {
    return picture;
  }
  context.scale(pixelRatio, pixelRatio);
  for (let slot = 0; slot < end; slot++) {
    if (kind[slot] === GONE) {
      continue;
    }
    const output = definition[slot]?.output ?? null;
    const isFrame = kind[slot] === FRAME;
    context.fillStyle = isFrame
      ? palette.faint("fg", 0.07)
      : output === null
        ? palette.faint("mut", 0.5)
        : palette.faint(palette.flow(output.type), 0.8);
    context.fillRect(
      ((x[slot] ?? 0) - area.x) * scale,
      ((y[slot] ?? 0) - area.y) * scale,
      Math.max(SMALLEST, (width[slot] ?? 0) * scale),
      Math.max(SMALLEST, (height[slot] ?? 0) * scale),
    );
  }
  return picture;
}
