/** Pointer, wheel and space bar on the stage, turned into moves of the view, selections and drags. */

import type { ClientPoint, Rect } from "@/canvas/canvas-view";
import { carried } from "@/canvas/scene/carried";
import { type Begun, begunBy, type Hit } from "@/canvas/scene/gesture-rules";
import { Pinch } from "@/canvas/scene/pinch";
import type { Scene } from "@/canvas/scene/scene";
import { edgePush, wheelPixels, wheelZoomFactor } from "@/canvas/scene/view-math";
import type { Position } from "@/live/graph";

/** A press becomes a drag when the pointer has moved this far. CSS pixels; a finger trembles more. */
const DRAG_AFTER = 3;
const TOUCH_DRAG_AFTER = 8;
/** A wire is under the pointer when it is this near. CSS pixels. */
export const WIRE_REACH = 6;
/** What answers presses itself. */
const CONTROLS =
  "button, a, input, textarea, select, label, summary, video, audio, [contenteditable='true'], [role='slider'], [role='menuitem'], .nodrag";

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
  #stage: HTMLElement | null = null;
  #gesture: Gesture = { kind: "idle" };
  #isSpaceHeld = false;
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
    stage.addEventListener("wheel", (event) => this.#wheel(event), { signal, passive: false, capture: true });
    stage.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    stage.addEventListener("pointermove", (event) => this.#move(event), { signal });
    stage.addEventListener("pointerup", (event) => this.#up(event), { signal });
    stage.addEventListener("pointercancel", (event) => this.#cancelled(event), { signal });
    window.addEventListener("keydown", (event) => this.#keyDown(event), { signal });
    window.addEventListener("keyup", (event) => this.#keyUp(event), { signal });
    window.addEventListener("blur", () => this.#releaseSpace(), { signal });
    return () => {
      ending.abort();
      this.#end();
      this.#stage = null;
    };
  }

  /** What lies under a point of the window. */
  hitAt(point: ClientPoint): Hit {
    const { index, view } = this.#scene;
    const at = view.toCanvas(point);
    const nodeId = index.nodeAt(at);
    if (nodeId !== null && !index.isFrame(nodeId)) {
      return { kind: "node", nodeId };
    }
    const wireId = index.wireAt(at, WIRE_REACH / view.viewport.zoom);
    if (wireId !== null) {
      return { kind: "wire", wireId };
    }
    return nodeId === null ? { kind: "nothing" } : { kind: "node", nodeId };
  }

  #down(event: PointerEvent): void {
    if (event.target instanceof Element && event.target.closest(".react-flow__handle, [data-over-stage]")) {
      return; // a handle pulls a wire
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
    this.#selectAtPress(begun);
    if (event.button === 1) {
      event.preventDefault(); // the browser would begin to scroll by itself
    }
    if (begun.kind === "pan" && !isTouch) {
      this.#host.onMode("panning");
    }
  }

  #begunBy(event: PointerEvent): Begun {
    const hit = this.hitAt(event);
    const { selection } = this.#scene;
    const target = event.target instanceof Element ? event.target.closest(CONTROLS) : null;
    return begunBy({
      hit,
      isOnControl: target !== null && this.#stage?.contains(target) === true,
      button: event.button === 0 ? "main" : event.button === 1 ? "middle" : "other",
      pointer: event.pointerType === "touch" || event.pointerType === "pen" ? event.pointerType : "mouse",
      tool: this.#host.tool(),
      isSpaceHeld: this.#isSpaceHeld,
      isAdding: event.shiftKey || event.metaKey || event.ctrlKey,
      isSelected: hit.kind === "node" && selection.state.getState().nodes.has(hit.nodeId),
      canEdit: this.#host.canEdit(),
    });
  }

  #selectAtPress(begun: Begun): void {
    const { selection } = this.#scene;
    if (begun.kind === "node" && begun.select === "only") {
      selection.set({ nodes: [begun.nodeId] });
    } else if (begun.kind === "node" && begun.select === "toggle") {
      selection.toggle(begun.nodeId);
    } else if (begun.kind === "wire") {
      const { nodes, wires } = selection.state.getState();
      const others = begun.isAdding ? [...wires].filter((wireId) => wireId !== begun.wireId) : [];
      const isTakenOut = begun.isAdding && wires.has(begun.wireId);
      selection.set({ nodes: begun.isAdding ? nodes : [], wires: isTakenOut ? others : [...others, begun.wireId] });
    }
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
      this.#click(gesture, event);
    } else if (gesture.kind === "drag") {
      const moves = this.#scene.index.liftedPositions();
      this.#gesture = { kind: "idle" };
      this.#host.onMove(moves);
    }
    this.#end();
  }

  #click({ begun, isTouch }: Extract<Gesture, { kind: "press" }>, event: PointerEvent): void {
    const { selection } = this.#scene;
    if (begun.kind === "box" && !begun.isAdding) {
      selection.clear();
    } else if (begun.kind === "node" && begun.select === "keep" && !isTouch) {
      selection.set({ nodes: [begun.nodeId] });
    } else if (begun.kind === "pan" && isTouch) {
      const hit = this.hitAt(event);
      selection.set(hit.kind === "node" ? { nodes: [hit.nodeId] } : hit.kind === "wire" ? { wires: [hit.wireId] } : {});
    }
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

  #wheel(event: WheelEvent): void {
    const { view } = this.#scene;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("[data-over-stage]")) {
      return;
    }
    const isZoom = event.ctrlKey || event.metaKey;
    if (!isZoom && target && scrollsItself(target, event)) {
      event.stopPropagation();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const dx = wheelPixels(event.deltaX, event.deltaMode, view.extent.width);
    const dy = wheelPixels(event.deltaY, event.deltaMode, view.extent.height);
    if (isZoom) {
      view.zoomAt(view.toStage(event), view.viewport.zoom * wheelZoomFactor(dy));
    } else if (event.shiftKey && dx === 0) {
      view.panBy(-dy, 0);
    } else {
      view.panBy(-dx, -dy);
    }
    const gesture = this.#gesture;
    if (gesture.kind === "box" || gesture.kind === "drag") {
      this.#follow(gesture);
    }
  }

  #keyDown(event: KeyboardEvent): void {
    if (event.key === "Escape" && (this.#gesture.kind === "drag" || this.#gesture.kind === "box")) {
      event.stopPropagation();
      this.#end();
      return;
    }
    const isElsewhere =
      event.target instanceof Element && event.target.closest(`${CONTROLS}, [role='dialog']`) !== null;
    if (event.code === "Space" && !isElsewhere && !event.repeat && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.#isSpaceHeld = true;
      if (this.#stage) {
        this.#stage.dataset.hand = "true";
      }
    }
  }

  #keyUp(event: KeyboardEvent): void {
    if (event.code === "Space") {
      this.#releaseSpace();
    }
  }

  #releaseSpace(): void {
    this.#isSpaceHeld = false;
    delete this.#stage?.dataset.hand;
  }
}

/** Whether something between the pointer and its node scrolls by itself, in the wheel's direction: it says so by `nowheel`. */
function scrollsItself(target: Element, { deltaY }: WheelEvent): boolean {
  const field = target.closest(".nowheel");
  if (!field || field.scrollHeight <= field.clientHeight) {
    return false;
  }
  return deltaY < 0 ? field.scrollTop > 0 : field.scrollTop + field.clientHeight < field.scrollHeight - 1;
}
