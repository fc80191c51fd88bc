/** Signed addresses stay as they are while they are good. */

import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { createApiClient } from "@/api/client";
import { type Asset, assetsQuery, withKeptAddresses } from "@/api/media";
import { Session } from "@/api/session";

const HOUR_MS = 3_600_000;

function anAsset(changes: Partial<Asset> = {}): Asset {
  return {
    id: "a",
    project_id: "p",
    node_id: null,
    kind: "video",
    state: "ready",
    file_name: "take.mp4",
    content_type: "video/mp4",
    size_bytes: 1_000_000,
    width: 1280,
    height: 720,
    duration_seconds: 8,
    frames: 192,
    has_audio: true,
    sha256: "abc",
    problem: null,
    url: "https://storage.test/take?signature=1",
    thumbnail_url: null,
    poster_url: "https://storage.test/poster?signature=1",
    created_at: "2026-01-01T00:00:00Z",
    signedAt: 0,
    ...changes,
  };
}

const resigned = {
  url: "https://storage.test/take?signature=2",
  poster_url: "https://storage.test/poster?signature=2",
};

test("a file that has not changed keeps its addresses, so that a video that plays goes on", () => {
  const known = anAsset();

  expect(withKeptAddresses(anAsset(resigned), known, HOUR_MS / 4)).toBe(known);
});

test("addresses that end soon are replaced", () => {
  const kept = withKeptAddresses(anAsset(resigned), anAsset(), HOUR_MS - 60_000);

  expect(kept).toMatchObject({ ...resigned, signedAt: HOUR_MS - 60_000 });
});

test("a file that has become another is taken as it is", () => {
  const inspected = withKeptAddresses(anAsset(resigned), anAsset({ state: "pending", sha256: null, url: null }), 1000);

  expect(inspected).toMatchObject(resigned);
});

test("a project with more files than the api answers at once is read to its end", async () => {
  const asked: (string | null)[] = [];
  const server: typeof fetch = async (input) => {
    const before = new URL(new Request(input).url).searchParams.get("before");
    asked.push(before);
    const from = before === null ? 0 : Number(before) + 1;
    const ids = Array.from({ length: 1_500 }, (_, id) => ({ id: String(id) }));
    return Response.json(ids.slice(from, from + 1_000));
  };
  const api = createApiClient(new Session({ baseUrl: "http://studio.test", fetch: server }), {
    baseUrl: "http://studio.test",
    fetch: server,
  });
  const queries = new QueryClient();

  const files = await queries.fetchQuery(assetsQuery(api, queries, "project"));

  expect(files.size).toBe(1_500);
  expect(asked).toEqual([null, "999"]);
});
