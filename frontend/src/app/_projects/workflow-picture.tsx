/** A graph in small: cards, wires and their colours. Decoration: the words beside it say what it is. */

import { type Box, type Colour, type Miniature, miniatureOf } from "@/app/_projects/miniature";
import type { Drawing } from "@/app/_projects/templates";
import { cn } from "@/ui/class-names";

const STROKE: Record<Colour, string> = {
  text: "stroke-type-text",
  image: "stroke-type-image",
  video: "stroke-type-video",
};
const FILL: Record<Colour, string> = { text: "fill-type-text", image: "fill-type-image", video: "fill-type-video" };

export function WorkflowPicture({ drawing, className }: { drawing: Drawing; className?: string }) {
  const picture = miniatureOf(drawing);
  const { view } = picture;
  // One pixel, about: the picture is shown some 280 by 158 pixels large.
  const pixel = Math.max(view.width / 280, view.height / 158);
  return (
    <svg
      aria-hidden
      viewBox={`${view.x} ${view.y} ${view.width} ${view.height}`}
      className={cn("size-full", className)}
    >
      <title>Nodes and wires</title>
      {picture.boxes.map((box) => (
        <Card key={box.key} box={box} pixel={pixel} />
      ))}
      {picture.wires.map((wire) => (
        <Wire key={wire.key} wire={wire} pixel={pixel} />
      ))}
    </svg>
  );
}

function Wire({ wire: { colour, from, to }, pixel }: { wire: Miniature["wires"][number]; pixel: number }) {
  const bend = (to.x - from.x) / 2;
  return (
    <g>
      <path
        d={`M${from.x} ${from.y}C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`}
        fill="none"
        strokeWidth={1.6 * pixel}
        className={cn("opacity-75", STROKE[colour])}
      />
      <circle cx={from.x} cy={from.y} r={3 * pixel} className={FILL[colour]} />
      <circle cx={to.x} cy={to.y} r={3 * pixel} className={FILL[colour]} />
    </g>
  );
}

function Card({ box, pixel }: { box: Box; pixel: number }) {
  const { kind, x, y, width, height } = box;
  const inset = 2.5 * pixel;
  const inner = { x: x + inset, y: y + inset, width: width - 2 * inset, height: height - 2 * inset };
  return (
    <g>
      <rect {...{ x, y, width, height }} rx={5 * pixel} strokeWidth={pixel} className="fill-card stroke-line-strong" />
      {kind === "prompt" && <Words {...inner} pixel={pixel} />}
      {kind === "image" && <Picture {...inner} />}
      {kind === "video" && <Film {...inner} clips={box.clips} />}
    </g>
  );
}

interface InnerProps {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A few lines of text, the last one short. */
function Words({ x, y, width, height, pixel }: InnerProps & { pixel: number }) {
  const lines = [0.86, 0.7, 0.8, 0.4];
  return lines.map((share, index) => (
    <rect
      key={share}
      x={x + width * 0.08}
      y={y + height * (0.16 + index * 0.21)}
      width={width * share}
      height={Math.min(2.4 * pixel, height * 0.1)}
      rx={pixel}
      className="fill-mut/45"
    />
  ));
}

/** Somebody's head and shoulders. */
function Picture({ x, y, width, height }: InnerProps) {
  const middle = x + width / 2;
  return (
    <g className="fill-type-image/55">
      <rect {...{ x, y, width, height }} rx={height * 0.08} className="fill-type-image/16" />
      <circle cx={middle} cy={y + height * 0.4} r={height * 0.16} />
      <path
        d={`M${middle - height * 0.32} ${y + height}a${height * 0.32} ${height * 0.34} 0 0 1 ${height * 0.64} 0z`}
      />
    </g>
  );
}

/** A frame of film with the mark that plays it, and below, the clips of a chain. */
function Film({ x, y, width, height, clips }: InnerProps & { clips: number }) {
  const side = height * 0.17;
  const [middleX, middleY] = [x + width / 2, y + height * (clips > 1 ? 0.43 : 0.5)];
  const pitch = (width * 0.84) / clips;
  return (
    <g className="fill-type-video/80">
      <rect {...{ x, y, width, height }} rx={height * 0.08} className="fill-type-video/16" />
      <path
        d={`M${middleX - side * 0.7} ${middleY - side}L${middleX + side} ${middleY}L${middleX - side * 0.7} ${middleY + side}z`}
      />
      {clips > 1 &&
        Array.from({ length: clips }, (_, index) => x + width * 0.08 + index * pitch).map((left) => (
          <rect
            key={left}
            x={left}
            y={y + height * 0.82}
            width={pitch * 0.86}
            height={height * 0.07}
            rx={height * 0.035}
          />
        ))}
    </g>
  );
}
