/** A kind of node that this page does not know yet. */

import { Box } from "lucide-react";
import { mediaNodeHeight } from "@/nodes/geometry";
import { EmptyMedia } from "@/nodes/media-frame";
import type { NodeDefinition } from "@/nodes/node-type";

const WORDS = "This kind of node is newer than this page. Reload it.";

export const unknownNode: NodeDefinition = {
  label: "Node",
  icon: Box,
  inputs: [],
  output: null,
  newConfig: () => ({}),
  size: () => ({ width: 330, height: mediaNodeHeight(330) }),
  sketch: () => ({ subtitle: "", picture: null, words: WORDS, facts: [] }),
  Body: () => <EmptyMedia>{WORDS}</EmptyMedia>,
  Facts: () => null,
  Settings: () => <p className="text-mut">{WORDS}</p>,
};
