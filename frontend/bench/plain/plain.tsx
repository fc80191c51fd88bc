/**
 * The same project in React Flow as one would write it first: memoised cards, stable data, known sizes. `?all=1` keeps all
 * nodes in the DOM, else only those in view.
 */

import "@xyflow/react/dist/base.css";
import "./plain.css";
import {
  applyNodeChanges,
  type Edge,
  Handle,
  type Node,
  type NodeChange,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from "@xyflow/react";
import { memo, useCallback, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

interface CardContent extends Record<string, unknown> {
  title: string;
  kind: string;
  picture: string | null;
  words: string;
  inputs: readonly string[];
}
type CardNode = Node<CardContent, "card">;

interface SampleNode {
  id: string;
  type: string;
  title: string;
  position: { x: number; y: number };
  config: { text?: string; asset_id?: string };
  selected_take_id: string | null;
}

interface Sample {
  nodes: SampleNode[];
  connections: {
    id: string;
    source_node_id: string;
    target_node_id: string;
    target_port: string;
  }[];
}

declare global {
  interface Window {
    /** For the bench: shows the whole graph, or its beginning at 80 %. */
    plain?: { fit: () => void; near: () => void };
  }
}

const SIZES: Record<string, { width: number; height: number }> = {
  prompt: { width: 300, height: 232 },
  image: { width: 330, height: 257 },
  video: { width: 400, height: 296 },
};
const INPUTS = ["prompt", "image", "last_frame", "references", "video"];
const NEAR = { x: 40, y: 60, zoom: 0.8 };

const Card = memo(function Card({ data }: NodeProps<CardNode>) {
  return (
    <div className="card">
      <header>
        <span>{data.title}</span>
        <span className="state">✓ 61 s</span>
      </header>
      <div className="body">
        {/* biome-ignore lint/performance/noImgElement: this page knows nothing of Next. */}
        {data.picture ? <img src={data.picture} alt="" draggable={false} /> : <p>{data.words}</p>}
        <div className="facts">
          <span>8 s</span>
          <span>720p · 16:9</span>
          <span>$0.58</span>
        </div>
      </div>
      {data.inputs.map((name, index) => (
        <Handle key={name} type="target" id={name} position={Position.Left} style={{ top: 72 + index * 34 }} />
      ))}
      <Handle type="source" id="out" position={Position.Right} style={{ top: 72 }} />
    </div>
  );
});
const NODE_TYPES = { card: Card };

async function load(): Promise<{ nodes: CardNode[]; edges: Edge[] }> {
  const id = "00000000-0000-4000-8000-000000000001";
  const [project, takes, files] = await Promise.all([
    fetch(`/api/projects/${id}`).then((answer): Promise<Sample> => answer.json()),
    fetch(`/api/projects/${id}/takes`).then(
      (answer): Promise<{ id: string; asset: { thumbnail_url: string } }[]> => answer.json(),
    ),
    fetch(`/api/files?project_id=${id}`).then(
      (answer): Promise<{ id: string; thumbnail_url: string }[]> => answer.json(),
    ),
  ]);
  const ofTake = new Map(takes.map((take) => [take.id, take.asset.thumbnail_url]));
  const ofFile = new Map(files.map((file) => [file.id, file.thumbnail_url]));
  const nodes = project.nodes.flatMap((node): CardNode[] => {
    const size = SIZES[node.type];
    if (!size) {
      return []; // frames: React Flow would have to render them as nodes, which would only make it slower
    }
    return [
      {
        id: node.id,
        type: "card",
        position: node.position,
        ...size,
        data: {
          title: node.title,
          kind: node.type,
          picture: ofTake.get(node.selected_take_id ?? "") ?? ofFile.get(node.config.asset_id ?? "") ?? null,
          words: node.config.text ?? "Run to create",
          inputs: node.type === "video" ? INPUTS : [],
        },
      },
    ];
  });
  const edges = project.connections.map((wire) => ({
    id: wire.id,
    source: wire.source_node_id,
    sourceHandle: "out",
    target: wire.target_node_id,
    targetHandle: wire.target_port,
  }));
  return { nodes, edges };
}

function Plain({ nodes: first, edges }: { nodes: CardNode[]; edges: Edge[] }) {
  const [nodes, setNodes] = useState(first);
  const flow = useReactFlow();
  const onNodesChange = useCallback((changes: NodeChange<CardNode>[]) => {
    setNodes((now) => applyNodeChanges(changes, now));
  }, []);
  useEffect(() => {
    window.plain = {
      fit: () => void flow.fitView(),
      near: () => void flow.setViewport(NEAR),
    };
    requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("canvas.first_nodes")));
  }, [flow]);
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      onNodesChange={onNodesChange}
      nodeTypes={NODE_TYPES}
      defaultViewport={NEAR}
      minZoom={0.02}
      maxZoom={2}
      panOnDrag={[1]}
      onlyRenderVisibleElements={new URLSearchParams(window.location.search).get("all") !== "1"}
      proOptions={{ hideAttribution: true }}
    />
  );
}

const root = document.getElementById("root");
if (root) {
  const { nodes, edges } = await load();
  createRoot(root).render(
    <ReactFlowProvider>
      <Plain nodes={nodes} edges={edges} />
    </ReactFlowProvider>,
  );
}
