"use client";
/** The settings of one video node with the model that they are for, and the one way to change them. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { modelsQuery } from "@/api/models";
import { asProblem, type Problem } from "@/api/problem";
import { useStudio } from "@/api/studio";
import type { GraphNode } from "@/live/graph";
import { useProject } from "@/live/project-context";
import { type VideoModel, withChange } from "@/nodes/video/capabilities";
import { useWired, type Wired } from "@/nodes/video/settings/use-wired";
import { parseVideoConfig, type VideoConfig } from "@/nodes/video/video-config";

/** Where a note about a correction is shown: beside what the person changed. */
export type Section = "model" | "format" | "extensions";

export interface VideoSettingsForm {
  nodeId: string;
  config: VideoConfig;
  models: readonly VideoModel[];
  model: VideoModel;
  /** The node asks for a model that is not in the catalogue. */
  isUnknownModel: boolean;
  wired: Wired;
  mostExtensions: number;
  canEdit: boolean;
  /** Why settings do not fit, where something else than this form has made them so. */
  misfits: readonly string[];
  /** What the last change corrected besides, and where it was made. */
  notes: { section: Section; words: readonly string[] } | null;
  /**
   * Change settings, as one step to undo. `section` where other settings depend on it: they are corrected in the same step.
   * `mergeKey`: the field, where many changes of it follow each other.
   */
  change: (label: string, change: Partial<VideoConfig>, options?: { section?: Section; mergeKey?: string }) => void;
}

export type VideoSettingsState =
  | { kind: "loading" }
  | { kind: "failed"; problem: Problem; retry: () => void }
  | { kind: "ready"; form: VideoSettingsForm };

export function useVideoSettings(node: GraphNode): VideoSettingsState {
  const { api } = useStudio();
  const project = useProject();
  const catalogue = useQuery(modelsQuery(api));
  const wired = useWired(node.id);
  const [notes, setNotes] = useState<VideoSettingsForm["notes"]>(null);
  const config = parseVideoConfig(node.config);
  const { data } = catalogue;
  if (!data) {
    return catalogue.error === null
      ? { kind: "loading" }
      : { kind: "failed", problem: asProblem(catalogue.error), retry: () => void catalogue.refetch() };
  }
  const standard = data.models.find(({ id }) => id === data.default) ?? data.models[0];
  const found = config.model === null ? standard : data.models.find(({ id }) => id === config.model);
  const model = found ?? standard;
  if (!model) {
    const problem = asProblem(new Error("The catalogue is empty."));
    return { kind: "failed", problem, retry: () => void catalogue.refetch() };
  }
  const change: VideoSettingsForm["change"] = (label, wish, { section, mergeKey } = {}) => {
    const next = data.models.find(({ id }) => id === wish.model) ?? model;
    const { config: changes, notes: words } = section
      ? withChange(next, config, wish, wired.inputs, data.max_extensions)
      : { config: wish, notes: [] };
    project.edit(label, [{ op: "update_node", node_id: node.id, config: changes }], {
      mergeKey: mergeKey === undefined ? null : `${node.id}:${mergeKey}`,
    });
    if (section) {
      setNotes(words.length > 0 ? { section, words } : null);
    }
  };
  const misfits = withChange(model, config, {}, wired.inputs, data.max_extensions).notes;
  return {
    kind: "ready",
    form: {
      nodeId: node.id,
      config,
      models: data.models,
      model,
      isUnknownModel: found === undefined,
      wired,
      mostExtensions: data.max_extensions,
      canEdit: project.canEdit,
      misfits,
      notes,
      change,
    },
  };
}
