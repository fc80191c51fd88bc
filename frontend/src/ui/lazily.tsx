"use client";
/** Components whose code comes when it is first wanted. Where it does not come, its place says so and offers another try. */

import { type ComponentType, useEffect, useState } from "react";
import { Button } from "@/ui/button";

export type LazyComponent<Props> = ComponentType<Props> & {
  /** Have the code before anybody wants it, so that it opens at once, and without a network. */
  preload: () => void;
};

type Loading = { kind: "coming" } | { kind: "there" } | { kind: "failed" };

export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>): LazyComponent<Props> {
  let Loaded: ComponentType<Props> | null = null;

  async function fetchCode(): Promise<void> {
    Loaded ??= await load();
  }

  function Lazy(props: Props) {
    const [loading, setLoading] = useState<Loading>({ kind: Loaded ? "there" : "coming" });
    const isComing = loading.kind === "coming";
    useEffect(() => {
      if (!isComing) {
        return;
      }
      let isWanted = true;
      const tell = (kind: "there" | "failed") => isWanted && setLoading({ kind });
      fetchCode().then(
        () => tell("there"),
        () => tell("failed"),
      );
      return () => {
        isWanted = false;
      };
    }, [isComing]);
    if (Loaded) {
      return <Loaded {...props} />;
    }
    return loading.kind === "failed" ? <NotLoaded onAgain={() => setLoading({ kind: "coming" })} /> : null;
  }

  return Object.assign(Lazy, {
    preload() {
      fetchCode().catch(() => {}); // whoever wants it hears of it
    },
  });
}

function NotLoaded({ onAgain }: { onAgain: () => void }) {
  return (
    <div role="alert" className="island pointer-events-auto flex items-center gap-3 self-start p-3 text-body">
      This part of the studio could not be loaded.
      <Button onClick={onAgain}>Try again</Button>
    </div>
  );
}
