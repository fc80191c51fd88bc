"use client";
/** A text of a node's settings that is typed in the inspector: handed on when the typing rests, not key by key. */

import type { KeyboardEvent, ReactNode } from "react";
import { useDraft } from "@/nodes/use-draft";
import { TextArea } from "@/ui/text-area";

interface DraftTextAreaProps {
  label: string;
  value: string;
  onCommit: (text: string) => void;
  isDisabled: boolean;
  aside?: ReactNode;
  hint?: string;
  placeholder?: string;
  maxLength?: number;
  rows?: number;
  className?: string;
}

export function DraftTextArea({ value, onCommit, isDisabled, ...rest }: DraftTextAreaProps) {
  const draft = useDraft(value, (text) => text !== value && onCommit(text));

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      draft.flush(); // the canvas runs something by this key: with these words
    }
  }

  return (
    <TextArea
      {...rest}
      value={draft.text}
      onChange={draft.change}
      onBlur={draft.leave}
      onKeyDown={onKeyDown}
      disabled={isDisabled}
    />
  );
}
