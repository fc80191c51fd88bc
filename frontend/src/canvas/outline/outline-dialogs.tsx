"use client";
/** What the outline asks: a new name, and where an output shall lead. */

import { type FormEvent, useState } from "react";
import { useStore } from "zustand";
import type { CommandContext } from "@/canvas/commands/command";
import { perform } from "@/canvas/commands/perform";
import { rename } from "@/canvas/editing/adding";
import { connect } from "@/canvas/editing/connecting";
import { type ConnectTarget, connectTargets } from "@/canvas/outline/connect-targets";
import { type Choice, ChoiceList } from "@/canvas/palette/choice-list";
import { TYPE_COLOUR } from "@/nodes/node-type";
import { nodeDefinition } from "@/nodes/registry";
import { LONGEST_TITLE } from "@/nodes/titles";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/text-field";

interface NodeDialogProps {
  context: CommandContext;
  nodeId: string;
  onClose: () => void;
}

export function RenameDialog({ context, nodeId, onClose }: NodeDialogProps) {
  const node = useStore(context.document.graph, ({ nodes }) => nodes.get(nodeId));

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const title = new FormData(event.currentTarget).get("title");
    if (typeof title === "string") {
      perform(context, rename(context.document.graph.getState(), nodeId, title));
    }
    onClose();
  }

  return (
    <Dialog title={`Rename “${node?.title ?? ""}”`} isOpen={node !== undefined} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Name"
          name="title"
          defaultValue={node?.title}
          required
          maxLength={LONGEST_TITLE}
          autoComplete="off"
        />
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button look="primary" type="submit">
            Rename
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** More would not be read; typing narrows them. */
const MOST_TARGETS = 50;

export function ConnectDialog({ context, nodeId, onClose }: NodeDialogProps) {
  const graph = useStore(context.document.graph);
  const [query, setQuery] = useState("");
  const node = graph.nodes.get(nodeId);
  const choices = connectTargets(graph, nodeId, query, MOST_TARGETS).map(({ wire, ...target }) =>
    targetChoice(target, () => {
      perform(context, connect(context.document.graph.getState(), wire));
      onClose();
    }),
  );
  return (
    <Dialog
      title={`Connect the output of “${node?.title ?? ""}”`}
      description="To an input that takes it:"
      isOpen={node !== undefined}
      onClose={onClose}
    >
      <ChoiceList
        label="Where the output leads"
        placeholder="Name of a node, or of an input"
        query={query}
        onQuery={setQuery}
        groups={[{ heading: "Inputs that fit", choices }]}
        empty={query === "" ? "No node has an input that fits." : `No input fits “${query}”.`}
        className="-mx-5 max-h-[min(50vh,400px)] border-line border-t"
      />
    </Dialog>
  );
}

function targetChoice({ node, input, replaces }: Omit<ConnectTarget, "wire">, onChoose: () => void): Choice {
  return {
    id: `${node.id}-${input.name}`,
    label: `${node.title}: ${input.title}`,
    hint: replaces === null ? null : `Takes the place of “${replaces}”`,
    icon: nodeDefinition(node.type).icon,
    iconClassName: TYPE_COLOUR[input.type],
    onChoose,
  };
}
