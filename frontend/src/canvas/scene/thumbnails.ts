/**
 * Small pictures for painting: loaded a few at a time and only where they are seen, kept in three sizes so that no frame has
 * to shrink a large one, and forgotten when there are too many.
 */

/** The widths that are kept, CSS pixels at a device pixel ratio of 1. */
export const COPY_WIDTHS = [48, 128, 320] as const;
/** How much each size may hold, in bytes: about 4,600, 1,300 and 420 pictures. */
const ROOM_BYTES = [24_000_000, 48_000_000, 96_000_000] as const;
const AT_ONCE = 4;
/** How long the copies of pictures that have arrived may keep the page busy at a stretch. */
const COPYING_MS = 4;

export interface Copy {
  image: CanvasImageSource;
  width: number;
  height: number;
  free: () => void;
}

/** A picture that has been loaded, and how to make a copy of it that is `width` wide. */
export interface LoadedPicture {
  copy(width: number): Copy | null;
}

export interface ThumbnailOptions {
  load: (url: string) => Promise<LoadedPicture>;
  /** A gesture is under way: its frames must not wait for copies. */
  isBusy: () => boolean;
  /** These pictures can be painted now. */
  onReady: (urls: ReadonlySet<string>) => void;
  now?: () => number;
}

export class Thumbnails {
  readonly #options: ThumbnailOptions;
  /** By size, the copies with the one used last at the end. */
  readonly #copies = COPY_WIDTHS.map(() => new Map<string, Copy>());
  readonly #bytes = COPY_WIDTHS.map(() => 0);
  /** Pictures that could not be loaded: asked for again only under another address. */
  readonly #failed = new Set<string>();
  readonly #loading = new Set<string>();
  #wanted: { url: string; size: number }[] = [];
  #arrived: { url: string; picture: LoadedPicture }[] = [];

  constructor(options: ThumbnailOptions) {
    this.#options = options;
  }

  /** The best copy there is for painting it this many device pixels wide; null: none. */
  find(url: string, width: number): Copy | null {
    const size = sizeFor(width);
    for (const candidate of [size, size + 1, size + 2, size - 1, size - 2]) {
      const copies = this.#copies[candidate];
      const copy = copies?.get(url);
      if (copies && copy) {
        copies.delete(url);
        copies.set(url, copy);
        return copy;
      }
    }
    return null;
  }

  /** What is seen now, most important first, and how wide: loads what is missing, and nothing that was wanted before. */
  want(pictures: Iterable<{ url: string; width: number }>): void {
    this.#wanted = [];
    const seen = new Set<string>();
    for (const { url, width } of pictures) {
      if (!seen.has(url) && !this.#failed.has(url) && !this.#loading.has(url) && !this.#isSharp(url, width)) {
        seen.add(url);
        this.#wanted.push({ url, size: sizeFor(width) });
      }
    }
    this.#wanted.reverse(); // the next one is taken from the end
    this.#loadNext();
  }

  /** A gesture has ended: make the copies that waited for it. */
  resume(): void {
    this.#makeCopies();
    this.#loadNext();
  }

  /** Let go of everything: nobody looks any more. */
  clear(): void {
    this.#wanted = [];
    this.#arrived = [];
    this.#loading.clear();
    for (const [size, copies] of this.#copies.entries()) {
      for (const url of [...copies.keys()]) {
        this.#forget(size, url);
      }
    }
  }

  #isSharp(url: string, width: number): boolean {
    return this.#copies.slice(sizeFor(width)).some((copies) => copies.has(url));
  }

  #loadNext(): void {
    while (this.#loading.size < AT_ONCE && !this.#options.isBusy()) {
      const next = this.#wanted.pop();
      if (!next) {
        return;
      }
      this.#loading.add(next.url);
      this.#options.load(next.url).then(
        (picture) => {
          // Nobody waits for it where all was let go of meanwhile.
          if (this.#loading.has(next.url)) {
            this.#arrived.push({ url: next.url, picture });
            this.#makeCopies();
          }
        },
        () => {
          this.#loading.delete(next.url);
          this.#failed.add(next.url);
          this.#loadNext();
        },
      );
    }
  }

  #makeCopies(): void {
    if (this.#options.isBusy() || this.#arrived.length === 0) {
      return;
    }
    const now = this.#options.now ?? (() => performance.now());
    const end = now() + COPYING_MS;
    const ready = new Set<string>();
    while (this.#arrived.length > 0 && (ready.size === 0 || now() < end)) {
      const arrived = this.#arrived.shift();
      if (arrived) {
        this.#keep(arrived.url, arrived.picture);
        this.#loading.delete(arrived.url);
        ready.add(arrived.url);
      }
    }
    this.#options.onReady(ready);
    if (this.#arrived.length > 0) {
      setTimeout(() => this.#makeCopies(), 0);
    }
    this.#loadNext();
  }

  #keep(url: string, picture: LoadedPicture): void {
    for (const [size, width] of COPY_WIDTHS.entries()) {
      const copies = this.#copies[size];
      const copy = picture.copy(width);
      if (copies && copy) {
        this.#forget(size, url);
        copies.set(url, copy);
        this.#bytes[size] = (this.#bytes[size] ?? 0) + bytesOf(copy);
        this.#makeRoom(size);
      }
    }
  }

  #makeRoom(size: number): void {
    for (const url of this.#copies[size]?.keys() ?? []) {
      if ((this.#bytes[size] ?? 0) <= (ROOM_BYTES[size] ?? 0)) {
        return;
      }
      this.#forget(size, url);
    }
  }

  #forget(size: number, url: string): void {
    const copies = this.#copies[size];
    const copy = copies?.get(url);
    if (copies && copy) {
      copies.delete(url);
      this.#bytes[size] = (this.#bytes[size] ?? 0) - bytesOf(copy);
      copy.free();
    }
  }
}

/** The smallest kept size that is wide enough, or the widest. */
function sizeFor(width: number): number {
  const fits = COPY_WIDTHS.findIndex((kept) => kept >= width);
  return fits === -1 ? COPY_WIDTHS.length - 1 : fits;
}

function bytesOf({ width, height }: Copy): number {
  return width * height * 4;
}

/**
 * Load a picture by the browser. From any host and without its leave: such a picture may be painted, but never read back, so
 * it is copied by painting alone.
 */
export async function loadPicture(url: string): Promise<LoadedPicture> {
  const image = new Image();
  image.decoding = "async";
  image.src = url;
  await image.decode();
  return {
    copy(width) {
      const copyWidth = Math.min(width, image.naturalWidth);
      const copyHeight = Math.max(1, Math.round((image.naturalHeight * copyWidth) / Math.max(1, image.naturalWidth)));
      const canvas = new OffscreenCanvas(Math.max(1, copyWidth), copyHeight);
      const context = canvas.getContext("2d");
      if (context === null) {
        return null;
      }
      context.imageSmoothingQuality = "high";
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      const bitmap = canvas.transferToImageBitmap();
      return { image: bitmap, width: bitmap.width, height: bitmap.height, free: () => bitmap.close() };
    },
  };
}
