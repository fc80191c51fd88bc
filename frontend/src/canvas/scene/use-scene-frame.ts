"use client";
/** Lets a scene show the project on the page's elements. */

import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import type { CanvasView } from "@/canvas/canvas-view";
import { markFirstNodes } from "@/canvas/scene/first-nodes";
import type { Scene } from "@/canvas/scene/scene";
import { createCanvasView } from "@/canvas/scene/scene-view";
import { fitted } from "@/canvas/scene/view-math";
import { useProject } from "@/live/project-context";
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
  const { graph } = useProject();
  const ready = useRef(onReady);
  useLayoutEffect(() => {
    ready.current = onReady;
  });
  useEffect(() => {
    scene.update(graph.getState());
    return graph.subscribe((now) => scene.update(now));
  }, [scene, graph]);
  useEffect(() => {
    const elements = { stage: surface.current, canvas: canvas.current, pulses: pulses.current };
    const { stage } = elements;
    if (!stage || !elements.canvas || !elements.pulses) {
      return;
    }
    const endFrames = scene.watchFrames(() => {
      const { isFar, isMoving } = scene.view;
      stage.toggleAttribute("data-far", isFar);
      // What blurs the canvas behind it leaves that for as long as the canvas moves (globals.css, .island).
      document.documentElement.toggleAttribute("data-canvas-moving", isMoving || scene.index.nodes.lifted.size > 0);
    });
    const detach = scene.attach({ stage, canvas: elements.canvas, pulses: elements.pulses });
    const bounds = scene.index.bounds();
    if (bounds && scene.view.extent.width > 0) {
      scene.view.set(fitted(bounds, scene.view.extent, scene.view.insets));
    }
    ready.current(createCanvasView(scene));
    return () => {
      document.documentElement.removeAttribute("data-canvas-moving");
      endFrames();
      detach();
    };
  }, [scene, surface, canvas, pulses]);
  useEffect(() => markFirstNodes(scene), [scene]);
  useEffect(() => scene.know(known), [scene, known]);
}
