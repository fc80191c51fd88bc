"use client";
/** A video that was not made: why, what to do, and what became of the money. */

import type { NodeStatus } from "@/live/node-status";
import { useProject } from "@/live/project-context";
import { EndedBadly } from "@/nodes/ended-badly";
import { MediaNotice } from "@/nodes/media-notice";
import { useNodeActions } from "@/nodes/node-actions";
import { detailsText, guardWords, moneyWords, sentences } from "@/nodes/video/ending";
import { CopyDetailsButton, RetryButton } from "@/nodes/work-buttons";
import { Button } from "@/ui/button";

type Ended = Extract<NodeStatus, { state: "failed" | "blocked" | "cancelled" }>;

interface EndedVideoProps {
  node: { id: string; title: string };
  status: Ended;
}

export function BlockedVideo({ node, status }: EndedVideoProps) {
  const { reason, jobId } = status;
  return (
    <EndedBadly
      state="blocked"
      title={guardWords(status)}
      words={sentences(reason.message, moneyWords(status), reason.advice)}
    >
      <EditPromptButton nodeId={node.id} />
      {reason.canRetry && jobId !== null && <RetryButton jobId={jobId} />}
      <CopyDetailsButton text={detailsText(node, status)} />
    </EndedBadly>
  );
}

export function FailedVideo({ node, status }: EndedVideoProps) {
  const { reason, jobId } = status;
  return (
    <EndedBadly state="failed" title={reason.message} words={sentences(moneyWords(status), reason.advice)}>
      {reason.canRetry && jobId !== null && <RetryButton jobId={jobId} />}
      <CopyDetailsButton text={detailsText(node, status)} />
    </EndedBadly>
  );
}

/** The same over a result that was there before. */
export function EndedNotice({ node, status }: EndedVideoProps) {
  const { reason, jobId } = status;
  const advice = sentences(reason.advice, moneyWords(status)).join(" ");
  return (
    <MediaNotice message={reason.message} advice={advice}>
      {reason.canRetry && jobId !== null && <RetryButton jobId={jobId} />}
      {status.state === "failed" && <CopyDetailsButton text={detailsText(node, status)} />}
    </MediaNotice>
  );
}

function EditPromptButton({ nodeId }: { nodeId: string }) {
  const project = useProject();
  const actions = useNodeActions();
  if (actions === null || !project.canEdit) {
    return null;
  }
  return (
    <Button look="primary" className="h-8 px-3" onClick={() => actions.editPrompt(nodeId)}>
      Edit prompt
    </Button>
  );
}
