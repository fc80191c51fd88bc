/**
 * The canvas without React: what is where, how it is looked at, and one painter of it all. Paints when something has changed
 * and never otherwise; whatever changes asks it by `requestPaint`.
 */

import { type Brush, createMeasures, fontOfPage } from "@/canvas/scene/brush";
import { Faces } from "@/canvas/scene/faces";
import { type IconPaths, NO_ICONS } from "@/canvas/scene/icon-paths";
import { Mounts } from "@/canvas/scene/mounts";
import { type Palette, watchPalette } from "@/canvas/scene/palette";
import { Pulses } from "@/canvas/scene/pulses";
import { SceneIndex } from "@/canvas/scene/scene-index";
import { type Marks, ScenePainter } from "@/canvas/scene/scene-painter";
import { picturesIn, showing } from "@/canvas/scene/scene-pictures";
import { loadPicture, Thumbnails } from "@/canvas/scene/thumbnails";
import { View } from "@/canvas/scene/view";
import { watchSize } from "@/canvas/scene/watch-size";
import type { SelectionStore } from "@/canvas/selection";
import type { Graph } from "@/live/graph";
import type { StatusStore } from "@/live/status-store";
import type { KnownMedia, NodeDefinition } from "@/nodes/node-type";

/** Pictures are loaded this far beyond the view. CSS pixels. */
const LOAD_MARGIN = 320;
/** While one zooms, cards are painted as if they were this much further away. */
const ZOOMING_DETAIL = 0.7;
/** Above this no screen shows a difference. */
const SHARPEST = 2;
/** Wires that were painted beforehand follow the states of their nodes this often. */
const WIRES_FOLLOW_MS = 1500;

export interface SceneSurface {
  stage: HTMLElement;
  canvas: HTMLCanvasElement;
  pulses: HTMLCanvasElement;
}

export interface SceneOptions {
  definitions: (type: string) => NodeDefinition;
  statuses: StatusStore;
  known: KnownMedia;
  selection: SelectionStore;
}

interface Surface {
  context: CanvasRenderingContext2D;
  pulses: Pulses;
  palette: Palette;
}

export class Scene {
  readonly index: SceneIndex;
  readonly view: View;
  readonly mounts: Mounts;
  readonly selection: SelectionStore;
  /** Called when other nodes may be around the view: it has been still for a moment, or the graph is another one. */
  onWindow: () => void = () => {};
  pixelRatio = 1;
  readonly #statuses: StatusStore;
  readonly #faces: Faces;
  readonly #thumbnails: Thumbnails;
  readonly #painter: ScenePainter;
  readonly #frameWatchers = new Set<() => void>();
  readonly #font = fontOfPage();
  #marks: Marks;
  #surface: Surface | null = null;
  #icons: IconPaths = NO_ICONS;
  #frame: number | null = null;
  #idle: number | null = null;
  #following: ReturnType<typeof setTimeout> | undefined;

  constructor({ definitions, statuses, known, selection }: SceneOptions) {
    this.index = new SceneIndex(definitions);
    this.mounts = new Mounts(this.index.nodes);
    this.#marks = { selected: new Set(), selectedWires: new Set(), withDom: this.mounts.slots };
    this.selection = selection;
    this.#statuses = statuses;
    this.#faces = new Faces(this.index, statuses, known, createMeasures(this.#font));
    this.view = new View({
      prefersLessMotion: () => window.matchMedia("(prefers-reduced-motion: reduce)").matches,
      onChange: () => this.requestPaint(),
      onRest: () => this.#rest(),
    });
    this.#painter = new ScenePainter(this.index, this.view);
    this.#thumbnails = new Thumbnails({
      load: loadPicture,
      isBusy: () => this.view.isMoving,
      onReady: (urls) => {
        this.#painter.patch(showing(this.index, this.#faces, this.#painter.shown(LOAD_MARGIN), urls));
        this.requestPaint();
      },
    });
  }

  /** The colours it is painted in; null until it has something to be painted on. */
  get palette(): Palette | null {
    return this.#surface?.palette ?? null;
  }

  /** Paint onto these elements from now on; returns how to end it. */
  attach({ stage, canvas, pulses }: SceneSurface): () => void {
    const context = canvas.getContext("2d", { alpha: false });
    if (context === null) {
      return () => {};
    }
    const trail = new Pulses(pulses);
    const ends = [
      watchPalette((palette) => {
        this.#surface = { context, pulses: trail, palette };
        this.#outdate();
      }),
      watchSize(stage, () => this.#resize(stage, canvas)),
      this.selection.state.subscribe(() => this.#readSelection()),
      this.#statuses.watchAll((nodeId) => this.#statusChanged(nodeId)),
    ];
    void document.fonts.ready.then(() => {
      this.#faces.forgetAll();
      this.#outdate();
    });
    this.#readSelection();
    return () => {
      for (const end of ends) {
        end();
      }
      this.#detach();
    };
  }

  /** Take in a graph. */
  update(graph: Pick<Graph, "nodes" | "connections">): void {
    const before = this.index.version;
    this.#faces.forget(this.index.update(graph));
    if (this.index.version !== before) {
      this.#readSelection();
      this.#wantPicturesSoon();
      this.onWindow();
    }
  }

  know(known: KnownMedia): void {
    this.#faces.know(known);
    this.#outdate();
    this.#wantPicturesSoon();
  }

  setIcons(icons: IconPaths): void {
    this.#icons = icons;
    this.#outdate();
  }

  /** Paint in the next frame. */
  requestPaint(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#paint();
    });
  }

  /** A node has got its DOM, or lost it. */
  setHasDom(nodeId: string, hasDom: boolean): void {
    this.mounts.set(nodeId, hasDom);
    this.requestPaint();
  }

  /** Hear of every frame just after it was painted, so that the DOM moves in the same one; returns how to end it. */
  watchFrames(watcher: () => void): () => void {
    this.#frameWatchers.add(watcher);
    this.requestPaint();
    return () => this.#frameWatchers.delete(watcher);
  }

  #detach(): void {
    this.#surface?.pulses.hide();
    this.#surface = null;
    this.view.stop();
    this.#thumbnails.clear();
    clearTimeout(this.#following);
    this.#following = undefined;
    if (this.#frame !== null) {
      cancelAnimationFrame(this.#frame);
      this.#frame = null;
    }
    if (this.#idle !== null) {
      cancelIdleCallback(this.#idle);
      this.#idle = null;
    }
  }

  #resize(stage: HTMLElement, canvas: HTMLCanvasElement): void {
    const rect = stage.getBoundingClientRect();
    this.pixelRatio = Math.min(SHARPEST, window.devicePixelRatio || 1);
    const width = Math.round(rect.width * this.pixelRatio);
    const height = Math.round(rect.height * this.pixelRatio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      this.#outdate();
    }
    this.view.place(rect);
  }

  #outdate(): void {
    this.#painter.outdate();
    this.requestPaint();
  }

  #readSelection(): void {
    const { nodes, wires } = this.selection.state.getState();
    this.#marks = {
      selected: new Set(this.index.slotsOf(nodes)),
      selectedWires: new Set([...wires].flatMap((wireId) => this.index.wires.slotOf(wireId) ?? [])),
      withDom: this.mounts.slots,
    };
    this.requestPaint();
  }

  #statusChanged(nodeId: string): void {
    const slot = this.index.nodes.slotOf(nodeId);
    if (slot === null) {
      return;
    }
    this.#faces.forget([slot]);
    this.#painter.patch([slot]);
    this.requestPaint();
    this.#following ??= setTimeout(() => {
      this.#following = undefined;
      this.#outdate();
      this.#wantPicturesSoon();
    }, WIRES_FOLLOW_MS);
  }

  #rest(): void {
    this.requestPaint();
    this.#thumbnails.resume();
    this.#wantPictures();
    this.onWindow();
    this.#prepare();
  }

  #wantPicturesSoon(): void {
    if (!this.view.isMoving) {
      queueMicrotask(() => this.#wantPictures());
    }
  }

  #wantPictures(): void {
    if (this.#surface) {
      const { zoom } = this.view.viewport;
      const shown = this.#painter.shown(LOAD_MARGIN);
      this.#thumbnails.want(picturesIn(this.index, this.#faces, shown, zoom, this.pixelRatio));
    }
  }

  /** Have the picture of everything before anybody zooms out to it. */
  #prepare(): void {
    if (typeof requestIdleCallback === "undefined") {
      return;
    }
    this.#idle ??= requestIdleCallback(() => {
      this.#idle = null;
      const brush = this.#brush();
      if (brush && !this.view.isMoving && this.#painter.prepare(brush)) {
        this.#prepare();
      }
    });
  }

  #brush(): Brush | null {
    return (
      this.#surface && {
        context: this.#surface.context,
        palette: this.#surface.palette,
        index: this.index,
        faces: this.#faces,
        thumbnails: this.#thumbnails,
        icons: this.#icons,
        font: this.#font,
        zoom: this.view.viewport.zoom,
        detail: this.view.viewport.zoom * (this.view.isZooming ? ZOOMING_DETAIL : 1),
        pixelRatio: this.pixelRatio,
      }
    );
  }

  #paint(): void {
    const brush = this.#brush();
    if (brush && this.#surface && this.view.extent.width > 0) {
      if (this.#painter.paint(brush, this.#marks, this.#surface.pulses)) {
        this.requestPaint();
      }
    }
    for (const watcher of this.#frameWatchers) {
      watcher();
    }
  }
}
