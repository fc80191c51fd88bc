/** What the installation that served this page is like, so that one build of the studio serves all of them. */

import * as z from "zod/mini";
import { Problem, problemOfAnswer } from "@/api/problem";

const firestoreConfig = z.object({
  project: z.string(),
  /** `host:port` of the emulator; null for the real service. */
  emulator_host: z.nullable(z.string()),
  api_key: z.nullable(z.string()),
});

const runtimeConfig = z.discriminatedUnion("live", [
  z.object({ live: z.literal("firestore"), firestore: firestoreConfig }),
  z.object({ live: z.literal("ws") }),
]);

export type FirestoreConfig = z.infer<typeof firestoreConfig>;
export type RuntimeConfig = z.infer<typeof runtimeConfig>;

/** Read /config.json; throws Problem. */
export async function loadRuntimeConfig(): Promise<RuntimeConfig> {
  const answer = await fetch("/config.json");
  if (!answer.ok) {
    throw problemOfAnswer(answer.status, undefined);
  }
  const parsed = runtimeConfig.safeParse(await answer.json());
  if (!parsed.success) {
    throw new Problem(
      "config_unreadable",
      "This page does not understand the settings of its server.",
      "Reload the page.",
    );
  }
  return parsed.data;
}
