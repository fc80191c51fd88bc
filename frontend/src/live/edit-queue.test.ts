/** Edits on their way: kept in order through an outage and a reload, and dropped only where the server refuses them. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem } from "@/api/problem";
import { type EditGroup, EditQueue } from "@/live/edit-queue";
import { createMemoryEditStore } from "@/live/memory-edit-store";
import type { Operation } from "@/live/operations";

function aGroup(label: string, size = 1): EditGroup {
  const operations = Array.from({ length: size }, (_, index) => ({
    op: "update_node" as const,
    operation_id: `${label}-${index}`,
    node_id: "node",
    title: label,
  }));
  return { id: label, label, operations };
}

/** A queue, and a server that a test breaks. */
function aQueue(kept: readonly EditGroup[] = []) {
  const server = {
    applied: [] as string[],
    requests: [] as number[],
    rev: 0,
    isReachable: true,
    refuses: new Set<string>(),
  };
  const refused: string[] = [];
  const store = createMemoryEditStore(kept);
  const queue = new EditQueue({
    store,
    onRefused: (group, problem) => refused.push(`${group.label}: ${problem.code}`),
    onChange: () => {},
    async send(operations: readonly Operation[]) {
      server.requests.push(operations.length);
      if (!server.isReachable) {
        throw new TypeError("Failed to fetch");
      }
      if (operations.some(({ operation_id }) => server.refuses.has(operation_id))) {
        throw new Problem("node_not_found", "There is no such node.", "", 404);
      }
      server.applied.push(...operations.map(({ operation_id }) => operation_id));
      return operations.map(() => ++server.rev);
    },
  });
  return { queue, server, refused, store };
}

describe("the queue of edits", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const settle = () => vi.advanceTimersByTimeAsync(0);

  test("sends at once, and shows an edit until the log has told of it", async () => {
    const { queue, server } = aQueue();
    await queue.start();

    queue.add(aGroup("move"));
    expect(queue.saving.getState()).toEqual({ kind: "saving" });
    await settle();

    expect(server.applied).toEqual(["move-0"]);
    expect(queue.saving.getState()).toEqual({ kind: "saved" });
    expect(queue.pending).toHaveLength(1);
    queue.reached(1);
    expect(queue.pending).toEqual([]);
  });

  test("keeps edits through an outage, says so, and sends them in order when the server is back", async () => {
    const { queue, server, store } = aQueue();
    await queue.start();
    server.isReachable = false;

    queue.add(aGroup("first"));
    await settle();
    queue.add(aGroup("second"));
    queue.add(aGroup("third"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(queue.saving.getState()).toMatchObject({ kind: "offline", edits: 3 });
    expect(store.groups).toHaveLength(3);
    expect(server.requests.length).toBeLessThan(12);

    server.isReachable = true;
    queue.wake();
    await settle();

    expect(server.applied).toEqual(["first-0", "second-0", "third-0"]);
    expect(queue.saving.getState()).toEqual({ kind: "saved" });
    expect(store.groups).toEqual([]);
  });

  test("sends what an earlier page left before what is new", async () => {
    const { queue, server } = aQueue([aGroup("left")]);

    queue.add(aGroup("new"));
    await queue.start();
    await settle();

    expect(server.applied).toEqual(["left-0", "new-0"]);
  });

  test("drops the one group that is refused, with all its edits, and keeps its neighbours", async () => {
    const { queue, server, refused } = aQueue();
    server.refuses.add("bad-1");
    queue.add(aGroup("before"));
    queue.add(aGroup("bad", 3));
    queue.add(aGroup("after"));

    await queue.start();
    await settle();

    expect(server.applied).toEqual(["before-0", "after-0"]);
    expect(refused).toEqual(["bad: node_not_found"]);
    expect(queue.saving.getState()).toEqual({ kind: "saved" });
  });

  test("sends no more at once than the api takes", async () => {
    const { queue, server } = aQueue();
    queue.add(aGroup("small"));
    queue.add(aGroup("paste", 2_500));

    await queue.start();
    await settle();

    expect(server.requests).toEqual([1, 1_000, 1_000, 500]);
    expect(server.applied).toHaveLength(2_501);
  });

  test("sends nothing after it was stopped, and keeps what is unsent", async () => {
    const { queue, server, store } = aQueue();
    await queue.start();
    server.isReachable = false;
    queue.add(aGroup("move"));
    await settle();

    queue.stop();
    server.isReachable = true;
    await vi.advanceTimersByTimeAsync(120_000);

    expect(server.applied).toEqual([]);
    expect(store.groups).toHaveLength(1);
  });
});
