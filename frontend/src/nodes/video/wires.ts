/** What is wired into a video, what of that does not go together, and what is missing: services/core/jobs/plan.py decides. Pure. */

import { type Graph, type GraphNode, wiresInto } from "@/live/graph";
import type { WireConnection } from "@/live/wire";
import { parseImageConfig } from "@/nodes/image/image-config";
import { chosenWords } from "@/nodes/prompt/prompt-config";
import type { VideoModel, WiredInputs } from "@/nodes/video/capabilities";
import { parseVideoConfig } from "@/nodes/video/video-config";

/** A wire into the node, and where it comes from. */
export interface WiredSource {
  wire: WireConnection;
  source: GraphNode;
}

/** By the name of the input. */
export type WiredSources = ReadonlyMap<string, readonly WiredSource[]>;

export function wiredSources(wired: readonly WiredSource[]): WiredSources {
  return Map.groupBy(wired, ({ wire }) => wire.target_port);
}

export function wiredPictures(sources: WiredSources): Omit<WiredInputs, "video"> {
  return {
    references: sources.get("references")?.length ?? 0,
    hasFirstFrame: sources.has("image"),
    hasLastFrame: sources.has("last_frame"),
  };
}

/** Wires that no setting can make fit, in words with the mend. Without a model: those that fit none. */
export function wireProblems(sources: WiredSources, model: VideoModel | undefined): string[] {
  const { references, hasFirstFrame, hasLastFrame } = wiredPictures(sources);
  if (sources.has("video")) {
    return model?.can_extend === false // the pictures go unused: the video goes on from its own end
      ? [`${model.name} does not extend videos. Choose another model, or disconnect the video.`]
      : [];
  }
  const found: string[] = [];
  if (references > 0 && (hasFirstFrame || hasLastFrame)) {
    found.push("A video takes references, or a first and last frame, not both. Disconnect one or the other.");
  }
  if (model && references > model.max_references) {
    found.push(`${model.name} takes ${model.max_references} references at most. Disconnect some.`);
  }
  if (hasLastFrame && !hasFirstFrame) {
    found.push("There is a last frame but no first frame. Connect a picture to First frame.");
  }
  if (hasLastFrame && model?.can_last_frame === false) {
    found.push(`${model.name} takes no last frame. Disconnect it, or choose another model.`);
  }
  return found;
}

/** What stands between the node and its video: one sentence for a person, or null where nothing does. */
export function whatIsMissing(graph: Graph, node: GraphNode, model: VideoModel | undefined): string | null {
  const sources = wiredSources(
    wiresInto(graph, node.id).flatMap((wire) => {
      const source = graph.nodes.get(wire.source_node_id);
      return source ? [{ wire, source }] : [];
    }),
  );
  const [problem] = wireProblems(sources, model);
  if (problem !== undefined || sources.has("video")) {
    return problem ?? null; // it goes on with that one; frames and words are a choice then
  }
  const pictures = ["image", "last_frame", "references"].flatMap((port) => sources.get(port) ?? []);
  const empty = pictures.find(({ source }) => parseImageConfig(source.config).asset_id === null);
  if (empty) {
    return `“${empty.source.title}” has no picture yet.`;
  }
  return sources.has("image") ? null : whatWordsAreMissing(node, sources.get("prompt")?.[0]?.source);
}

/** Of text or references alone nothing can be made without words. */
function whatWordsAreMissing(node: GraphNode, prompt: GraphNode | undefined): string | null {
  const words = prompt ? chosenWords(prompt.config).words : parseVideoConfig(node.config).prompt;
  if (words.trim() !== "") {
    return null;
  }
  return prompt ? `“${prompt.title}” is still empty.` : "Connect a prompt or a picture first.";
}
