"use client";
/** Chooses the colour of a frame or a note. */

import { useId } from "react";
import { useProject } from "@/live/project-context";
import { COLOURS, type Colour, LOOK } from "@/nodes/colours";
import { cn } from "@/ui/class-names";

export function ColourField({ nodeId, colour }: { nodeId: string; colour: Colour }) {
  const project = useProject();
  const name = useId();
  return (
    <fieldset disabled={!project.canEdit} className="flex flex-col gap-2">
      <legend className="mb-2 text-body text-mut">Colour</legend>
      <div className="flex gap-1">
        {COLOURS.map((choice) => (
          <label
            key={choice}
            title={LOOK[choice].name}
            className="relative grid size-9 cursor-pointer place-items-center"
          >
            <input
              type="radio"
              name={name}
              value={choice}
              checked={choice === colour}
              onChange={() =>
                project.edit("change colour", [{ op: "update_node", node_id: nodeId, config: { colour: choice } }])
              }
              className="peer absolute inset-0 cursor-pointer appearance-none rounded-full"
            />
            <span
              aria-hidden
              className={cn(
                "size-5 rounded-full peer-checked:ring-2 peer-checked:ring-fg peer-checked:ring-offset-2 peer-checked:ring-offset-panel",
                LOOK[choice].sample,
              )}
            />
            <span className="sr-only">{LOOK[choice].name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
