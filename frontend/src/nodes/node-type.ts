/** What the studio has to know of a kind of node. Each kind is a folder beside this file and one line in the registry. */

import type { LucideIcon } from "lucide-react";
import type { ComponentType } from "react";
import type { Asset, Take } from "@/api/media";
import type { GraphNode, NodeConfig } from "@/live/graph";
import type { NodeMoment } from "@/live/status-store";
import type { Outline, Size } from "@/nodes/geometry";

/** Kinds that do work, and those that only order the canvas. */
export type NodeTypeName = "image" | "prompt" | "video" | "frame" | "note";

/** What flows through a port; it decides the colour of handles, icons and edges. */
export type PortType = "text" | "image" | "video";

export interface NodeViewProps {
  node: GraphNode;
  moment: NodeMoment;
}

/** A place on a node where wires end. The same on the server: services/core/projects/node_types.py. */
export interface Port {
  name: string;
  type: PortType;
  /** For people: "First frame". */
  title: string;
  /** How many wires may end at an input; an output takes any number. */
  wires: number;
}

/** What the canvas paints of a node that has no DOM: the same in few strokes. */
export interface Sketch {
  /** Beside the title, for example the model. */
  subtitle: string;
  /** A small picture's address, where the node shows one. */
  picture: string | null;
  /** Words that fill the card where there is no picture. */
  words: string;
  /** The row below, as its chips say it. */
  facts: readonly string[];
  /** At the right end of that row, without a chip: what it cost, how long it is. */
  aside?: string;
}

/** What a sketch is made of besides the node: answers of the api that are known already. */
export interface KnownMedia {
  asset(assetId: string): Asset | undefined;
  take(takeId: string): Take | undefined;
  modelName(modelId: string | null): string;
}

export interface NodeDefinition {
  /** The kind, for people. */
  label: string;
  icon: LucideIcon;
  inputs: readonly Port[];
  /** What the node puts out; null for what only orders the canvas. */
  output: Port | null;
  /** The settings of a new node, whole. */
  newConfig(): NodeConfig;
  /** Depends on the settings alone: the canvas lays out ten thousand nodes without any DOM. */
  size(config: NodeConfig): Size;
  /** Where the ring of a selected node runs; around the usual card unless given. */
  outline?: Outline;
  sketch(props: NodeViewProps, known: KnownMedia): Sketch;
  /** Draws the whole node in place of the usual card: for what only orders the canvas. */
  Face?: ComponentType<NodeViewProps>;
  /** What fills the card: the picture, the words, the video. Gets the card's width and the height that `size` leaves it. */
  Body: ComponentType<NodeViewProps>;
  /** One row of facts below. */
  Facts: ComponentType<NodeViewProps>;
  /** A word or two beside the title, for example the model. */
  Subtitle?: ComponentType<NodeViewProps>;
  /** What stands at the right of the header in place of the usual chip of the state. */
  State?: ComponentType<NodeViewProps>;
  /** The settings in the inspector. */
  Settings: ComponentType<NodeViewProps>;
}

/** The text colour of each type, as class names that the stylesheet is built from. */
export const TYPE_COLOUR: Record<PortType, string> = {
  text: "text-type-text",
  image: "text-type-image",
  video: "text-type-video",
};
