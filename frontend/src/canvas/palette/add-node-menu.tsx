"use client";
/** The menu at a point of the canvas: which kind of node to add there, and at a wire's loose end, to what the wire leads. */

import { Popover as Radix } from "radix-ui";
import { useState } from "react";
import { useStore } from "zustand";
import type { ClientPoint } from "@/canvas/canvas-view";
import { ChoiceList } from "@/canvas/palette/choice-list";
import { type KindToAdd, kindChoices } from "@/canvas/palette/choices";
import type { PulledEnd } from "@/canvas/scene/stage-props";
import { useProject } from "@/live/project-context";

interface AddNodeMenuProps {
  /** Where, in the window; null: closed. */
  at: ClientPoint | null;
  /** The wire whose loose end was dropped there; null: none. */
  end: PulledEnd | null;
  onPick: (kind: KindToAdd) => void;
  onClose: () => void;
}

export function AddNodeMenu({ at, end, onPick, onClose }: AddNodeMenuProps) {
  return (
    <Radix.Root open={at !== null} onOpenChange={(open) => !open && onClose()}>
      <Radix.Anchor asChild>
        <span
          aria-hidden
          className="pointer-events-none fixed size-0"
          style={{ left: at?.clientX ?? 0, top: at?.clientY ?? 0 }}
        />
      </Radix.Anchor>
      <Radix.Portal>
        <Radix.Content
          aria-label="Add a node"
          side="right"
          align="start"
          sideOffset={4}
          collisionPadding={12}
          className="z-50 w-[260px] animate-appear overflow-hidden rounded-media bg-panel text-body text-fg shadow-island"
        >
          <Kinds
            end={end}
            onPick={(kind) => {
              onPick(kind);
              onClose();
            }}
          />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Kinds({ end, onPick }: Pick<AddNodeMenuProps, "end" | "onPick">) {
  const { graph } = useProject();
  const now = useStore(graph);
  const [query, setQuery] = useState("");
  const choices = kindChoices(now, end, query, onPick);
  return (
    <ChoiceList
      label={end === null ? "Which node to add" : "Which node to connect to"}
      placeholder={end === null ? "Add a node" : "Connect to a new node"}
      query={query}
      onQuery={setQuery}
      groups={[{ heading: end === null ? "Nodes" : "Nodes that fit", choices }]}
      empty={query === "" ? "No node fits this wire." : `Nothing fits “${query}”.`}
      className="max-h-[min(50vh,360px)]"
    />
  );
}
