"use client";
/** The project's name: a heading that can be typed over by those who may. */

import { type KeyboardEvent, useRef, useState } from "react";
import { useStore } from "zustand";
import { useProject } from "@/live/project-context";
import { LONGEST_TITLE } from "@/nodes/titles";

export function ProjectName() {
  const project = useProject();
  const name = useStore(project.graph, (graph) => graph.name);
  const [isTyping, setTyping] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);

  function commit(typed: string) {
    const next = typed.trim();
    if (next !== "" && next !== name) {
      project.edit("rename the project", [{ op: "update_project", name: next }]);
    }
    setTyping(false);
  }

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>) {
    event.stopPropagation(); // the canvas has shortcuts of its own for these keys
    if (event.key === "Enter") {
      commit(event.currentTarget.value);
    } else if (event.key === "Escape") {
      setTyping(false);
    } else {
      return;
    }
    requestAnimationFrame(() => opener.current?.focus());
  }

  if (isTyping) {
    return (
      <>
        <h1 className="sr-only">{name}</h1>
        <input
          // biome-ignore lint/a11y/noAutofocus: the person has just asked to type here.
          autoFocus
          aria-label="Name of the project"
          defaultValue={name}
          maxLength={LONGEST_TITLE}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={(event) => commit(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          className="-mx-1.5 h-[22px] w-[min(240px,40vw)] rounded-[6px] bg-field px-1.5 text-title shadow-[inset_0_0_0_1px_var(--color-line-strong)] focus-visible:outline-offset-0"
        />
      </>
    );
  }
  return (
    <h1 className="truncate text-title leading-[18px]">
      {project.canEdit ? (
        <button
          ref={opener}
          type="button"
          title="Rename the project"
          onClick={() => setTyping(true)}
          className="-mx-1 max-w-[calc(100%+8px)] truncate rounded-[6px] px-1 hover:bg-raise/60"
        >
          {name}
        </button>
      ) : (
        name
      )}
    </h1>
  );
}
