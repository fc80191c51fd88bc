"use client";
/** Renders the icons once, unseen, and gives their shapes to the painter: what it paints is what the page shows. */

import { useLayoutEffect, useRef } from "react";
import { iconPath } from "@/canvas/scene/icon-paths";
import { PORT_ICON } from "@/canvas/scene/port-icon";
import type { Scene } from "@/canvas/scene/scene";
import type { NodeDefinition, PortType } from "@/nodes/node-type";
import { NODE_TYPE_NAMES } from "@/nodes/ports";

const PORT_TYPES: readonly PortType[] = ["text", "image", "video"];

interface SceneIconsProps {
  scene: Scene;
  definitions: (type: string) => NodeDefinition;
}

export function SceneIcons({ scene, definitions }: SceneIconsProps) {
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const read = <Name extends string>(kind: string, names: readonly Name[]) =>
      new Map(
        names.flatMap((name) => {
          const svg = root.current?.querySelector(`[data-${kind}="${name}"] svg`);
          return svg ? [[name, iconPath(svg)] as const] : [];
        }),
      );
    scene.setIcons({ node: read<string>("node-icon", NODE_TYPE_NAMES), port: read("port-icon", PORT_TYPES) });
  }, [scene]);
  return (
    <div ref={root} hidden>
      {NODE_TYPE_NAMES.map((type) => {
        const { icon: Icon } = definitions(type);
        return (
          <span key={type} data-node-icon={type}>
            <Icon />
          </span>
        );
      })}
      {PORT_TYPES.map((type) => {
        const Icon = PORT_ICON[type];
        return (
          <span key={type} data-port-icon={type}>
            <Icon />
          </span>
        );
      })}
    </div>
  );
}
