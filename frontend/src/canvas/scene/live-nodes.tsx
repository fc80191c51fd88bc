"use client";
/** The DOM over the painted canvas: the few nodes around a view that rests, and the wire that is pulled between them. */

import "@xyflow/react/dist/base.css";
import { ReactFlow, ReactFlowProvider } from "@xyflow/react";
import { useRef } from "react";
import { PulledWire, PullProblem } from "@/canvas/scene/pulled-wire";
import { useStage } from "@/canvas/scene/stage-context";
import { StageNode } from "@/canvas/scene/stage-node";
import type { StageProps } from "@/canvas/scene/stage-props";
import { useFlowNodes } from "@/canvas/scene/use-flow-nodes";
import { useFlowView } from "@/canvas/scene/use-flow-view";
import { useWirePulls } from "@/canvas/scene/use-wire-pulls";
import { MAX_ZOOM, MIN_ZOOM } from "@/canvas/scene/view-math";

const NODE_TYPES = { stage: StageNode };
/** All wires are painted: React Flow draws only the one that is being pulled. */
const NO_WIRES: [] = [];
const NO_ATTRIBUTION = { hideAttribution: true };
/** How near to a handle a pulled wire snaps to it, canvas units. */
const SNAP_RADIUS = 24;

export function LiveNodes(props: StageProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
      <PullProblem />
    </ReactFlowProvider>
  );
}

function Flow(props: StageProps) {
  const { scene } = useStage();
  const flow = useRef<HTMLDivElement>(null);
  const nodes = useFlowNodes(scene, props.definitions);
  useFlowView(scene, flow);
  const pulls = useWirePulls(scene, props);
  return (
    <ReactFlow
      ref={flow}
      aria-label={props.label}
      className="bg-transparent! absolute! inset-0"
      nodes={nodes}
      edges={NO_WIRES}
      nodeTypes={NODE_TYPES}
      minZoom={MIN_ZOOM}
      maxZoom={MAX_ZOOM}
      nodesDraggable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      nodesConnectable={props.canEdit}
      connectOnClick={false}
      connectionRadius={SNAP_RADIUS}
      connectionLineComponent={PulledWire}
      panOnDrag={false}
      panOnScroll={false}
      zoomOnScroll={false}
      zoomOnPinch={false}
      zoomOnDoubleClick={false}
      preventScrolling={false}
      deleteKeyCode={null}
      selectionKeyCode={null}
      multiSelectionKeyCode={null}
      panActivationKeyCode={null}
      zoomActivationKeyCode={null}
      disableKeyboardA11y
      proOptions={NO_ATTRIBUTION}
      {...pulls}
    />
  );
}
