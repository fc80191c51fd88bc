"use client";
/** The inspector of a frame. */

import { ColourField } from "@/nodes/colour-field";
import { parseFrameConfig } from "@/nodes/frame/frame-config";
import type { NodeViewProps } from "@/nodes/node-type";

export function FrameSettings({ node }: NodeViewProps) {
  return <ColourField nodeId={node.id} colour={parseFrameConfig(node.config).colour} />;
}
