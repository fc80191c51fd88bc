"use client";
/** Lets a scene paint onto the page's elements, and moves React Flow's nodes in the very frame in which it paints. */

import { useStoreApi } from "@xyflow/react";
import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import type { CanvasView } from "@/canvas/canvas-view";
import type { Scene } from "@/canvas/scene/scene";
import { createCanvasView } from "@/canvas/scene/scene-view";
import { fitted } from "@/canvas/scene/view-math";
import type { KnownMedia } from "@/nodes/node-type";

interface SceneFrameOptions {
  scene: Scene;
  surface: RefObject<HTMLElement | null>;
  canvas: RefObject<HTMLCanvasElement | null>;
  pulses: RefObject<HTMLCanvasElement | null>;
  known: KnownMedia;
  onReady: (view: CanvasView) => void;
}

export function useSceneFrame({ scene, surface, canvas, pulses, known, onReady }: SceneFrameOptions): void {
  const flow = useStoreApi();
  const ready = useRef(onReady);
  useLayoutEffect(() => {
    ready.current = onReady;
  });
  useEffect(() => {
    const elements = { stage: surface.current, canvas: canvas.current, pulses: pulses.current };
    const { stage } = elements;
    if (!stage || !elements.canvas || !elements.pulses) {
      return;
    }
    let shown: unknown = null;
    let told: unknown = null;
    scene.onFrame = () => {
      const { viewport, isFar, isMoving } = scene.view;
      const nodes = stage.querySelector<HTMLElement>(".react-flow__viewport");
      stage.toggleAttribute("data-far", isFar);
      // What blurs the canvas behind it leaves that for as long as the canvas moves (globals.css, .island).
      document.documentElement.toggleAttribute("data-canvas-moving", isMoving || scene.index.nodes.lifted.size > 0);
      if (nodes && !isFar) {
        // Only while it moves: text on a layer of its own is blurred at rest.
        nodes.style.willChange = isMoving ? "transform" : "";
        if (shown !== viewport) {
          shown = viewport;
          nodes.style.transform = `translate(${viewport.x}px,${viewport.y}px) scale(${viewport.zoom})`;
        }
      }
      // React Flow wakes every node and handle to tell them; they need it only at rest, and while a wire is pulled.
      if (told !== viewport && (!isMoving || flow.getState().connection.inProgress)) {
        told = viewport;
        flow.setState({ transform: [viewport.x, viewport.y, viewport.zoom] });
      }
    };
    // React Flow moves the view itself while a wire is held at the stage's edge.
    const endFlow = flow.subscribe(({ transform: [x, y, zoom] }, { transform: before }) => {
      const { viewport } = scene.view;
      const isOurs = x === viewport.x && y === viewport.y && zoom === viewport.zoom;
      const hasMoved = x !== before[0] || y !== before[1] || zoom !== before[2];
      if (hasMoved && !isOurs && flow.getState().connection.inProgress) {
        scene.view.set({ x, y, zoom });
      }
    });
    const detach = scene.attach({ stage, canvas: elements.canvas, pulses: elements.pulses });
    const bounds = scene.index.bounds();
    if (bounds && scene.view.extent.width > 0) {
      scene.view.set(fitted(bounds, scene.view.extent, scene.view.insets));
    }
    ready.current(createCanvasView(scene));
    return () => {
      document.documentElement.removeAttribute("data-canvas-moving");
      scene.onFrame = () => {};
      endFlow();
      detach();
    };
  }, [scene, surface, canvas, pulses, flow]);
  useEffect(() => scene.know(known), [scene, known]);
}
