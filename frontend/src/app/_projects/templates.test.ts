/** The templates that come with the studio: each is a workflow whose wires fit, and lies on the canvas as one reads. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { imaginedGraph, miniatureOf } from "@/app/_projects/miniature";
import { TEMPLATES } from "@/app/_projects/templates";
import type { NodeConfig } from "@/live/graph";
import type { Size } from "@/nodes/geometry";
import { nodeDefinition } from "@/nodes/registry";

const SCHEMAS = new URL("../../../../schemas/", import.meta.url);

const port = z.object({ name: z.string(), type: z.string(), wires: z.number() });
const nodeType = z.object({
  inputs: z.array(port),
  outputs: z.array(port),
  config: z.object({ properties: z.record(z.string(), z.unknown()) }),
});

/** What the server says of a kind of node. */
function contractOf(type: string): z.infer<typeof nodeType> {
  return nodeType.parse(JSON.parse(readFileSync(new URL(`node_types/${type}.json`, SCHEMAS), "utf8")));
}

/** The outer form of a workflow; which version is today's, tests/contract/test_templates.py checks with the server's own reader. */
const workflow = z.strictObject({
  format: z.literal("reelgraph.workflow"),
  version: z.number(),
  name: z.string().check(z.minLength(1), z.maxLength(200)),
  nodes: z.array(
    z.strictObject({
      key: z.string(),
      type: z.string(),
      title: z.string().check(z.minLength(1), z.maxLength(200)),
      position: z.strictObject({ x: z.number(), y: z.number() }),
      config: z.record(z.string(), z.unknown()),
    }),
  ),
  connections: z.array(
    z.strictObject({ source: z.string(), source_port: z.string(), target: z.string(), target_port: z.string() }),
  ),
});

const drawn = TEMPLATES.flatMap(({ title, workflow }) => (workflow === null ? [] : [{ title, workflow }]));

describe.each(drawn)("$title", ({ workflow: file }) => {
  const { nodes, connections } = workflow.parse(file);
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const typeOf = (key: string) => contractOf(byKey.get(key)?.type ?? "none");

  test("has wires that lead from an output to an input of the same type, none to one that is full", () => {
    const used = new Map<string, number>();
    for (const { source, source_port, target, target_port } of connections) {
      const output = typeOf(source).outputs.find(({ name }) => name === source_port);
      const input = typeOf(target).inputs.find(({ name }) => name === target_port);
      expect(output?.type, `${source}.${source_port}`).toBeDefined();
      expect(input?.type, `${target}.${target_port}`).toBe(output?.type);
      const place = `${target}.${target_port}`;
      used.set(place, (used.get(place) ?? 0) + 1);
      expect(used.get(place), place).toBeLessThanOrEqual(input?.wires ?? 0);
    }
    expect(byKey.size).toBe(nodes.length);
  });

  test("sets only what its nodes know", () => {
    for (const { key, type, config } of nodes) {
      expect(Object.keys(contractOf(type).config.properties), key).toEqual(expect.arrayContaining(Object.keys(config)));
    }
  });

  test("lies from left to right, and no card on another", () => {
    const cards = nodes
      .filter(({ type }) => type !== "frame")
      .map((node) => ({ key: node.key, ...node.position, ...sizeOf(node) }));
    for (const [index, a] of cards.entries()) {
      for (const b of cards.slice(index + 1)) {
        const isApart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(isApart, `${a.key} and ${b.key}`).toBe(true);
      }
    }
    for (const { key, from, to } of miniatureOf(file).wires) {
      expect(to.x - from.x, key).toBeGreaterThanOrEqual(100);
    }
  });

  test("keeps its nodes inside its frame", () => {
    const places = nodes.map((node) => ({ type: node.type, key: node.key, ...node.position, ...sizeOf(node) }));
    const frame = places.find(({ type }) => type === "frame");
    expect(frame).toBeDefined();
    for (const place of places) {
      expect(place.x, place.key).toBeGreaterThanOrEqual(frame?.x ?? 0);
      expect(place.x + place.width, place.key).toBeLessThanOrEqual((frame?.x ?? 0) + (frame?.width ?? 0));
      expect(place.y + place.height, place.key).toBeLessThanOrEqual((frame?.y ?? 0) + (frame?.height ?? 0));
    }
  });

  test("is drawn with all that does work in it", () => {
    const { boxes, wires } = miniatureOf(file);
    expect(boxes).toHaveLength(nodes.filter(({ type }) => type !== "frame" && type !== "note").length);
    expect(wires).toHaveLength(connections.length);
  });
});

/** As the canvas lays it out. */
function sizeOf({ type, config }: { type: string; config: NodeConfig }): Size {
  return nodeDefinition(type).size(config);
}

describe("a project without a picture", () => {
  test.each([0, 1, 2, 3, 5])("with %i nodes is drawn with as many", (count) => {
    expect(miniatureOf(imaginedGraph("01934c1e-5d6c-7000-8000-00000000f00d", count)).boxes).toHaveLength(count);
  });

  test("with ten thousand nodes is drawn with a few", () => {
    expect(imaginedGraph("01934c1e-5d6c-7000-8000-00000000f00d", 10_000).nodes).toHaveLength(5);
  });

  test("always looks the same, and another looks different", () => {
    const first = imaginedGraph("01934c1e-5d6c-7000-8000-00000000f00d", 6);
    expect(imaginedGraph("01934c1e-5d6c-7000-8000-00000000f00d", 6)).toEqual(first);
    expect(imaginedGraph("01934c1e-5d6c-7000-8000-000000000fee", 6)).not.toEqual(first);
  });
});
