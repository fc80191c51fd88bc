/** What is painted of each node, worked out when it is first seen and kept until the node, its state or its media change. */

import { ellipsized, type Measure, wrapped } from "@/canvas/scene/card-text";
import type { SceneIndex } from "@/canvas/scene/scene-index";
import { type CardFill, cardFill, type StateMark, stateMark } from "@/canvas/scene/state-look";
import type { NodeStatus } from "@/live/node-status";
import type { StatusStore } from "@/live/status-store";
import { CARD_INSET, FACTS_HEIGHT, HEADER_HEIGHT, type Size } from "@/nodes/geometry";
import type { KnownMedia, Sketch } from "@/nodes/node-type";

/** Text sizes as the cards have them, canvas units. */
export const TITLE_SIZE = 12.5;
export const META_SIZE = 11.5;
export const BODY_SIZE = 13;
export const PROMPT_SIZE = 13.5;
export const PROMPT_LINE = 22.275;
export const BODY_LINE = 20;
export const MEDIA_PADDING = 16;
const CHIP_PADDING = 8;
const CHIP_GAP = 6;
/** The type icon and its gap, left of the title. */
export const TITLE_LEFT = 28;

export interface PlacedText {
  /** From the node's left edge. */
  x: number;
  width: number;
  text: string;
}

/** What is painted of a node. */
export interface Face {
  state: NodeStatus["state"];
  fill: CardFill;
  mark: StateMark | null;
  /** Worked out when it is first read: from further away than words can be, nobody has to measure any. */
  readonly words: CardWords;
}

/** Words where they stand on a card, all lengths in canvas units. */
export interface CardWords {
  mark: PlacedText;
  title: string;
  subtitle: PlacedText;
  /** What fills the card, where that is words. */
  lines: readonly string[];
  chips: readonly PlacedText[];
  /** At the right end of the row of chips. */
  aside: string;
}

/** A measure for each text size that cards use. */
export type Measures = (size: number) => Measure;

export class Faces {
  readonly #index: SceneIndex;
  readonly #statuses: Pick<StatusStore, "get">;
  readonly #measures: Measures;
  #known: KnownMedia;
  #faces: (Face | undefined)[] = [];

  constructor(index: SceneIndex, statuses: Pick<StatusStore, "get">, known: KnownMedia, measures: Measures) {
    this.#index = index;
    this.#statuses = statuses;
    this.#known = known;
    this.#measures = measures;
  }

  /** Take in other answers of the api. */
  know(known: KnownMedia): void {
    this.#known = known;
    this.#faces = [];
  }

  forget(slots: Iterable<number>): void {
    for (const slot of slots) {
      this.#faces[slot] = undefined;
    }
  }

  forgetAll(): void {
    this.#faces = [];
  }

  stateOf(slot: number): NodeStatus["state"] {
    const nodeId = this.#index.nodes.node[slot]?.id;
    return nodeId === undefined ? "idle" : this.#statuses.get(nodeId).status.state;
  }

  of(slot: number): Face | null {
    const known = this.#faces[slot];
    if (known) {
      return known;
    }
    const face = this.#make(slot);
    this.#faces[slot] = face ?? undefined;
    return face;
  }

  #make(slot: number): Face | null {
    const { node: nodes, definition: definitions } = this.#index.nodes;
    const node = nodes[slot];
    const definition = definitions[slot];
    if (!node || !definition) {
      return null;
    }
    const moment = this.#statuses.get(node.id);
    const sketch = definition.sketch({ node, moment }, this.#known);
    const fill = cardFill(moment, sketch, definition.output);
    const mark = stateMark(moment.status);
    let placed: CardWords | null = null;
    const place = () => {
      const size = this.#index.nodes.rectOf(slot);
      const lines = definition.Face ? this.#noteLines(sketch.words, size) : this.#lines(fill, size);
      return this.#place(node.title, sketch, mark, lines, size.width);
    };
    return {
      state: moment.status.state,
      fill,
      mark,
      get words() {
        placed ??= place();
        return placed;
      },
    };
  }

  #place(name: string, sketch: Sketch, stateMark: StateMark | null, lines: string[], width: number): CardWords {
    const mark = this.#placeMark(stateMark, width);
    const room = mark.x - TITLE_LEFT - CHIP_PADDING;
    const title = ellipsized(name, room, this.#measures(TITLE_SIZE));
    const titleWidth = this.#measures(TITLE_SIZE)(title);
    const subtitle = ellipsized(sketch.subtitle, room - titleWidth - CHIP_PADDING, this.#measures(META_SIZE));
    return {
      mark,
      title,
      subtitle: { x: TITLE_LEFT + titleWidth + CHIP_PADDING, width: 0, text: subtitle },
      lines,
      chips: this.#placeChips(sketch.facts, width - this.#measures(META_SIZE)(sketch.aside ?? "")),
      aside: sketch.aside ?? "",
    };
  }

  #lines(fill: CardFill, { width, height }: Size): string[] {
    if (fill.kind === "picture") {
      return [];
    }
    const isPrompt = fill.kind === "words";
    const room = width - 2 * CARD_INSET - 2 * MEDIA_PADDING;
    const tall = height - HEADER_HEIGHT - CARD_INSET - FACTS_HEIGHT - 2 * MEDIA_PADDING;
    const lineHeight = isPrompt ? PROMPT_LINE : BODY_LINE;
    const measure = this.#measures(isPrompt ? PROMPT_SIZE : BODY_SIZE);
    return fill.words === "" ? [] : wrapped(fill.words, room, Math.max(1, Math.floor(tall / lineHeight)), measure);
  }

  #noteLines(words: string, { width, height }: Size): string[] {
    const lines = Math.max(1, Math.floor((height - 2 * MEDIA_PADDING) / BODY_LINE));
    return words === "" ? [] : wrapped(words, width - 2 * MEDIA_PADDING, lines, this.#measures(BODY_SIZE));
  }

  #placeMark(mark: StateMark | null, width: number): PlacedText {
    if (mark === null) {
      return { x: width, width: 0, text: "" };
    }
    const text = ellipsized(mark.words, width / 2, this.#measures(META_SIZE));
    const markWidth = this.#measures(META_SIZE)(text) + 2 * CHIP_PADDING + 18;
    return { text, x: width - markWidth - 4, width: markWidth };
  }

  #placeChips(facts: readonly string[], width: number): PlacedText[] {
    const measure = this.#measures(META_SIZE);
    const chips: PlacedText[] = [];
    let x = CARD_INSET + CHIP_GAP;
    const end = width - CARD_INSET - CHIP_GAP;
    for (const fact of facts) {
      const text = ellipsized(fact, end - x - 2 * CHIP_PADDING, measure);
      if (text === "") {
        break;
      }
      const chipWidth = measure(text) + 2 * CHIP_PADDING;
      chips.push({ x, width: chipWidth, text });
      x += chipWidth + CHIP_GAP;
    }
    return chips;
  }
}
