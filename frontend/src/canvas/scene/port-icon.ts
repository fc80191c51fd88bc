/** The icon and colours of each kind of thing that flows, so that colour is never all that tells. */

import { Clapperboard, Image, type LucideIcon, Type } from "lucide-react";
import type { PortType } from "@/nodes/node-type";

export const PORT_ICON: Record<PortType, LucideIcon> = { text: Type, image: Image, video: Clapperboard };

/** Class names that the stylesheet is built from. Important: React Flow's own stylesheet gives handles a background. */
export const PORT_LOOK: Record<PortType, { wired: string; free: string }> = {
  text: { wired: "border-bg bg-type-text! text-bg", free: "border-type-text bg-card! text-type-text" },
  image: { wired: "border-bg bg-type-image! text-bg", free: "border-type-image bg-card! text-type-image" },
  video: { wired: "border-bg bg-type-video! text-bg", free: "border-type-video bg-card! text-type-video" },
};

export const PORT_STROKE: Record<PortType, string> = {
  text: "stroke-type-text",
  image: "stroke-type-image",
  video: "stroke-type-video",
};
