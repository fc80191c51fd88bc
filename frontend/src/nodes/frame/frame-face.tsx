"use client";
/** A frame's title, money and corner. Its area is painted by the canvas, under the wires, and lets everything through to what lies in it. */

import { useId, useState } from "react";
import type { GraphNode } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { LARGEST_SIDE, parseFrameConfig, SMALLEST_FRAME } from "@/nodes/frame/frame-config";
import { useFrameContents } from "@/nodes/frame/use-frame-contents";
import { FRAME_OUTLINE, HEADER_HEIGHT, type Size, sizeWithin } from "@/nodes/geometry";
import { dollars } from "@/nodes/money";
import { NodeTitle } from "@/nodes/node-title";
import type { NodeViewProps } from "@/nodes/node-type";
import { ResizeHandle } from "@/nodes/resize-handle";

export function FrameFace({ node }: NodeViewProps) {
  const project = useProject();
  const titleId = useId();
  const [preview, setPreview] = useState<Size | null>(null);
  const kept = within(parseFrameConfig(node.config));
  const shown = preview ?? kept;
  const resize = (size: Size) => {
    const { width, height } = within(size);
    if (width !== kept.width || height !== kept.height) {
      const edit = { op: "update_node", node_id: node.id, config: { width, height } } as const;
      project.edit("resize frame", [edit], { mergeKey: `size/${node.id}` });
    }
  };
  return (
    <article
      aria-labelledby={titleId}
      data-node-id={node.id}
      className="group/card pointer-events-none relative"
      style={shown}
    >
      <header
        style={{ height: HEADER_HEIGHT }}
        className="pointer-events-auto flex w-fit max-w-full items-center gap-2 px-1 pb-1.5"
      >
        <NodeTitle node={node} label="Frame" id={titleId} className="shrink-0 max-w-full" />
        <Contents node={node} />
      </header>
      <div className="absolute inset-x-0 bottom-0" style={{ top: HEADER_HEIGHT }}>
        {preview && (
          <div
            style={{ borderRadius: FRAME_OUTLINE.radius }}
            className="absolute inset-0 border border-mut border-dashed"
          />
        )}
        {project.canEdit && (
          <ResizeHandle
            label={`Resize ${node.title}`}
            size={kept}
            onPreview={(size) => setPreview(size && within(size))}
            onCommit={resize}
          />
        )}
      </div>
    </article>
  );
}

function Contents({ node }: { node: GraphNode }) {
  const { nodes, spentMicrousd } = useFrameContents(node);
  const words = [
    nodes > 0 && `${nodes} ${nodes === 1 ? "node" : "nodes"}`,
    spentMicrousd !== null && spentMicrousd > 0 && `${dollars(spentMicrousd)} so far`,
  ];
  return <p className="truncate text-dim text-meta tabular-nums">{words.filter(Boolean).join(" · ")}</p>;
}

function within(size: Size): Size {
  return sizeWithin(size, SMALLEST_FRAME, LARGEST_SIDE);
}
