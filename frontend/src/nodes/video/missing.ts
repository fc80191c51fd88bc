/** What a video still needs before it can be made, as far as the graph tells: services/core/jobs/plan.py decides. Pure. */

import { type Graph, type GraphNode, wiresInto } from "@/live/graph";
import { parseImageConfig } from "@/nodes/image/image-config";
import { chosenWords } from "@/nodes/prompt/prompt-config";
import { parseVideoConfig } from "@/nodes/video/video-config";

/** One sentence for a person, or null where nothing is missing. */
export function whatIsMissing(graph: Graph, node: GraphNode): string | null {
  const sources = sourcesOf(graph, node.id);
  const at = (port: string) => sources.filter((source) => source.port === port).map((source) => source.node);
  if (at("video").length > 0) {
    return null; // it goes on with that one; frames and words are a choice then
  }
  const pictures = [...at("image"), ...at("last_frame"), ...at("references")];
  const withoutPicture = pictures.find(({ config }) => parseImageConfig(config).asset_id === null);
  if (withoutPicture) {
    return `“${withoutPicture.title}” has no picture yet.`;
  }
  const hasFrames = at("image").length + at("last_frame").length > 0;
  if (at("references").length > 0 && hasFrames) {
    return "References and frames exclude each other: disconnect one of them.";
  }
  if (at("last_frame").length > 0 && at("image").length === 0) {
    return "There is a last frame, but no first frame.";
  }
  return hasFrames ? null : whatWordsAreMissing(node, at("prompt")[0]);
}

/** Of text or references alone nothing can be made without words. */
function whatWordsAreMissing(node: GraphNode, prompt: GraphNode | undefined): string | null {
  const words = prompt ? chosenWords(prompt.config).words : parseVideoConfig(node.config).prompt;
  if (words.trim() !== "") {
    return null;
  }
  return prompt ? `“${prompt.title}” is still empty.` : "Connect a prompt or a picture first.";
}

function sourcesOf(graph: Graph, nodeId: string): { port: string; node: GraphNode }[] {
  return wiresInto(graph, nodeId).flatMap(({ source_node_id, target_port: port }) => {
    const node = graph.nodes.get(source_node_id);
    return node ? [{ port, node }] : [];
  });
}
