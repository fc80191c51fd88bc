/** What the studio has to know of a kind of node. Each kind is a folder beside this file and one line in the registry. */

import type { LucideIcon } from "lucide-react";
import type { ComponentType } from "react";
import type { GraphNode } from "@/live/graph";
import type { NodeMoment } from "@/live/status-store";

export type NodeTypeName = "image" | "prompt" | "video";

/** What flows through a port; it decides the colour of handles, icons and edges. */
export type PortType = "text" | "image" | "video";

export interface NodeViewProps {
  node: GraphNode;
  moment: NodeMoment;
}

export interface NodeDefinition {
  /** The kind, for people. */
  label: string;
  icon: LucideIcon;
  /** What the node puts out; null where nobody knows. */
  output: PortType | null;
  /** What fills the card: the picture, the words, the video. Gets the whole width and decides its height. */
  Body: ComponentType<NodeViewProps>;
  /** One row of facts below. */
  Facts: ComponentType<NodeViewProps>;
  /** A word or two beside the title, for example the model. */
  Subtitle?: ComponentType<NodeViewProps>;
}

/** The text colour of each type, as class names that the stylesheet is built from. */
export const TYPE_COLOUR: Record<PortType, string> = {
  text: "text-type-text",
  image: "text-type-image",
  video: "text-type-video",
};
