/** Pictures and videos of a project, with the signed addresses to read them by. */

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { type ApiClient, answered } from "@/api/client";
import { projectKey } from "@/api/projects";
import type { components } from "@/api/schema";

type AssetAnswer = components["schemas"]["AssetAnswer"];
type TakeAnswer = components["schemas"]["TakeAnswer"];

/** A file, and when its addresses were signed (milliseconds since the epoch). */
export type Asset = AssetAnswer & { signedAt: number };
export type Take = Omit<TakeAnswer, "asset"> & { asset: Asset };

/** The api signs for one hour; what is older than this is replaced by fresh addresses. */
const ADDRESS_KEPT_MS = 45 * 60 * 1000;

/** As many as the api answers at once. */
const PAGE = 1_000;

/** All pages of a list, newest first; `ask` gets the id of the last one that is known. */
async function everyPage<T extends { id: string }>(ask: (before: string | undefined) => Promise<T[]>): Promise<T[]> {
  const found: T[] = [];
  for (;;) {
    const page = await ask(found.at(-1)?.id);
    found.push(...page);
    if (page.length < PAGE) {
      return found;
    }
  }
}

/** The files of a project by their id. */
export function assetsQuery(api: ApiClient, queries: QueryClient, projectId: string) {
  const queryKey = projectKey.assets(projectId);
  return queryOptions({
    queryKey,
    queryFn: async () => {
      const now = Date.now();
      const known = queries.getQueryData<ReadonlyMap<string, Asset>>(queryKey);
      const found = await everyPage((before) =>
        answered(api.GET("/api/files", { params: { query: { project_id: projectId, limit: PAGE, before } } })),
      );
      return byId(found.map((asset) => withKeptAddresses(asset, known?.get(asset.id), now)));
    },
    staleTime: ADDRESS_KEPT_MS,
    refetchInterval: ADDRESS_KEPT_MS,
    structuralSharing: false,
  });
}

/** The results of a project's nodes by their id. */
export function takesQuery(api: ApiClient, queries: QueryClient, projectId: string) {
  const queryKey = projectKey.takes(projectId);
  return queryOptions({
    queryKey,
    queryFn: async () => {
      const now = Date.now();
      const known = queries.getQueryData<ReadonlyMap<string, Take>>(queryKey);
      const path = { project_id: projectId };
      const found = await everyPage((before) =>
        answered(api.GET("/api/projects/{project_id}/takes", { params: { path, query: { limit: PAGE, before } } })),
      );
      return byId(
        found.map((take) => {
          const before = known?.get(take.id);
          const asset = withKeptAddresses(take.asset, before?.asset, now);
          return before?.asset === asset ? before : { ...take, asset };
        }),
      );
    },
    staleTime: ADDRESS_KEPT_MS,
    refetchInterval: ADDRESS_KEPT_MS,
    structuralSharing: false,
  });
}

/**
 * `fresh` with the addresses of `known` while these are good: each answer signs anew, and a changed address would load every
 * picture again and stop a video that plays. An asset that has not changed at all is `known` itself.
 */
export function withKeptAddresses(fresh: AssetAnswer, known: Asset | undefined, now: number): Asset {
  const isSame =
    known !== undefined &&
    known.state === fresh.state &&
    known.sha256 === fresh.sha256 &&
    (known.thumbnail_url === null) === (fresh.thumbnail_url === null) &&
    (known.poster_url === null) === (fresh.poster_url === null) &&
    now - known.signedAt < ADDRESS_KEPT_MS;
  return isSame ? known : { ...fresh, signedAt: now };
}

function byId<T extends { id: string }>(things: readonly T[]): ReadonlyMap<string, T> {
  return new Map(things.map((thing) => [thing.id, thing]));
}
