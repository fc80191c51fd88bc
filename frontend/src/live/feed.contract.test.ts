/** What every live feed promises, asked of each one; the network below is faked at its edge. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeServer, firestoreTransport, Recorder, socketTransport, type Transport } from "@/live/fake-transports";
import type { Following } from "@/live/feed";
import { createFirestoreFeed, type DocumentListener } from "@/live/firestore-feed";

const PROJECT = "0197-project";

describe.each([
  ["ws", socketTransport],
  ["firestore", firestoreTransport],
] as const)("the feed over %s", (_, createTransport) => {
  let server: FakeServer;
  let transport: Transport;
  let heard: Recorder;
  let following: Following | undefined;

  const settle = () => vi.advanceTimersByTimeAsync(0);

  async function follow(cursor: number): Promise<void> {
    following = transport.feed.follow(PROJECT, cursor, heard);
    await settle();
  }

  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer();
    transport = createTransport(server);
    heard = new Recorder();
  });

  afterEach(() => {
    following?.stop();
    vi.useRealTimers();
  });

  test("tells what happened after the cursor, in order, and nothing before it", async () => {
    for (const name of ["one", "two", "three"]) {
      server.rename(name);
    }

    await follow(1);

    expect(heard.revs).toEqual([2, 3]);
    expect(heard.connection).toBe("live");
  });

  test("tells each change once, as it happens", async () => {
    await follow(0);

    server.rename("one");
    server.rename("two");
    await settle();

    expect(heard.events).toEqual([
      { rev: 1, operationId: null, type: "project.updated", payload: { name: "one" } },
      { rev: 2, operationId: null, type: "project.updated", payload: { name: "two" } },
    ]);
  });

  test("after an interruption tells what was missed, and nothing twice", async () => {
    await follow(0);
    server.rename("before");
    await settle();

    transport.cut();
    server.rename("missed");
    await vi.advanceTimersByTimeAsync(1_000);
    server.rename("after");
    await settle();

    expect(heard.revs).toEqual([1, 2, 3]);
    expect(heard.connection).toBe("live");
  });

  test("says that it is reconnecting while the server is away, and waits longer each time", async () => {
    await follow(0);

    server.isReachable = false;
    transport.cut();
    await vi.advanceTimersByTimeAsync(60_000);
    const tries = heard.connections.filter((state) => state.kind === "reconnecting").length;
    expect(heard.connection).toBe("reconnecting");
    expect(tries).toBeGreaterThan(3);
    expect(tries).toBeLessThan(12);

    server.isReachable = true;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(heard.connection).toBe("live");
  });

  test("presents a fresh pass with each connection", async () => {
    await follow(0);
    transport.cut();
    await vi.advanceTimersByTimeAsync(1_000);
    transport.cut();
    await vi.advanceTimersByTimeAsync(1_000);

    expect(transport.presented).toHaveLength(3);
    expect(new Set(transport.presented).size).toBe(3);
  });

  test("a laptop that slept catches up when it wakes", async () => {
    await follow(0);
    transport.freeze();
    server.rename("while asleep");
    await settle();
    expect(heard.revs).toEqual([]);

    following?.wake();
    await vi.advanceTimersByTimeAsync(6_000);

    expect(heard.revs).toEqual([1]);
    expect(heard.connection).toBe("live");
  });

  test("waking does not wait for the next retry", async () => {
    server.isReachable = false;
    await follow(0);
    await vi.advanceTimersByTimeAsync(60_000);
    server.isReachable = true;
    server.rename("back");

    following?.wake();
    await settle();

    expect(heard.revs).toEqual([1]);
  });

  test("ends for good, with the reason, for somebody who was removed", async () => {
    await follow(0);

    server.isMember = false;
    transport.cut();
    await vi.advanceTimersByTimeAsync(1_000);
    server.isMember = true;
    await vi.advanceTimersByTimeAsync(120_000);

    expect(heard.connections.at(-1)).toMatchObject({ kind: "ended", problem: { code: "project_not_found" } });
    expect(transport.open()).toBe(0);
  });

  test("asks for a reload where the server says something that this page does not understand", async () => {
    await follow(0);

    server.log.push({ rev: 1, type: "project.updated", payload: { name: 7 } });
    server.announce();
    await settle();

    expect(heard.connections.at(-1)).toMatchObject({ kind: "ended", problem: { code: "page_outdated" } });
  });

  test("lets events of a later release pass", async () => {
    await follow(0);

    server.log.push({ rev: 1, type: "comment.created", payload: {} });
    server.announce();
    await settle();

    expect(heard.events).toEqual([{ rev: 1, operationId: null, type: "other", name: "comment.created" }]);
  });

  test("is silent once stopped, and leaves no connection behind", async () => {
    await follow(0);

    following?.stop();
    server.rename("unheard");
    following?.wake();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(heard.revs).toEqual([]);
    expect(transport.open()).toBe(0);
  });

  test("stopped while it connects, it leaves no connection behind", async () => {
    following = transport.feed.follow(PROJECT, 0, heard);
    following.stop();
    await vi.advanceTimersByTimeAsync(1_000);

    expect(heard.connection).toBe("connecting");
    expect(transport.open()).toBe(0);
  });
});

describe("the feed over firestore, besides", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  function followWith(server: FakeServer, heard: Recorder) {
    const listeners: DocumentListener[] = [];
    let standing = 0;
    const feed = createFirestoreFeed({
      api: server.api,
      loadSource: async () => ({
        async listen(_, __, listener) {
          listeners.push(listener);
          standing += 1;
          queueMicrotask(() => listener.onProject(undefined));
          return () => {
            standing -= 1;
          };
        },
      }),
    });
    return { following: feed.follow(PROJECT, 0, heard), listeners, standing: () => standing };
  }

  test("renews its token before it ends, and listens without a gap", async () => {
    const server = new FakeServer();
    const { following, listeners, standing } = followWith(server, new Recorder());

    await vi.advanceTimersByTimeAsync(9 * 60_000 - 1);
    expect(listeners).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);

    expect(listeners).toHaveLength(2);
    expect(standing()).toBe(1);
    following.stop();
    await vi.advanceTimersByTimeAsync(0);
    expect(standing()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("tells the state of a moving node at once", async () => {
    const heard = new Recorder();
    const { following, listeners } = followWith(new FakeServer(), heard);
    await vi.advanceTimersByTimeAsync(0);

    const document = {
      node_id: "n",
      state: "running",
      status: { stage: "rendering" },
      version: 3,
      selected_take_id: null,
    };
    listeners[0]?.onNode(document);
    await vi.advanceTimersByTimeAsync(0);

    expect(heard.statuses).toEqual([document]);
    following.stop();
  });

  test("does not call itself live while the listener is refused, and asks ever less often", async () => {
    const server = new FakeServer();
    const heard = new Recorder();
    let listens = 0;
    const feed = createFirestoreFeed({
      api: server.api,
      loadSource: async () => ({
        async listen(_, __, listener) {
          listens += 1;
          queueMicrotask(() => listener.onError());
          return () => {};
        },
      }),
    });

    const following = feed.follow(PROJECT, 0, heard);
    await vi.advanceTimersByTimeAsync(60_000);

    expect(heard.connections.some((state) => state.kind === "live")).toBe(false);
    expect(listens).toBeLessThan(12);
    following.stop();
  });
});
