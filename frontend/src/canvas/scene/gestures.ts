/** Pointer, wheel and space bar on the stage, turned into moves of the view, selections and drags. */

import type { ClientPoint, Rect } from "@/canvas/canvas-view";
import { carried } from "@/canvas/scene/carried";
import { type Begun, begunBy } from "@/canvas/scene/gesture-rules";
import { Pinch } from "@/canvas/scene/pinch";
import { selectAtClick, selectAtPress } from "@/canvas/scene/press-selection";
import { hitAt, isOnControl, isOnHandle } from "@/canvas/scene/press-target";
import type { Scene } from "@/canvas/scene/scene";
import { createCanvasView } from "@/canvas/scene/scene-view";
import { SpaceKey } from "@/canvas/scene/space-key";
import { edgePush } from "@/canvas/scene/view-math";
import { turnWheel } from "@/canvas/scene/wheel-gesture";
import type { Position } from "@/live/graph";

/** A press becomes a drag when the pointer has moved this far. CSS pixels; a finger trembles more. */
const DRAG_AFTER = 3;
const TOUCH_DRAG_AFTER = 8;

export interface GestureHost {
  tool: () => "select" | "hand";
  canEdit: () => boolean;
  onMove: (moves: ReadonlyMap<string, Position>) => void;
  /** The box that is being drawn, in stage pixels; null: none any more. */
  onBox: (box: Rect | null) => void;
  /** The DOM of the nodes in these slots has to follow the index. */
  onDragged: (slots: Iterable<number>) => void;
  /** What the cursor should say. */
  onMode: (mode: "idle" | "panning" | "dragging") => void;
}

type Gesture =
  | { kind: "idle" }
  | { kind: "press"; pointerId: number; from: ClientPoint; begun: Begun; far: number; isTouch: boolean }
  | { kind: "pan"; pointerId: number; last: ClientPoint }
  | { kind: "box"; pointerId: number; from: Position; now: ClientPoint; kept: ReadonlySet<string> }
  | { kind: "drag"; pointerId: number; from: Position; now: ClientPoint }
  | { kind: "pinch" };

export class Gestures {
  readonly #scene: Scene;
  readonly #host: GestureHost;
  readonly #pinch = new Pinch();
  readonly #space = new SpaceKey();
  #stage: HTMLElement | null = null;
  #gesture: Gesture = { kind: "idle" };
  #pushing: number | null = null;

  constructor(scene: Scene, host: GestureHost) {
    this.#scene = scene;
    this.#host = host;
  }

  /** Listen to a stage; returns how to end it. */
  attach(stage: HTMLElement): () => void {
    this.#stage = stage;
    const ending = new AbortController();
    const { signal } = ending;
    // Before what is in it: React Flow listens for the wheel, too.
    stage.addEventListener("wheel", (event) => this.#turn(event), { signal, passive: false, capture: true });
    stage.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    stage.addEventListener("pointermove", (event) => this.#move(event), { signal });
    stage.addEventListener("pointerup", (event) => this.#up(event), { signal });
    stage.addEventListener("pointercancel", (event) => this.#cancelled(event), { signal });
    window.addEventListener("keydown", (event) => this.#keyDown(event), { signal });
    this.#space.listen(stage, signal);
    return () => {
      ending.abort();
      this.#end();
      this.#stage = null;
    };
  }

  #down(event: PointerEvent): void {
    if (isOnHandle(event)) {
      return;
    }
    this.#scene.view.stopGlide();
    if (event.pointerType === "touch" && this.#pinch.down(event)) {
      this.#end();
      this.#gesture = { kind: "pinch" };
      return;
    }
    if (this.#gesture.kind !== "idle") {
      return;
    }
    const begun = this.#begunBy(event);
    if (begun.kind === "none") {
      return;
    }
    const isTouch = event.pointerType === "touch";
    const far = isTouch ? TOUCH_DRAG_AFTER : DRAG_AFTER;
    const from = { clientX: event.clientX, clientY: event.clientY };
    this.#gesture = { kind: "press", pointerId: event.pointerId, from, begun, far, isTouch };
    selectAtPress(this.#scene.selection, begun);
    if (event.button === 1) {
      event.preventDefault(); // the browser would begin to scroll by itself
    }
    if (begun.kind === "pan" && !isTouch) {
      this.#host.onMode("panning");
    }
  }

  #begunBy(event: PointerEvent): Begun {
    const hit = hitAt(this.#scene, event);
    const { selection } = this.#scene;
    return begunBy({
      hit,
      isOnControl: isOnControl(event, this.#stage),
      button: event.button === 0 ? "main" : event.button === 1 ? "middle" : "other",
      pointer: event.pointerType === "touch" || event.pointerType === "pen" ? event.pointerType : "mouse",
      tool: this.#host.tool(),
      isSpaceHeld: this.#space.isHeld,
      isAdding: event.shiftKey || event.metaKey || event.ctrlKey,
      isSelected: hit.kind === "node" && selection.state.getState().nodes.has(hit.nodeId),
      canEdit: this.#host.canEdit(),
    });
  }

  #move(event: PointerEvent): void {
    if (this.#gesture.kind === "pinch") {
      const step = this.#pinch.move(event);
      if (step) {
        const { view } = this.#scene;
        view.panBy(step.dx, step.dy);
        view.zoomAt(view.toStage(step.middle), view.viewport.zoom * step.factor);
      }
      return;
    }
    if (event.pointerType === "touch") {
      this.#pinch.move(event);
    }
    if (this.#gesture.kind === "idle" || this.#gesture.pointerId !== event.pointerId) {
      return;
    }
    const point = { clientX: event.clientX, clientY: event.clientY };
    if (this.#gesture.kind === "press") {
      this.#grow(this.#gesture, point);
    }
    this.#continue(point);
  }

  /** The pointer has moved: far enough for a drag? */
  #grow({ from, begun, far, pointerId }: Extract<Gesture, { kind: "press" }>, point: ClientPoint): void {
    if (Math.hypot(point.clientX - from.clientX, point.clientY - from.clientY) < far) {
      return;
    }
    const { view, selection } = this.#scene;
    switch (begun.kind) {
      case "pan":
        this.#gesture = { kind: "pan", pointerId, last: from };
        break;
      case "box":
        this.#gesture = {
          kind: "box",
          pointerId,
          from: view.toCanvas(from),
          now: point,
          kept: begun.isAdding ? selection.state.getState().nodes : new Set(),
        };
        break;
      case "node":
        if (!begun.canDrag || !selection.state.getState().nodes.has(begun.nodeId)) {
          return;
        }
        this.#gesture = { kind: "drag", pointerId, from: view.toCanvas(from), now: point };
        this.#scene.index.lift(carried(this.#scene.index, selection.state.getState().nodes));
        this.#host.onMode("dragging");
        break;
      default:
        return;
    }
    this.#stage?.setPointerCapture(pointerId);
  }

  #continue(point: ClientPoint): void {
    const gesture = this.#gesture;
    switch (gesture.kind) {
      case "pan":
        this.#scene.view.panBy(point.clientX - gesture.last.clientX, point.clientY - gesture.last.clientY);
        gesture.last = point;
        break;
      case "box":
      case "drag":
        gesture.now = point;
        this.#follow(gesture);
        this.#push();
        break;
      default:
        break;
    }
  }

  #follow(gesture: Extract<Gesture, { kind: "box" | "drag" }>): void {
    const { view, index, selection } = this.#scene;
    const now = view.toCanvas(gesture.now);
    const { from } = gesture;
    if (gesture.kind === "drag") {
      index.dragBy(now.x - from.x, now.y - from.y);
      this.#host.onDragged(index.nodes.lifted.keys());
      this.#scene.requestPaint();
      return;
    }
    const box = {
      x: Math.min(from.x, now.x),
      y: Math.min(from.y, now.y),
      width: Math.abs(now.x - from.x),
      height: Math.abs(now.y - from.y),
    };
    const { x, y, zoom } = view.viewport;
    this.#host.onBox({
      x: box.x * zoom + x,
      y: box.y * zoom + y,
      width: box.width * zoom,
      height: box.height * zoom,
    });
    selection.set({ nodes: [...gesture.kept, ...index.nodesIn(box)] });
  }

  /** While something is held at the stage's edge, the view goes on by itself. */
  #push(): void {
    this.#pushing ??= requestAnimationFrame(() => {
      this.#pushing = null;
      const gesture = this.#gesture;
      if (gesture.kind !== "box" && gesture.kind !== "drag") {
        return;
      }
      const { view } = this.#scene;
      const { x, y } = edgePush(view.toStage(gesture.now), view.extent);
      if (x !== 0 || y !== 0) {
        view.panBy(x, y);
        this.#follow(gesture);
        this.#push();
      }
    });
  }

  #up(event: PointerEvent): void {
    this.#pinch.up(event);
    const gesture = this.#gesture;
    if (gesture.kind === "pinch") {
      this.#gesture = { kind: "idle" };
      return;
    }
    if (gesture.kind === "idle" || gesture.pointerId !== event.pointerId) {
      return;
    }
    if (gesture.kind === "press") {
      const tapped = gesture.isTouch && gesture.begun.kind === "pan" ? hitAt(this.#scene, event) : null;
      selectAtClick(this.#scene.selection, gesture.begun, tapped);
      if (tapped?.kind === "node" && this.#scene.view.isFar) {
        void createCanvasView(this.#scene).reveal(tapped.nodeId); // its buttons are only painted there: go where they can be touched
      }
    } else if (gesture.kind === "drag") {
      const moves = this.#scene.index.liftedPositions();
      this.#gesture = { kind: "idle" };
      this.#host.onMove(moves);
    }
    this.#end();
  }

  #cancelled(event: PointerEvent): void {
    this.#pinch.up(event);
    this.#end();
  }

  /** Whatever goes on is over, and nothing came of it that is not done yet. */
  #end(): void {
    const { index } = this.#scene;
    const inHand = [...index.nodes.lifted.keys()];
    if (inHand.length > 0) {
      index.drop();
      this.#host.onDragged(inHand);
      this.#scene.requestPaint();
    }
    this.#gesture = { kind: "idle" };
    this.#host.onBox(null);
    this.#host.onMode("idle");
  }

  #turn(event: WheelEvent): void {
    const gesture = this.#gesture;
    if (turnWheel(this.#scene.view, event) && (gesture.kind === "box" || gesture.kind === "drag")) {
      this.#follow(gesture);
    }
  }

  #keyDown(event: KeyboardEvent): void {
    if (event.key === "Escape" && (this.#gesture.kind === "drag" || this.#gesture.kind === "box")) {
      event.stopPropagation();
      this.#end();
      return;
    }
  }
}
