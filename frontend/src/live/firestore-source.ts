/** Firestore's web SDK as a source of documents. Large: import it lazily. */

import { deleteApp, initializeApp } from "@firebase/app";
import {
  collection,
  connectFirestoreEmulator,
  doc,
  type Firestore,
  getFirestore,
  onSnapshot,
  terminate,
} from "@firebase/firestore";
import type { FirestoreConfig } from "@/api/runtime-config";
import type { LiveToken } from "@/live/feed";
import type { DocumentListener, DocumentSource } from "@/live/firestore-feed";

let connections = 0;

/** A source of documents of the Firestore that `config` names. */
export function createFirestoreSource(config: FirestoreConfig): DocumentSource {
  return {
    async listen(projectId, token, listener) {
      // An app of its own for each token: one that listens keeps the identity with which it began.
      const app = initializeApp(
        { projectId: config.project, apiKey: config.api_key ?? undefined },
        `live-${++connections}`,
      );
      const firestore = getFirestore(app);
      if (config.emulator_host) {
        connectToEmulator(firestore, config.emulator_host, token);
      } else {
        const { initializeAuth, inMemoryPersistence, signInWithCustomToken } = await import("@firebase/auth");
        await signInWithCustomToken(initializeAuth(app, { persistence: inMemoryPersistence }), token.token);
      }
      const unsubscribe = subscribe(firestore, projectId, listener);
      return () => {
        unsubscribe();
        void terminate(firestore).then(() => deleteApp(app));
      };
    },
  };
}

function connectToEmulator(firestore: Firestore, address: string, token: LiveToken): void {
  const { hostname, port } = new URL(`http://${address}`);
  // The emulator checks no signature but enforces the rules on these claims.
  const claims = { sub: token.userId, user_id: token.userId, until: Math.floor(token.untilMs / 1000) };
  connectFirestoreEmulator(firestore, hostname, Number(port), { mockUserToken: claims });
}

function subscribe(firestore: Firestore, projectId: string, listener: DocumentListener): () => void {
  const endProject = onSnapshot(
    doc(firestore, "projects", projectId),
    // What comes from the cache only says that the server is away.
    { includeMetadataChanges: true },
    (snapshot) => (snapshot.metadata.fromCache ? listener.onInterrupted() : listener.onProject(snapshot.data())),
    listener.onError,
  );
  const endNodes = onSnapshot(
    collection(firestore, "projects", projectId, "live"),
    (snapshot) => {
      for (const change of snapshot.docChanges()) {
        // A document that goes away says nothing: the node came to rest a minute before.
        if (change.type !== "removed") {
          listener.onNode(change.doc.data());
        }
      }
    },
    listener.onError,
  );
  return () => {
    endProject();
    endNodes();
  };
}
