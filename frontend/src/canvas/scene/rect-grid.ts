/** Rectangles by where they are, so that a view finds the few it shows among tens of thousands. Pure. */

/** Canvas units. About a view's width at 100 %: a query reads a handful of cells, and a cell holds a handful of cards. */
const CELL = 1400;
/** Keeps cell keys whole numbers for coordinates of up to a billion units in each direction. */
const ORIGIN = 2 ** 20;
const NOWHERE = -1;
/** In the list of what is larger than a cell, which every query reads. */
const LARGE = -2;

/** Rectangles named by small whole numbers, their slots. */
export class RectGrid {
  #left = new Float64Array(64);
  #top = new Float64Array(64);
  #right = new Float64Array(64);
  #bottom = new Float64Array(64);
  /** The key of the cell of the left top corner. */
  #home = new Float64Array(64).fill(NOWHERE);
  /** Where in its cell's list a slot stands. */
  #place = new Int32Array(64);
  readonly #cells = new Map<number, number[]>();
  readonly #large: number[] = [];

  /** Put a rectangle where it is now. */
  set(slot: number, left: number, top: number, right: number, bottom: number): void {
    this.#makeRoom(slot);
    const isLarge = right - left > CELL || bottom - top > CELL;
    const home = isLarge ? LARGE : keyOf(Math.floor(left / CELL), Math.floor(top / CELL));
    if (home !== this.#home[slot]) {
      this.remove(slot);
      const list = this.#listOf(home);
      this.#place[slot] = list.push(slot) - 1;
      this.#home[slot] = home;
    }
    this.#left[slot] = left;
    this.#top[slot] = top;
    this.#right[slot] = right;
    this.#bottom[slot] = bottom;
  }

  remove(slot: number): void {
    const home = this.#home[slot] ?? NOWHERE;
    if (home === NOWHERE) {
      return;
    }
    const list = this.#listOf(home);
    const place = this.#place[slot] ?? 0;
    const last = list.pop();
    if (last !== undefined && last !== slot) {
      list[place] = last;
      this.#place[last] = place;
    }
    this.#home[slot] = NOWHERE;
    if (list.length === 0 && home !== LARGE) {
      this.#cells.delete(home);
    }
  }

  /** The slots whose rectangles touch this one, in ascending order. */
  query(left: number, top: number, right: number, bottom: number): number[] {
    return this.#find(left, top, right, bottom, Number.POSITIVE_INFINITY).sort(ascending);
  }

  /** Whether more than `limit` rectangles touch this one; looks at hardly more than so many. */
  hasMoreThan(limit: number, left: number, top: number, right: number, bottom: number): boolean {
    return this.#find(left, top, right, bottom, limit).length > limit;
  }

  /** Stops looking soon after it has found more than `enough`. */
  #find(left: number, top: number, right: number, bottom: number, enough: number): number[] {
    const found: number[] = [];
    this.#collect(this.#large, left, top, right, bottom, found);
    // Whatever reaches into a cell from its left or top neighbour has its corner there: none is larger than a cell.
    const firstColumn = Math.floor(left / CELL) - 1;
    const lastColumn = Math.floor(right / CELL);
    const firstRow = Math.floor(top / CELL) - 1;
    const lastRow = Math.floor(bottom / CELL);
    const cells = (lastColumn - firstColumn + 1) * (lastRow - firstRow + 1);
    if (cells > this.#cells.size) {
      for (const list of this.#cells.values()) {
        if (found.length > enough) {
          return found;
        }
        this.#collect(list, left, top, right, bottom, found);
      }
      return found;
    }
    for (let column = firstColumn; column <= lastColumn && found.length <= enough; column++) {
      for (let row = firstRow; row <= lastRow; row++) {
        const list = this.#cells.get(keyOf(column, row));
        if (list) {
          this.#collect(list, left, top, right, bottom, found);
        }
      }
    }
    return found;
  }

  #collect(list: readonly number[], left: number, top: number, right: number, bottom: number, found: number[]): void {
    for (const slot of list) {
      if (
        (this.#left[slot] ?? 0) <= right &&
        (this.#right[slot] ?? 0) >= left &&
        (this.#top[slot] ?? 0) <= bottom &&
        (this.#bottom[slot] ?? 0) >= top
      ) {
        found.push(slot);
      }
    }
  }

  #listOf(home: number): number[] {
    if (home === LARGE) {
      return this.#large;
    }
    const known = this.#cells.get(home);
    if (known) {
      return known;
    }
    const made: number[] = [];
    this.#cells.set(home, made);
    return made;
  }

  #makeRoom(slot: number): void {
    const before = this.#home.length;
    if (slot < before) {
      return;
    }
    const size = Math.max(slot + 1, before * 2);
    this.#left = grown(this.#left, size);
    this.#top = grown(this.#top, size);
    this.#right = grown(this.#right, size);
    this.#bottom = grown(this.#bottom, size);
    this.#home = grown(this.#home, size).fill(NOWHERE, before);
    const places = new Int32Array(size);
    places.set(this.#place);
    this.#place = places;
  }
}

/** The same numbers in an array of `size`. */
export function grown(array: Float64Array<ArrayBuffer>, size: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(size);
  larger.set(array);
  return larger;
}

function keyOf(column: number, row: number): number {
  return (column + ORIGIN) * 2 * ORIGIN + row + ORIGIN;
}

function ascending(a: number, b: number): number {
  return a - b;
}
