/**
 * What one person can take back in one tab: gestures and their inverse edits. It never takes back what somebody else has
 * changed since, and it survives a reload. Pure but for its own state.
 */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { Edit, Operation, UpdateNode } from "@/live/operations";
import type { ProjectEvent } from "@/live/wire";

/** Steps back that are kept. */
const DEEPEST_UNDO = 200;
/** Gestures with one merge key that follow each other within this time are one step. */
const MERGE_WITHIN_MS = 2_000;

export interface Gesture {
  /** What was done, as in "Undo move 3 nodes". */
  label: string;
  edits: readonly Edit[];
  /** Takes the gesture back, done in this order. */
  inverse: readonly Edit[];
  operationIds: readonly string[];
  /** How many foreign changes had been seen when it was made. */
  seen: number;
  /** Gestures of one key change the same fields of the same things, as each key stroke in one text does. */
  mergeKey: string | null;
  madeAtMs: number;
}

/** What can be taken back and done again, in words; null: nothing. */
export interface HistoryState {
  undo: string | null;
  redo: string | null;
}

/** The history as it lies in the tab's storage. */
export interface SavedHistory {
  undo: readonly Gesture[];
  redo: readonly Gesture[];
  foreign: readonly (readonly [field: string, at: number])[];
  foreignChanges: number;
  /** Up to where the project's log was known. */
  rev: number;
}

export class History {
  readonly state: StoreApi<HistoryState> = createStore<HistoryState>(() => ({ undo: null, redo: null }));
  #undo: Gesture[] = [];
  #redo: Gesture[] = [];
  /** Which field was changed by others, and when: the number of that change. */
  #foreign = new Map<string, number>();
  #foreignChanges = 0;
  readonly #own = new Set<string>();

  constructor(saved?: SavedHistory) {
    if (!saved) {
      return;
    }
    this.#undo = [...saved.undo];
    this.#redo = [...saved.redo];
    this.#foreign = new Map(saved.foreign);
    this.#foreignChanges = saved.foreignChanges;
    for (const gesture of [...this.#undo, ...this.#redo]) {
      this.own(gesture.operationIds);
    }
    this.#tell();
  }

  /** What to keep over a reload; `rev` is how far the log is known. */
  save(rev: number): SavedHistory {
    return {
      undo: this.#undo,
      redo: this.#redo,
      foreign: [...this.#foreign],
      foreignChanges: this.#foreignChanges,
      rev,
    };
  }

  /** These operations are this tab's, though their events come from the server. */
  own(operationIds: readonly string[]): void {
    for (const id of operationIds) {
      this.#own.add(id);
    }
  }

  /** A person did something new: it can be taken back, and what was taken back before cannot be done again. */
  record(gesture: Omit<Gesture, "seen">): void {
    this.own(gesture.operationIds);
    this.#redo = [];
    const last = this.#undo.at(-1);
    if (last && isContinuation(last, gesture)) {
      this.#undo[this.#undo.length - 1] = {
        ...last,
        edits: gesture.edits,
        operationIds: [...last.operationIds, ...gesture.operationIds],
        madeAtMs: gesture.madeAtMs,
      };
    } else if (gesture.inverse.length > 0) {
      this.#undo = [...this.#undo, { ...gesture, seen: this.#foreignChanges }].slice(-DEEPEST_UNDO);
    }
    this.#tell();
  }

  /** The gesture to take back next, with what may be taken back of it; it is off the stack then. */
  takeUndo(): Gesture | null {
    return this.#take(this.#undo);
  }

  /** The gesture to do again next; it is off the stack then. */
  takeRedo(): Gesture | null {
    return this.#take(this.#redo);
  }

  /** `gesture` took something back: it can be done again. */
  recordUndone(gesture: Omit<Gesture, "seen">): void {
    this.own(gesture.operationIds);
    this.#redo.push({ ...gesture, seen: this.#foreignChanges });
    this.#tell();
  }

  /** `gesture` did something again: it can be taken back once more. */
  recordRedone(gesture: Omit<Gesture, "seen">): void {
    this.own(gesture.operationIds);
    this.#undo.push({ ...gesture, seen: this.#foreignChanges });
    this.#tell();
  }

  /** The server refused these operations: there is nothing to take back. */
  forget(operationIds: ReadonlySet<string>): void {
    const wasDone = (gesture: Gesture) => !gesture.operationIds.every((id) => operationIds.has(id));
    this.#undo = this.#undo.filter(wasDone);
    this.#redo = this.#redo.filter(wasDone);
    this.#tell();
  }

  /** An event of the log: if it is not this tab's own, what it touched is not ours to take back any more. */
  saw(event: ProjectEvent): void {
    if (event.operationId !== null && this.#own.has(event.operationId)) {
      return;
    }
    const fields = fieldsOfEvent(event);
    if (fields.length > 0) {
      this.#foreignChanges += 1;
      for (const field of fields) {
        this.#foreign.set(field, this.#foreignChanges);
      }
    }
  }

  #take(stack: Gesture[]): Gesture | null {
    for (;;) {
      const gesture = stack.pop();
      if (!gesture) {
        this.#tell();
        return null;
      }
      const inverse = gesture.inverse.flatMap((edit) => this.#stillOurs(edit, gesture.seen) ?? []);
      if (inverse.length > 0) {
        this.#tell();
        return { ...gesture, inverse };
      }
      // Others have changed all of it since: it is theirs, and the step before it is next.
    }
  }

  /** What of an inverse edit touches nothing that others changed since; null: all of it does. */
  #stillOurs(edit: Edit, seen: number): Edit | null {
    const isForeign = (field: string) => (this.#foreign.get(field) ?? 0) > seen;
    switch (edit.op) {
      case "update_node": {
        const kept: UpdateNode = { op: "update_node", node_id: edit.node_id };
        const at = (field: string) => isForeign(`${edit.node_id}.${field}`);
        if (edit.title !== undefined && !at("title")) {
          kept.title = edit.title;
        }
        if (edit.position && !at("position")) {
          kept.position = edit.position;
        }
        const config = Object.entries(edit.config ?? {}).filter(([name]) => !at(`config.${name}`));
        if (config.length > 0) {
          kept.config = Object.fromEntries(config);
        }
        if (edit.selected_take_id !== undefined && !at("selected_take_id")) {
          kept.selected_take_id = edit.selected_take_id;
        }
        return Object.keys(kept).length > 2 ? kept : null;
      }
      case "delete_node":
        return isForeign(edit.node_id) ? null : edit; // somebody works with it by now
      case "update_project":
        return isForeign("project.name") ? null : edit;
      default:
        return edit;
    }
  }

  #tell(): void {
    this.state.setState({ undo: this.#undo.at(-1)?.label ?? null, redo: this.#redo.at(-1)?.label ?? null }, true);
  }
}

function isContinuation(last: Gesture, next: Omit<Gesture, "seen">): boolean {
  return next.mergeKey !== null && last.mergeKey === next.mergeKey && next.madeAtMs - last.madeAtMs <= MERGE_WITHIN_MS;
}

/** What an event touches: fields of nodes as `node.field`, and whole nodes by their id. */
function fieldsOfEvent(event: ProjectEvent): string[] {
  switch (event.type) {
    case "node.updated": {
      const { node_id, title, position, config, selected_take_id } = event.payload;
      return [
        node_id,
        ...(title === undefined ? [] : [`${node_id}.title`]),
        ...(position === undefined ? [] : [`${node_id}.position`]),
        ...Object.keys(config ?? {}).map((name) => `${node_id}.config.${name}`),
        ...(selected_take_id === undefined ? [] : [`${node_id}.selected_take_id`]),
      ];
    }
    case "connection.created":
      return [event.payload.connection.source_node_id, event.payload.connection.target_node_id];
    case "project.updated":
      return event.payload.name === undefined ? [] : ["project.name"];
    default:
      return [];
  }
}

/** Operations out of edits, each with an id of its own. */
export function operationsOf(edits: readonly Edit[]): Operation[] {
  return edits.map((edit) => ({ ...edit, operation_id: crypto.randomUUID() }));
}
