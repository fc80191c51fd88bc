/** Lays out in a thread of its own: a large graph takes seconds, during which the canvas has to stay usable. */

import * as z from "zod/mini";
import { arrange } from "@/canvas/editing/arranging";

z.config({ jitless: true }); // the page's security policy, which forbids `new Function`, holds here too

const requests = z.array(
  z.object({
    nodes: z.array(
      z.object({
        id: z.string(),
        x: z.number(),
        y: z.number(),
        width: z.number(),
        height: z.number(),
        frameId: z.nullable(z.string()),
        isFrame: z.boolean(),
      }),
    ),
    wires: z.array(z.object({ source: z.string(), target: z.string() })),
  }),
);

addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  postMessage(requests.parse(data).flatMap(arrange));
});
