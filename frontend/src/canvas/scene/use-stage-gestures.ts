"use client";
/** Gestures on the stage, and what they mean to the studio around it. */

import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import type { Rect } from "@/canvas/canvas-view";
import { Gestures } from "@/canvas/scene/gestures";
import { hitAt } from "@/canvas/scene/press-target";
import type { Scene } from "@/canvas/scene/scene";
import { createCanvasView } from "@/canvas/scene/scene-view";
import type { MenuTarget, StageProps } from "@/canvas/scene/stage-props";

interface StageGesturesOptions {
  scene: Scene;
  surface: RefObject<HTMLElement | null>;
  box: RefObject<HTMLElement | null>;
  props: StageProps;
}

/** What the browser's own menu is better for. */
const TEXT_FIELDS = "input, textarea, [contenteditable='true']";

export function useStageGestures({ scene, surface, box, props }: StageGesturesOptions): void {
  const latest = useRef(props);
  useLayoutEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    const stage = surface.current;
    if (!stage) {
      return;
    }
    const gestures = new Gestures(scene, {
      tool: () => latest.current.tool,
      canEdit: () => latest.current.canEdit,
      onMove: (moves) => latest.current.onMove(moves),
      onBox: (rect) => showBox(box.current, rect),
      onDragged: (slots) => moveNodes(stage, scene, slots),
      onMode(mode) {
        stage.dataset.mode = mode;
      },
    });
    const endGestures = gestures.attach(stage);
    const ending = new AbortController();
    const { signal } = ending;
    stage.addEventListener("contextmenu", (event) => openMenu(event, scene, latest.current), { signal });
    stage.addEventListener("dblclick", (event) => doubleClick(event, scene, latest.current), { signal });
    stage.addEventListener("focusin", (event) => follow(event, scene), { signal });
    stage.addEventListener("keydown", (event) => selectByKey(event, scene), { signal });
    // Pictures on cards would be dragged in place of the node.
    stage.addEventListener("dragstart", (event) => event.preventDefault(), { signal });
    return () => {
      endGestures();
      ending.abort();
    };
  }, [scene, surface, box]);
}

function showBox(element: HTMLElement | null, rect: Rect | null): void {
  if (!element) {
    return;
  }
  element.hidden = rect === null;
  if (rect) {
    element.style.transform = `translate(${rect.x}px, ${rect.y}px)`;
    element.style.width = `${rect.width}px`;
    element.style.height = `${rect.height}px`;
  }
}

/** Move the DOM of what is in hand along. By hand: React would render the whole window for every frame of a drag. */
function moveNodes(stage: HTMLElement, { index }: Scene, slots: Iterable<number>): void {
  const { nodes } = index;
  for (const slot of slots) {
    const id = nodes.node[slot]?.id;
    const element = id && stage.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
    if (element) {
      element.style.transform = `translate(${nodes.x[slot]}px,${nodes.y[slot]}px)`;
    }
  }
}

function openMenu(event: MouseEvent, scene: Scene, props: StageProps): void {
  if (event.target instanceof Element && event.target.closest(TEXT_FIELDS)) {
    return;
  }
  event.preventDefault();
  const hit = hitAt(scene, event);
  const at = scene.view.toCanvas(event);
  const { nodes, wires } = scene.selection.state.getState();
  let target: MenuTarget = { kind: "canvas", at };
  if (hit.kind === "node") {
    target = { kind: "node", nodeId: hit.nodeId, at };
    if (!nodes.has(hit.nodeId)) {
      scene.selection.set({ nodes: [hit.nodeId] });
    }
  } else if (hit.kind === "wire") {
    target = { kind: "wire", wireId: hit.wireId, at };
    if (!wires.has(hit.wireId)) {
      scene.selection.set({ wires: [hit.wireId] });
    }
  }
  props.onOpenMenu({ clientX: event.clientX, clientY: event.clientY }, target);
}

function doubleClick(event: MouseEvent, scene: Scene, props: StageProps): void {
  const hit = hitAt(scene, event);
  if (hit.kind === "nothing") {
    const client = { clientX: event.clientX, clientY: event.clientY };
    props.onEmptyDoubleClick({ client, at: scene.view.toCanvas(event) });
  } else if (hit.kind === "node" && (scene.view.isFar || !scene.mounts.has(hit.nodeId))) {
    void createCanvasView(scene).reveal(hit.nodeId);
    props.onNodeDoubleClick?.(hit.nodeId);
  }
}

/** The keyboard has gone to a node: one should see where it is. */
function follow({ target }: FocusEvent, scene: Scene): void {
  const nodeId = target instanceof Element ? target.closest<HTMLElement>("[data-stage-node]")?.dataset.stageNode : null;
  if (nodeId && target instanceof Element && target.matches(":focus-visible")) {
    void createCanvasView(scene).reveal(nodeId);
  }
}

function selectByKey(event: KeyboardEvent, scene: Scene): void {
  const nodeId = event.target instanceof HTMLElement ? event.target.dataset.stageNode : undefined;
  if (nodeId === undefined || event.key !== "Enter" || event.ctrlKey || event.metaKey) {
    return;
  }
  event.preventDefault();
  if (event.shiftKey) {
    scene.selection.toggle(nodeId);
  } else {
    scene.selection.set({ nodes: [nodeId] });
  }
}
