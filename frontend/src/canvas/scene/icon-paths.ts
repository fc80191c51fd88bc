/** The icons of the node types as canvas paths, read from the very elements that the page's icons consist of. */

import type { PortType } from "@/nodes/node-type";

/** Icons are drawn on a square of this side. */
export const ICON_SIDE = 24;

export interface IconPaths {
  /** By the node's type, for headers. */
  readonly node: ReadonlyMap<string, Path2D>;
  /** By what flows, for handles. */
  readonly port: ReadonlyMap<PortType, Path2D>;
}

export const NO_ICONS: IconPaths = { node: new Map(), port: new Map() };

/** The path of an icon's `<svg>`. Knows the elements that icons are made of; what it does not know is left out. */
export function iconPath(svg: Element): Path2D {
  const path = new Path2D();
  for (const shape of svg.children) {
    addShape(path, shape);
  }
  return path;
}

function addShape(path: Path2D, shape: Element): void {
  const number = (name: string) => Number(shape.getAttribute(name) ?? 0);
  switch (shape.tagName.toLowerCase()) {
    case "path":
      path.addPath(new Path2D(shape.getAttribute("d") ?? ""));
      break;
    case "rect":
      path.roundRect(number("x"), number("y"), number("width"), number("height"), number("rx"));
      break;
    case "circle":
      path.moveTo(number("cx") + number("r"), number("cy"));
      path.arc(number("cx"), number("cy"), number("r"), 0, 2 * Math.PI);
      break;
    case "ellipse":
      path.moveTo(number("cx") + number("rx"), number("cy"));
      path.ellipse(number("cx"), number("cy"), number("rx"), number("ry"), 0, 0, 2 * Math.PI);
      break;
    case "line":
      path.moveTo(number("x1"), number("y1"));
      path.lineTo(number("x2"), number("y2"));
      break;
    case "polyline":
    case "polygon":
      addPoints(path, shape.getAttribute("points") ?? "", shape.tagName.toLowerCase() === "polygon");
      break;
  }
}

function addPoints(path: Path2D, points: string, isClosed: boolean): void {
  const numbers = points
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    const x = numbers[index] ?? 0;
    const y = numbers[index + 1] ?? 0;
    if (index === 0) {
      path.moveTo(x, y);
    } else {
      path.lineTo(x, y);
    }
  }
  if (isClosed) {
    path.closePath();
  }
}
