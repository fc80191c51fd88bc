/** What a command is: one thing that can be done on the canvas, known by its keys, in menus, on buttons and by its words. */

import type { LucideIcon } from "lucide-react";
import type { Canvas, Panel } from "@/canvas/canvas-context";
import type { LayoutRunner } from "@/canvas/editing/layout-runner";
import type { Position } from "@/live/graph";
import type { ProjectDocument } from "@/live/project-document";

/** Running nodes costs money: what is asked first is the matter of those who run them. */
export interface RunCommands {
  /** The one selected video; where none is, the plan of everything. */
  runNext(): void;
  runNode(nodeId: string): unknown;
  /** Show what a run of everything would do. */
  openPlan(): void;
}

/** All that commands work with. The same object for as long as the canvas is open. */
export interface CommandContext {
  document: ProjectDocument;
  canvas: Canvas;
  layout: LayoutRunner;
  /** Null: this person cannot run anything here. */
  runs: RunCommands | null;
  /** Ask for picture files and bring them to the canvas; null where that cannot be done. */
  choosePictures: (() => void) | null;
  /** Bring picture files to the canvas around a point. */
  addPictures: ((files: readonly File[], at: Position) => void) | null;
  /** Where something new belongs that nobody gave a place: under the pointer, or in the middle of the view. */
  newPlace: () => Position;
  /** The panels that this page can show: what opens others is not offered. */
  panels: ReadonlySet<Panel["kind"]>;
}

export const SECTIONS = ["Add", "Edit", "Select", "Arrange", "Run", "View", "Help"] as const;
export type Section = (typeof SECTIONS)[number];

export interface Command {
  id: string;
  /** An order: "Zoom to fit". */
  title: string;
  section: Section;
  icon: LucideIcon;
  /** Keys joined by "+"; the first one is shown in menus. Empty: none. */
  shortcuts: readonly string[];
  /** Other words by which it is found. */
  keywords?: string;
  /** The browser brings these keys to the page as an event of their own: copying and pasting. */
  isNative?: boolean;
  /** The key may be held down. */
  repeats?: boolean;
  /** Commands of one family are one line in the help sheet, and are for the keyboard alone. */
  family?: string;
  /** Changes the project: viewers do not see it. */
  isEdit?: boolean;
  /** Whether it exists on this page at all. */
  isOffered?: (context: CommandContext) => boolean;
  /** Whether it would do anything now. Asked at every change of the selection: it must not walk the graph. */
  isEnabled?: (context: CommandContext) => boolean;
  run: (context: CommandContext) => void;
}

export function isOffered(command: Command, context: CommandContext): boolean {
  return (!command.isEdit || context.document.canEdit) && (command.isOffered?.(context) ?? true);
}

export function isEnabled(command: Command, context: CommandContext): boolean {
  return isOffered(command, context) && (command.isEnabled?.(context) ?? true);
}

export function selectedNodes({ canvas }: CommandContext): ReadonlySet<string> {
  return canvas.selection.state.getState().nodes;
}
