/** Pictures that were handed to nodes: nothing is sent before the answer about consent, and a failure loses nothing. */

import { beforeEach, describe, expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import { createApiClient } from "@/api/client";
import { Session } from "@/api/session";
import type { Put } from "@/api/uploads";
import type { Saving } from "@/live/edit-queue";
import { Uploads } from "@/nodes/image/uploads";
import { anAsset } from "@/nodes/test-cards";

const picture = new File(["0123456789"], "mara.jpg", { type: "image/jpeg" });

interface Order {
  node_id: string;
  consent: boolean;
  key: string | null;
}

let orders: Order[] = [];
/** Answers of the api in turn; without one it begins a session. */
let refusals: Response[] = [];
const saving = createStore<Saving>(() => ({ kind: "saved" }));

async function send(input: RequestInfo | URL): Promise<Response> {
  const request = new Request(input);
  const body: { node_id: string; consent: boolean } = await request.json();
  orders.push({ node_id: body.node_id, consent: body.consent, key: request.headers.get("Idempotency-Key") });
  return (
    refusals.shift() ??
    Response.json({ asset: anAsset(), upload_url: `http://storage.test/${orders.length}` }, { status: 201 })
  );
}

const api = createApiClient(new Session({ baseUrl: "http://studio.test" }), {
  baseUrl: "http://studio.test",
  fetch: send,
});
const there = { api, project: { projectId: "project", saving } };

/** Storage that answers each PUT by hand, so that a test sees what stands in between. */
function byHand() {
  const waiting: { url: string; answer: (status: number) => void; progress: (bytes: number) => void }[] = [];
  const put: Put = ({ url, onProgress, signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      waiting.push({ url, progress: onProgress, answer: (status) => resolve({ status, range: null }) });
    });
  return { put, waiting };
}

/** Let everything that waits for nothing from outside come to pass. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

beforeEach(() => {
  orders = [];
  refusals = [];
  saving.setState({ kind: "saved" }, true);
});

describe("a picture", () => {
  test("is not sent before somebody has answered about consent", async () => {
    const { put, waiting } = byHand();
    const uploads = new Uploads(put);

    uploads.offer(there, "node", picture);
    await settled();
    expect(uploads.state.getState().get("node")?.kind).toBe("asking");
    expect(orders).toEqual([]);

    uploads.answer("node", true);
    await settled();
    expect(orders).toMatchObject([{ node_id: "node", consent: true }]);
    expect(waiting).toHaveLength(1);
  });

  test("shows how much of it is sent, and nothing any more when it is there", async () => {
    const { put, waiting } = byHand();
    const uploads = new Uploads(put);
    uploads.offer(there, "node", picture);
    uploads.answer("node", false);
    await settled();

    waiting[0]?.progress(4);
    expect(uploads.state.getState().get("node")).toMatchObject({ kind: "sending", sentBytes: 4 });
    waiting[0]?.answer(200);
    await settled();
    expect(uploads.state.getState().size).toBe(0);
  });

  test("waits until the server knows its node", async () => {
    const uploads = new Uploads(byHand().put);
    saving.setState({ kind: "saving" }, true);
    uploads.offer(there, "node", picture);
    uploads.answer("node", true);
    await settled();
    expect(orders).toEqual([]);

    saving.setState({ kind: "saved" }, true);
    await settled();
    expect(orders).toHaveLength(1);
  });

  test("that is no picture says so at once", () => {
    const uploads = new Uploads(byHand().put);
    uploads.offer(there, "node", new File(["x"], "notes.txt", { type: "text/plain" }));

    expect(uploads.state.getState().get("node")).toMatchObject({ kind: "failed", canRetry: false });
  });

  test("is tried again under its own key, with the same answer about consent", async () => {
    refusals = [Response.json({ status: 503, code: "busy", detail: "Busy." }, { status: 503 })];
    const uploads = new Uploads(byHand().put);
    uploads.offer(there, "node", picture);
    uploads.answer("node", true);
    await settled();
    expect(uploads.state.getState().get("node")).toMatchObject({ kind: "failed", canRetry: true });

    uploads.retry("node");
    await settled();
    expect(orders).toHaveLength(2);
    expect(orders[1]).toEqual(orders[0]);
  });

  test("whose session has lapsed gets a new one", async () => {
    const { put, waiting } = byHand();
    const uploads = new Uploads(put);
    uploads.offer(there, "node", picture);
    uploads.answer("node", true);
    await settled();
    waiting[0]?.answer(410);
    await settled();

    uploads.retry("node");
    await settled();
    expect(orders[1]?.key).not.toBe(orders[0]?.key);
    expect(waiting[1]?.url).not.toBe(waiting[0]?.url);
  });

  test("that is cancelled is gone, and what still comes of it changes nothing", async () => {
    const { put, waiting } = byHand();
    const uploads = new Uploads(put);
    uploads.offer(there, "node", picture);
    uploads.answer("node", true);
    await settled();

    uploads.cancel("node");
    waiting[0]?.progress(9);
    await settled();
    expect(uploads.state.getState().size).toBe(0);
  });
});

test("one answer may count for all pictures that wait", async () => {
  const uploads = new Uploads(byHand().put);
  for (const nodeId of ["a", "b"]) {
    uploads.offer(there, nodeId, picture);
  }
  uploads.answerAll(false);
  await settled();

  expect(orders.map(({ node_id, consent }) => [node_id, consent])).toEqual([
    ["a", false],
    ["b", false],
  ]);
});
