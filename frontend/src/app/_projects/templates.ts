/** What a new project can begin with: workflows that come with the studio. */

import type { WorkflowFile } from "@/api/projects";
import longTake from "@/app/_projects/templates/long-take.json";
import oneCharacter from "@/app/_projects/templates/one-character-three-scenes.json";
import portrait from "@/app/_projects/templates/portrait-to-video.json";
import type { NodeConfig } from "@/live/graph";

/** As much of a workflow as its picture shows. */
export interface Drawing {
  nodes: readonly { key: string; type: string; position: { x: number; y: number }; config: NodeConfig }[];
  connections: readonly { source: string; source_port: string; target: string; target_port: string }[];
}

export interface Template {
  id: string;
  title: string;
  /** One sentence: what one gets out of it. */
  summary: string;
  /** Null: the canvas begins empty. */
  workflow: (Drawing & WorkflowFile) | null;
}

export const BLANK: Template = {
  id: "blank",
  title: "Blank",
  summary: "An empty canvas.",
  workflow: null,
};

export const TEMPLATES: readonly Template[] = [
  {
    id: "portrait-to-video",
    title: "Portrait to video",
    summary: "A photo of a face becomes the first frame and comes to life.",
    workflow: portrait,
  },
  {
    id: "one-character-three-scenes",
    title: "One character, three scenes",
    summary: "One photo as reference for three shots of the same person.",
    workflow: oneCharacter,
  },
  {
    id: "long-take",
    title: "Long take with extensions",
    summary: "8 seconds that go on three times, without a cut, to 29.",
    workflow: longTake,
  },
  BLANK,
];
