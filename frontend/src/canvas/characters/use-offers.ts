"use client";
/** The pictures whose person looks like somebody known: a person has to say whether it is. */

import { useCallback, useRef, useSyncExternalStore } from "react";
import { useProject } from "@/live/project-context";
import type { ProjectDocument } from "@/live/project-document";
import { findingOf } from "@/nodes/image/faces";
import { parseImageConfig } from "@/nodes/image/image-config";

export interface Offer {
  faceId: string;
  /** The character that it looks like. */
  characterId: string;
  isSure: boolean;
  assetId: string;
  nodeId: string;
}

/** Each face once, however many nodes show its picture. */
export function offersOf({ graph, statuses }: Pick<ProjectDocument, "graph" | "statuses">): Offer[] {
  const offers = new Map<string, Offer>();
  for (const node of graph.getState().nodes.values()) {
    const assetId = node.type === "image" ? parseImageConfig(node.config).asset_id : null;
    const finding = assetId === null ? null : findingOf(statuses.get(node.id).status);
    if (assetId !== null && finding?.kind === "offer") {
      const { face, characterId, isSure } = finding;
      offers.set(face.id, { faceId: face.id, characterId, isSure, assetId, nodeId: node.id });
    }
  }
  return [...offers.values()];
}

/** Looks again after each change, but renders only when the offers are others. */
export function useOffers(): readonly Offer[] {
  const project = useProject();
  const last = useRef<{ key: string; offers: readonly Offer[] }>({ key: "[]", offers: [] });
  const watch = useCallback(
    (watcher: () => void) => {
      const endStatuses = project.statuses.watchAll(watcher);
      const endGraph = project.graph.subscribe(watcher);
      return () => {
        endStatuses();
        endGraph();
      };
    },
    [project],
  );
  const read = () => {
    const offers = offersOf(project);
    const key = JSON.stringify(offers);
    if (key !== last.current.key) {
      last.current = { key, offers };
    }
    return last.current.offers;
  };
  return useSyncExternalStore(watch, read, read);
}
