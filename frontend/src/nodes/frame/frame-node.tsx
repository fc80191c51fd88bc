"use client";
/** A titled area that keeps nodes together: a shot, a scene. Only orders the canvas. */

import { Frame } from "lucide-react";
import { FrameSettings } from "@/nodes/frame/frame-colour";
import { LARGEST_SIDE, NEW_FRAME, parseFrameConfig, SMALLEST_FRAME } from "@/nodes/frame/frame-config";
import { FrameFace } from "@/nodes/frame/frame-face";
import { FRAME_OUTLINE, sizeWithin } from "@/nodes/geometry";
import type { NodeDefinition } from "@/nodes/node-type";
import { PORTS } from "@/nodes/ports";

export const frameNode: NodeDefinition = {
  label: "Frame",
  icon: Frame,
  ...PORTS.frame,
  newConfig: () => NEW_FRAME,
  size: (config) => sizeWithin(parseFrameConfig(config), SMALLEST_FRAME, LARGEST_SIDE),
  outline: FRAME_OUTLINE,
  sketch: () => ({ subtitle: "", picture: null, words: "", facts: [] }),
  Face: FrameFace,
  Body: () => null,
  Facts: () => null,
  Settings: FrameSettings,
};
