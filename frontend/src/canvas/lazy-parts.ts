"use client";
/** The parts of the canvas page whose code is not needed to paint a canvas: they come as soon as it is painted, or when they are opened. */

import { type LazyComponent, lazily } from "@/ui/lazily";

export const AddNodeMenu = lazily(async () => (await import("@/canvas/palette/add-node-menu")).AddNodeMenu);
export const CanvasMenu = lazily(async () => (await import("@/canvas/commands/canvas-menu")).CanvasMenu);
export const CharactersPanel = lazily(
  async () => (await import("@/canvas/characters/characters-panel")).CharactersPanel,
);
export const CommandPalette = lazily(async () => (await import("@/canvas/palette/command-palette")).CommandPalette);
export const ExportPanel = lazily(async () => (await import("@/canvas/exports/export-panel")).ExportPanel);
export const GalleryPanel = lazily(async () => (await import("@/canvas/gallery/gallery-panel")).GalleryPanel);
export const Islands = lazily(async () => (await import("@/canvas/islands/islands")).Islands);
export const Inspector = lazily(async () => (await import("@/canvas/inspector/inspector")).Inspector);
export const LiveNodes = lazily(async () => (await import("@/canvas/scene/live-nodes")).LiveNodes);
export const OutlinePanel = lazily(async () => (await import("@/canvas/outline/outline-panel")).OutlinePanel);
export const PeopleDialog = lazily(async () => (await import("@/canvas/people/people-dialog")).PeopleDialog);
export const PlanPanel = lazily(async () => (await import("@/canvas/runs/plan-panel")).PlanPanel);
export const ShortcutsDialog = lazily(async () => (await import("@/canvas/commands/shortcuts-dialog")).ShortcutsDialog);

const ALL: readonly Pick<LazyComponent<never>, "preload">[] = [
  Inspector,
  AddNodeMenu,
  CanvasMenu,
  CommandPalette,
  OutlinePanel,
  PlanPanel,
  ExportPanel,
  GalleryPanel,
  CharactersPanel,
  PeopleDialog,
  ShortcutsDialog,
];

/** Have all of it before it is wanted: from then on it opens at once, and without a network. */
export function preloadParts(): void {
  for (const part of ALL) {
    part.preload();
  }
}
