"use client";
/** What stands in the middle of a canvas with nothing on it: how to begin. */

import { Sparkles } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import { useStore } from "zustand";
import type { CommandContext } from "@/canvas/commands/command";
import { perform } from "@/canvas/commands/perform";
import { useCommands } from "@/canvas/commands/use-commands";
import { describeShot } from "@/canvas/editing/adding";
import { centreOf } from "@/canvas/editing/bounds";
import { LONGEST_PROMPT } from "@/nodes/prompt/prompt-config";
import { Button } from "@/ui/button";

/** Shows itself only while there are no nodes. Place it over the canvas; it lets the pointer through beside itself. */
export function EmptyCanvas({ context }: { context: CommandContext }) {
  const isEmpty = useStore(context.document.graph, ({ nodes }) => nodes.size === 0);
  if (!isEmpty) {
    return null;
  }
  return (
    <section
      aria-labelledby="empty-canvas-heading"
      className="pointer-events-none absolute inset-0 grid place-items-center p-4"
    >
      {context.document.canEdit ? <Composer context={context} /> : <NothingYet />}
    </section>
  );
}

function NothingYet() {
  return (
    <div className="flex max-w-sm flex-col items-center gap-2 text-center">
      <h2 id="empty-canvas-heading" className="font-semibold text-[17px] tracking-tight">
        Nothing on this canvas yet
      </h2>
      <p className="text-mut">What others add appears here by itself.</p>
    </div>
  );
}

function Composer({ context }: { context: CommandContext }) {
  const [text, setText] = useState("");
  const starters = useCommands(context, ["upload-pictures"]);
  const { document, canvas } = context;

  function submit(event: FormEvent | KeyboardEvent) {
    event.preventDefault();
    if (text.trim() === "") {
      return;
    }
    const at = centreOf(canvas.view.visibleRect());
    if (perform(context, describeShot(document.graph.getState(), text.trim(), at))) {
      canvas.view.fit();
    }
  }

  return (
    <div className="pointer-events-auto flex w-full max-w-[560px] flex-col items-center gap-5">
      <div className="flex flex-col items-center gap-1 text-center">
        <h2 id="empty-canvas-heading" className="font-semibold text-[22px] leading-8 tracking-tight">
          Describe a shot
        </h2>
        <p className="text-mut">Nothing on this canvas yet. Begin with words, or drop a picture anywhere.</p>
      </div>
      <form onSubmit={submit} className="flex w-full flex-col rounded-node bg-card p-2 shadow-node">
        <textarea
          aria-label="Describe a shot"
          value={text}
          maxLength={LONGEST_PROMPT}
          rows={3}
          placeholder="A lone lighthouse on a basalt cliff at golden hour, slow dolly-in, gulls far off"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
              event.stopPropagation();
              submit(event);
            }
          }}
          className="w-full resize-none rounded-media bg-field p-3.5 text-[16px] leading-6 placeholder:text-dim focus-visible:outline-offset-0 sm:text-[14px]"
        />
        <div className="flex flex-wrap items-center gap-2 px-1 pt-2 pb-0.5">
          {starters.map(({ command }) => (
            <Button key={command.id} look="ghost" className="px-2.5" onClick={() => command.run(context)}>
              <command.icon aria-hidden className="size-4" />
              {command.title}
            </Button>
          ))}
          <Button look="primary" type="submit" className="ml-auto" disabled={text.trim() === ""}>
            <Sparkles aria-hidden className="size-4" />
            Make nodes
          </Button>
        </div>
      </form>
    </div>
  );
}
