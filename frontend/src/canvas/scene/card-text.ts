/** Words on painted cards: broken into lines and cut to their room, as the browser does it in the DOM. Pure. */

/** How wide a text is, in canvas units. */
export type Measure = (text: string) => number;

const ELLIPSIS = "…";
/** No card shows more than this; what is longer need not be looked at. */
const LONGEST = 600;

/** `text` as it fits into `width`, cut with an ellipsis where it must be; empty where not even that fits. */
export function ellipsized(text: string, width: number, measure: Measure): string {
  if (text === "" || measure(text) <= width) {
    return text;
  }
  let fits = 0;
  let fitsNot = Math.min(text.length, LONGEST);
  while (fitsNot - fits > 1) {
    const middle = (fits + fitsNot) >> 1;
    if (measure(text.slice(0, middle).trimEnd() + ELLIPSIS) <= width) {
      fits = middle;
    } else {
      fitsNot = middle;
    }
  }
  return fits === 0 ? "" : text.slice(0, fits).trimEnd() + ELLIPSIS;
}

/** `text` in at most `most` lines that fit into `width`; its own line breaks are kept. */
export function wrapped(text: string, width: number, most: number, measure: Measure): string[] {
  const lines: string[] = [];
  for (const paragraph of text.slice(0, LONGEST).split("\n")) {
    let line = "";
    for (const word of paragraph.split(/\s+/)) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (measure(longer) <= width) {
        line = longer;
      } else {
        if (line !== "") {
          lines.push(line);
        }
        line = measure(word) <= width ? word : ellipsized(word, width, measure);
      }
      if (lines.length > most) {
        break;
      }
    }
    lines.push(line);
    if (lines.length > most) {
      break;
    }
  }
  if (lines.length > most) {
    const last = `${lines[most - 1] ?? ""} ${lines[most] ?? ""}`;
    const cut = ellipsized(last, width, measure);
    return [...lines.slice(0, most - 1), cut === last ? `${last}${ELLIPSIS}` : cut];
  }
  return lines;
}
