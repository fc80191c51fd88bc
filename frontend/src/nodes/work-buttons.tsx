"use client";
/** What can be done about work that goes on or that ended badly. */

import { Check, Copy, RotateCcw, Square } from "lucide-react";
import { useRef, useState } from "react";
import { cancelJob, retryJob } from "@/api/jobs";
import { useStudio } from "@/api/studio";
import { useProject } from "@/live/project-context";
import { MediaButton } from "@/nodes/media-button";
import { useTask } from "@/nodes/use-task";
import { Button } from "@/ui/button";

/** Stops a job. What was sent goes on until the next look at the provider: the button says so and takes no second click. */
export function CancelButton({ jobId }: { jobId: string }) {
  const { api } = useStudio();
  const { canEdit } = useProject();
  const task = useTask();
  const [cancelledJobId, setCancelled] = useState<string | null>(null);
  if (!canEdit) {
    return null;
  }
  const isStopping = cancelledJobId === jobId;
  return (
    <MediaButton
      hasWords
      label={isStopping ? "Stopping…" : "Cancel"}
      icon={<Square aria-hidden className="fill-current" />}
      isBusy={task.isBusy || isStopping}
      onClick={async () => {
        if (await task.start(() => cancelJob(api, jobId))) {
          setCancelled(jobId);
        }
      }}
    />
  );
}

/** Does a job once more; one click, one job, however often the request is repeated. */
export function RetryButton({ jobId, look }: { jobId: string; look?: "primary" | "quiet" }) {
  const { api } = useStudio();
  const { canEdit } = useProject();
  const task = useTask();
  const key = useRef<{ jobId: string; key: string } | null>(null);
  if (!canEdit) {
    return null;
  }
  const retry = () => {
    if (key.current?.jobId !== jobId) {
      key.current = { jobId, key: crypto.randomUUID() };
    }
    return retryJob(api, jobId, key.current.key);
  };
  return (
    <Button look={look} className="h-8 px-3" isBusy={task.isBusy} onClick={() => task.start(retry)}>
      {!task.isBusy && <RotateCcw aria-hidden className="size-3.5" />} Retry
    </Button>
  );
}

/** Puts facts on the clipboard, for a person to send to whoever helps. */
export function CopyDetailsButton({ text }: { text: string }) {
  const [isCopied, setCopied] = useState(false);
  const task = useTask();
  return (
    <Button
      look="ghost"
      className="h-8 px-3"
      onClick={async () => {
        setCopied(await task.start(() => navigator.clipboard.writeText(text)));
      }}
    >
      {isCopied ? <Check aria-hidden className="size-3.5" /> : <Copy aria-hidden className="size-3.5" />}
      {isCopied ? "Copied" : "Copy details"}
    </Button>
  );
}
