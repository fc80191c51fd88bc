/** A kind of node that this page does not know yet. */

import { Box } from "lucide-react";
import { EmptyMedia } from "@/nodes/media-frame";
import type { NodeDefinition } from "@/nodes/node-type";

export const unknownNode: NodeDefinition = {
  label: "Node",
  icon: Box,
  output: null,
  Body: () => <EmptyMedia>This kind of node is newer than this page. Reload it.</EmptyMedia>,
  Facts: () => null,
};
