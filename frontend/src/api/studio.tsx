"use client";
/** What every page works with: the session, the api and its cache, made once for a tab and handed down. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import * as z from "zod/mini";
import { useStore } from "zustand";
import { type ApiClient, createApiClient } from "@/api/client";
import { asProblem } from "@/api/problem";
import { Session, type SessionState } from "@/api/session";

export interface Studio {
  session: Session;
  api: ApiClient;
  queries: QueryClient;
}

const StudioContext = createContext<Studio | null>(null);

/** A studio that talks to the origin of the page, or to `baseUrl`. */
export function createStudio({ baseUrl, fetch }: { baseUrl?: string; fetch?: typeof globalThis.fetch } = {}): Studio {
  // Its compiled form needs `new Function`, which the page's security policy forbids.
  z.config({ jitless: true });
  const session = new Session({ baseUrl, fetch });
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        // A refusal stays one; anything else may be a moment's weakness.
        retry: (failures, thrown) => failures < 2 && asProblem(thrown).isPassing,
        refetchOnWindowFocus: false,
      },
    },
  });
  return { session, api: createApiClient(session, { baseUrl, fetch }), queries };
}

/** Hands the studio down, and finds out who is signed in. */
export function StudioProvider({ studio: given, children }: { studio?: Studio; children: ReactNode }) {
  const [studio] = useState(() => given ?? createStudio());
  useEffect(() => {
    void studio.session.restore();
  }, [studio]);
  useEffect(
    () =>
      studio.session.state.subscribe((state) => {
        if (state.kind === "signed_out") {
          studio.queries.clear(); // the next person must not see what this one saw
        }
      }),
    [studio],
  );
  return (
    <StudioContext value={studio}>
      <QueryClientProvider client={studio.queries}>{children}</QueryClientProvider>
    </StudioContext>
  );
}

export function useStudio(): Studio {
  const studio = useContext(StudioContext);
  if (studio === null) {
    throw new Error("There is no StudioProvider above this component.");
  }
  return studio;
}

export function useSession(): SessionState {
  return useStore(useStudio().session.state);
}
