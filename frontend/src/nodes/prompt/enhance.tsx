"use client";
/** Has Gemini enhance a prompt, and shows what it made of it beside the person's own words. */

import { CircleAlert, Sparkles, Square } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import { cancelJob, enhancePrompt, retryJob } from "@/api/jobs";
import { useStudio } from "@/api/studio";
import { isActive, type Reason } from "@/live/node-status";
import { useProject } from "@/live/project-context";
import type { NodeViewProps } from "@/nodes/node-type";
import { chosenWording, isOutdated, parsePromptConfig } from "@/nodes/prompt/prompt-config";
import { type Task, useTask } from "@/nodes/use-task";
import { whenSaved } from "@/nodes/when-saved";
import { cn } from "@/ui/class-names";
import { lazily } from "@/ui/lazily";
import { Spinner } from "@/ui/spinner";

/** Only prompts that were enhanced need them. */
const Compare = lazily(async () => (await import("@/nodes/prompt/compare")).Compare);
const Popover = lazily(async () => (await import("@/ui/popover")).Popover);

const PILL =
  "nodrag nopan inline-flex h-6 shrink-0 items-center gap-1.5 rounded-full bg-raise/70 px-2.5 text-meta text-mut transition-colors hover:bg-raise hover:text-fg disabled:opacity-60 [&_svg]:size-3";

/** What can be done with the words of a prompt node now. */
export function Enhance({ node, moment }: NodeViewProps) {
  const { canEdit } = useProject();
  const config = parsePromptConfig(node.config);
  const { task, enhance } = useEnhance(node.id);
  const { status } = moment;
  if (isActive(status) || task.isBusy) {
    return <Enhancing jobId={"jobId" in status ? status.jobId : null} />;
  }
  const hasWords = config.text.trim() !== "";
  return (
    <>
      {config.enhanced && <CompareButton node={node} moment={moment} task={task} enhance={enhance} />}
      {canEdit && (config.enhanced === null || isOutdated(config)) && (
        <button
          type="button"
          className={PILL}
          disabled={!hasWords}
          aria-label={config.enhanced ? "Enhance again" : undefined}
          title={hasWords ? undefined : "Write down an idea first; a few words are enough."}
          onClick={enhance}
        >
          <Sparkles aria-hidden /> Enhance
        </button>
      )}
      {(status.state === "failed" || status.state === "blocked") && (
        <WhyNot reason={status.reason} jobId={status.jobId} task={task} />
      )}
    </>
  );
}

/** One key for each click; a click that failed is repeated under its own. */
function useEnhance(nodeId: string): { task: Task; enhance: () => void } {
  const project = useProject();
  const { api } = useStudio();
  const task = useTask();
  const key = useRef<string | null>(null);
  const enhance = () =>
    void task.start(async () => {
      await whenSaved(project);
      key.current ??= crypto.randomUUID();
      await enhancePrompt(api, { projectId: project.projectId, nodeId, key: key.current });
      key.current = null;
    });
  return { task, enhance };
}

function Enhancing({ jobId }: { jobId: string | null }) {
  const { api } = useStudio();
  const { canEdit } = useProject();
  const task = useTask();
  return (
    <>
      <span className={cn(PILL, "text-fg hover:bg-raise/70 [&_svg]:text-type-text")}>
        <Spinner /> Enhancing…
      </span>
      {canEdit && jobId !== null && (
        <button
          type="button"
          aria-label="Stop enhancing"
          title="Stop enhancing"
          disabled={task.isBusy}
          onClick={() => task.start(() => cancelJob(api, jobId))}
          className={cn(PILL, "px-2")}
        >
          <Square aria-hidden className="fill-current" />
        </button>
      )}
    </>
  );
}

function CompareButton({ node, task, enhance }: NodeViewProps & { task: Task; enhance: () => void }) {
  const isEnhanced = chosenWording(parsePromptConfig(node.config)) === "enhanced";
  return (
    <Popover
      label="Compare your words with the enhanced ones"
      side="top"
      className="w-[min(640px,calc(100vw-24px))] p-4"
      trigger={
        <button
          type="button"
          title="Compare"
          className={cn(PILL, isEnhanced && "bg-type-text/14 text-fg hover:bg-type-text/20 [&_svg]:text-type-text")}
        >
          <Sparkles aria-hidden /> {isEnhanced ? "Enhanced" : "Your words"}
        </button>
      }
    >
      {/* A portal's events still bubble to the node in React: keys in here are no shortcuts of the canvas. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only keeps keys from what lies around. */}
      <div onKeyDown={keepWithin}>
        <Compare node={node} isBusy={task.isBusy} onEnhance={enhance} />
      </div>
    </Popover>
  );
}

function WhyNot({ reason, jobId, task }: { reason: Reason; jobId: string | null; task: Task }) {
  const { api } = useStudio();
  const { canEdit } = useProject();
  return (
    <Popover
      label="Why it was not enhanced"
      side="top"
      trigger={
        <button type="button" className={cn(PILL, "text-err-text hover:text-err-text")}>
          <CircleAlert aria-hidden /> Why
        </button>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: as above. */}
      <div onKeyDown={keepWithin} className="flex flex-col gap-1">
        <p className="font-medium">{reason.message}</p>
        {reason.advice && <p className="text-mut">{reason.advice}</p>}
        {canEdit && reason.canRetry && jobId !== null && (
          <button
            type="button"
            disabled={task.isBusy}
            onClick={() => task.start(() => retryJob(api, jobId, crypto.randomUUID()))}
            className={cn(PILL, "mt-2 self-start")}
          >
            Try again
          </button>
        )}
      </div>
    </Popover>
  );
}

function keepWithin(event: KeyboardEvent): void {
  if (event.key !== "Escape") {
    event.stopPropagation();
  }
}
