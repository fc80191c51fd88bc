"use client";
/**
 * The canvas: one picture of everything, painted always, and over it the DOM of the few nodes around a view that rests.
 *
 * As in Figma, the wheel and two fingers on a trackpad pan; with the control key, or a pinch, they zoom. Dragging pans with
 * the hand tool, the space bar or the middle button, and draws a box otherwise.
 */

import { useMemo, useRef, useState } from "react";
import { LiveNodes } from "@/canvas/lazy-parts";
import { Minimap } from "@/canvas/scene/minimap";
import { Scene } from "@/canvas/scene/scene";
import { SceneIcons } from "@/canvas/scene/scene-icons";
import { StageStateProvider } from "@/canvas/scene/stage-context";
import type { StageProps } from "@/canvas/scene/stage-props";
import { useSceneFrame } from "@/canvas/scene/use-scene-frame";
import { useStageGestures } from "@/canvas/scene/use-stage-gestures";
import { useProject } from "@/live/project-context";
import { cn } from "@/ui/class-names";

export function Stage(props: StageProps) {
  const { definitions, renderNode, connectionProblem, selection, known, canEdit, tool, children } = props;
  const { statuses } = useProject();
  const [scene] = useState(() => new Scene({ definitions, statuses, known, selection }));
  const surface = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const pulses = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  scene.view.insets = props.insets;
  useSceneFrame({ scene, surface, canvas, pulses, known, onReady: props.onReady });
  useStageGestures({ scene, surface, box, props });
  const state = useMemo(
    () => ({ scene, renderNode, definitions, connectionProblem, canEdit }),
    [scene, renderNode, definitions, connectionProblem, canEdit],
  );
  return (
    <StageStateProvider value={state}>
      <div className="absolute inset-0 overflow-hidden bg-bg">
        <div
          ref={surface}
          data-tool={tool}
          className={cn(
            "group/stage absolute inset-0 touch-none select-none",
            "data-[hand]:cursor-grab data-[tool=hand]:cursor-grab data-[mode=dragging]:cursor-grabbing data-[mode=panning]:cursor-grabbing",
            "data-[far]:[&_.react-flow__viewport]:hidden",
            "data-[hand]:[&_.react-flow__node_*]:pointer-events-none data-[tool=hand]:[&_.react-flow__handle]:pointer-events-none!",
          )}
        >
          <canvas ref={canvas} aria-hidden className="absolute inset-0 size-full" />
          <canvas ref={pulses} aria-hidden className="pointer-events-none absolute top-0 left-0 hidden" />
          <LiveNodes {...props} />
          <div
            ref={box}
            aria-hidden
            hidden
            className="pointer-events-none absolute top-0 left-0 rounded-[3px] border border-primary/60 bg-primary/8"
          />
        </div>
        <Minimap />
        {children}
      </div>
      <SceneIcons scene={scene} definitions={definitions} />
    </StageStateProvider>
  );
}
