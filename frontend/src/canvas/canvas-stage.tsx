"use client";
/** The stage of the open project: what gestures on it do, and the menus they open. */

import { type RefObject, useCallback, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { CanvasView, ClientPoint } from "@/canvas/canvas-view";
import type { CommandContext } from "@/canvas/commands/command";
import { perform } from "@/canvas/commands/perform";
import { connect } from "@/canvas/editing/connecting";
import type { EditStep, NotDone } from "@/canvas/editing/edit-step";
import { FileDrop } from "@/canvas/editing/file-drop";
import { placeStep } from "@/canvas/editing/moving";
import { AddNodeMenu, CanvasMenu } from "@/canvas/lazy-parts";
import { addPicked } from "@/canvas/palette/add-picked";
import { Stage } from "@/canvas/scene/stage";
import type { MenuTarget, NewWire, PulledEnd, Spot, StageProps, WireEnd } from "@/canvas/scene/stage-props";
import { useInsets } from "@/canvas/use-insets";
import { useKnownMedia } from "@/canvas/use-known-media";
import { type Graph, wiresInto } from "@/live/graph";
import { firstFreeInput, whyNoInputFits, whyNotConnect } from "@/nodes/connection-rules";
import { NodeCard } from "@/nodes/node-card";
import { portsOf } from "@/nodes/ports";
import { nodeDefinition } from "@/nodes/registry";

interface CanvasStageProps {
  context: CommandContext;
  /** Gets the element that is the canvas. */
  surface: RefObject<HTMLElement | null>;
  onReady: (view: CanvasView) => void;
}

/** A menu that a gesture has opened. */
type Asked =
  | { kind: "nothing" }
  | { kind: "menu"; client: ClientPoint; target: MenuTarget }
  | { kind: "add"; spot: Spot; end: PulledEnd | null };

const NOTHING: Asked = { kind: "nothing" };

export function CanvasStage({ context, surface, onReady }: CanvasStageProps) {
  const { document, canvas } = context;
  const known = useKnownMedia();
  const tool = useStore(canvas.state, (now) => now.tool);
  const name = useStore(document.graph, (graph) => graph.name);
  const [asked, setAsked] = useState<Asked>(NOTHING);
  const insets = useInsets();
  const close = useCallback(() => setAsked(NOTHING), []);
  const gestures = useMemo(() => createGestures(context, setAsked), [context]);
  return (
    <section ref={surface} aria-label={`Canvas of ${name}`} className="absolute inset-0">
      <FileDrop
        isEnabled={document.canEdit}
        toCanvas={(point) => canvas.view.toCanvas(point)}
        onFiles={(files, at) => context.addPictures?.(files, at)}
      >
        <Stage
          {...gestures}
          definitions={nodeDefinition}
          renderNode={renderCard}
          known={known}
          selection={canvas.selection}
          tool={tool}
          canEdit={document.canEdit}
          insets={insets}
          label={`Nodes of ${name}`}
          onReady={onReady}
        />
      </FileDrop>
      {asked.kind === "add" && (
        <AddNodeMenu
          at={asked.spot.client}
          end={asked.end}
          onPick={(kind) => addPicked(context, kind, asked.spot.at, asked.end)}
          onClose={close}
        />
      )}
      {asked.kind === "menu" && (
        <CanvasMenu context={context} client={asked.client} target={asked.target} onClose={close} />
      )}
    </section>
  );
}

function renderCard(nodeId: string) {
  return <NodeCard nodeId={nodeId} />;
}

type Gestures = Pick<
  StageProps,
  "onMove" | "onConnect" | "connectionProblem" | "onDropWire" | "onDropOnNode" | "onOpenMenu" | "onEmptyDoubleClick"
>;

function createGestures(context: CommandContext, ask: (asked: Asked) => void): Gestures {
  const { document } = context;
  const graph = () => document.graph.getState();
  const done = (step: EditStep | NotDone | null) => void perform(context, step);
  return {
    onMove: (moves) => done(placeStep(graph(), moves)),
    onConnect: (wire) => done(connect(graph(), wire)),
    connectionProblem: (source, target) => whyNotConnect(graph(), source, target, { mayReplace: true }),
    onDropWire: (end, spot) => ask({ kind: "add", spot, end }),
    onDropOnNode: (end, nodeId) => done(dropOnNode(graph(), end, nodeId)),
    onOpenMenu: (client, target) => ask({ kind: "menu", client, target }),
    onEmptyDoubleClick(spot) {
      if (document.canEdit) {
        ask({ kind: "add", spot, end: null });
      }
    },
  };
}

/** The wire from `end` to the port of a node that takes it, or why none does. */
function dropOnNode(graph: Graph, end: PulledEnd, nodeId: string): EditStep | NotDone | null {
  const wire = end.side === "source" ? wireInto(graph, end, nodeId) : wireOutOf(graph, end, nodeId);
  if (typeof wire === "string") {
    return { message: wire, advice: "" };
  }
  return wire && connect(graph, wire);
}

function wireInto(graph: Graph, source: WireEnd, targetNode: string): NewWire | string | null {
  const input = firstFreeInput(graph, source, targetNode);
  const isThere = wiresInto(graph, targetNode).some(({ source_node_id }) => source_node_id === source.nodeId);
  if (input === null) {
    return isThere ? null : whyNoInputFits(graph, source, targetNode);
  }
  return { sourceNode: source.nodeId, sourcePort: source.port, targetNode, targetPort: input.name };
}

function wireOutOf(graph: Graph, target: WireEnd, sourceNode: string): NewWire | string {
  const port = portsOf(graph.nodes.get(sourceNode)?.type ?? "").output?.name ?? "";
  const problem = whyNotConnect(graph, { nodeId: sourceNode, port }, target, { mayReplace: true });
  return problem ?? { sourceNode, sourcePort: port, targetNode: target.nodeId, targetPort: target.port };
}
