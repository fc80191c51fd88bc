/** How the states of nodes look where they are painted. */

import { describe, expect, test } from "vitest";
import { cardFill, stateMark, wireLook } from "@/canvas/scene/state-look";
import type { NodeStatus } from "@/live/node-status";
import { parseNodeStatus } from "@/live/node-status";
import type { Port, Sketch } from "@/nodes/node-type";

const sketch: Sketch = { subtitle: "", picture: "/picture", words: "words", facts: [] };
const video: Port = { name: "video", type: "video", title: "Video", wires: 1 };
const moment = (state: string, detail: Record<string, unknown> = {}, selectedTakeId: string | null = "take") => ({
  status: parseNodeStatus(state, detail),
  selectedTakeId,
  version: 1,
});

describe("a card", () => {
  test("never shows the picture of a node that a guard has stopped", () => {
    const fill = cardFill(moment("blocked", { message: "It names a real person." }), sketch, video);
    expect(fill).toEqual({ kind: "stopped", words: "It names a real person." });
  });

  test("shows an older picture faintly where the last work came to nothing", () => {
    expect(cardFill(moment("failed"), sketch, video)).toMatchObject({ kind: "picture", strength: 0.4 });
  });

  test("says why where there is no picture at all", () => {
    const fill = cardFill(
      moment("failed", { message: "The provider failed." }, null),
      { ...sketch, picture: null },
      video,
    );
    expect(fill).toEqual({ kind: "failed", words: "The provider failed." });
  });

  test("says what a waiting node waits for", () => {
    expect(cardFill(moment("queued"), sketch, video)).toMatchObject({ kind: "coming", url: "/picture" });
  });

  test("of words shows the words", () => {
    expect(cardFill(moment("idle"), sketch, { ...video, type: "text" })).toEqual({ kind: "words", words: "words" });
  });
});

test("an idle node has no mark, every other one has", () => {
  const states: NodeStatus["state"][] = ["waiting", "queued", "running", "succeeded", "failed", "blocked", "cancelled"];
  expect(stateMark(parseNodeStatus("idle", {}))).toBeNull();
  expect(states.map((state) => stateMark(parseNodeStatus(state, {})))).not.toContain(null);
  expect(stateMark(parseNodeStatus("new in a later release", {}))?.words).toBe("new in a later release");
});

test("a wire looks like what the node that it runs into is doing", () => {
  expect(wireLook("running")).toBe("running");
  expect(wireLook("blocked")).toBe("stopped");
  expect(wireLook("idle")).toBe("solid");
});
