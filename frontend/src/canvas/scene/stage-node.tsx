"use client";
/** A node in the DOM: its card, exactly as large as the canvas thinks, with its handles and the ring of a selected one. */

import { memo, useLayoutEffect, useMemo } from "react";
import { useStore } from "zustand";
import { NodeHandles } from "@/canvas/scene/node-handles";
import { useStage } from "@/canvas/scene/stage-context";
import { useProject } from "@/live/project-context";
import { CARD_OUTLINE, type Outline } from "@/nodes/geometry";
import { cn } from "@/ui/class-names";

export const StageNode = memo(function StageNode({ id }: { id: string }) {
  const { scene, renderNode, definitions } = useStage();
  const { graph } = useProject();
  const type = useStore(graph, ({ nodes }) => nodes.get(id)?.type ?? "");
  const title = useStore(graph, ({ nodes }) => nodes.get(id)?.title);
  useLayoutEffect(() => {
    scene.setHasDom(id, true);
    return () => scene.setHasDom(id, false);
  }, [scene, id]);
  const card = useMemo(() => renderNode(id), [renderNode, id]);
  const isFrame = type === "frame";
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups form fields; this is a node of a graph.
    <div
      role="group"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: nodes are selected and moved by keyboard.
      tabIndex={0}
      aria-label={`${definitions(type).label}: ${title}`}
      data-stage-node={id}
      // What lies in a frame must be reachable: only its title takes the pointer.
      className={cn("relative size-full rounded-node outline-offset-4", !isFrame && "pointer-events-auto")}
    >
      {card}
      <SelectionRing nodeId={id} outline={definitions(type).outline ?? CARD_OUTLINE} />
      <NodeHandles nodeId={id} />
    </div>
  );
});

/** On its own, so that selecting a node does not render its card. */
function SelectionRing({ nodeId, outline: { top, radius } }: { nodeId: string; outline: Outline }) {
  const { scene } = useStage();
  const isSelected = useStore(scene.selection.state, ({ nodes }) => nodes.has(nodeId));
  return isSelected ? (
    <div
      aria-hidden
      className="pointer-events-none absolute inset-0 ring-[1.5px] ring-primary outline-6 outline-primary/9"
      style={{ top, borderRadius: radius }}
    />
  ) : null;
}
