/** Adds what was picked in the menu at a point of the canvas, wired up where a wire's loose end asked for it. */

import type { CommandContext } from "@/canvas/commands/command";
import { perform } from "@/canvas/commands/perform";
import { addNode } from "@/canvas/editing/adding";
import { addAtWire } from "@/canvas/editing/connecting";
import type { KindToAdd } from "@/canvas/palette/choices";
import type { PulledEnd } from "@/canvas/scene/stage-props";
import type { Position } from "@/live/graph";

export function addPicked(
  context: CommandContext,
  { type, port }: KindToAdd,
  at: Position,
  end: PulledEnd | null,
): void {
  const graph = context.document.graph.getState();
  const step = end && port !== null ? addAtWire(graph, { type, end, at }, port) : addNode(graph, { type, at });
  perform(context, step);
}
