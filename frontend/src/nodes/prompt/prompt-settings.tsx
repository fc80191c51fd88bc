"use client";
/** The settings of a prompt node in the inspector: the person's words beside what Gemini made of them, and which are sent. */

import { Sparkles } from "lucide-react";
import { enhancePrompt } from "@/api/jobs";
import { useStudio } from "@/api/studio";
import { isActive } from "@/live/node-status";
import type { Edit } from "@/live/operations";
import { useProject } from "@/live/project-context";
import type { NodeViewProps } from "@/nodes/node-type";
import { type Enhancement, LONGEST_PROMPT, parsePromptConfig } from "@/nodes/prompt/prompt-config";
import { DraftTextArea } from "@/nodes/settings/draft-text-area";
import { FeedsList } from "@/nodes/settings/feeds-list";
import { useTask } from "@/nodes/use-task";
import { whenSaved } from "@/nodes/when-saved";
import { Button } from "@/ui/button";
import { Segmented } from "@/ui/segmented";

export function PromptSettings({ node, moment }: NodeViewProps) {
  const project = useProject();
  const { text, enhanced, use } = parsePromptConfig(node.config);
  const write = (label: string, config: Record<string, unknown>, field?: string) => {
    const edit: Edit = { op: "update_node", node_id: node.id, config };
    project.edit(label, [edit], { mergeKey: field === undefined ? null : `${node.id}:${field}` });
  };
  return (
    <div className="flex flex-col gap-5">
      {enhanced && (
        <Segmented
          label="Sent to the model"
          options={[
            { value: "text", label: "Your words" },
            { value: "enhanced", label: "Enhanced" },
          ]}
          value={use}
          onChange={(value) => write("choose the words", { use: value })}
          isDisabled={!project.canEdit}
        />
      )}
      <DraftTextArea
        label="Your words"
        value={text}
        maxLength={LONGEST_PROMPT}
        placeholder="Describe the shot: who or what, what happens, where, how the camera moves."
        onCommit={(words) => write("edit prompt", { text: words }, "text")}
        isDisabled={!project.canEdit}
      />
      {project.canEdit && (
        <EnhanceButton nodeId={node.id} isBusy={isActive(moment.status)} isEmpty={text.trim() === ""} />
      )}
      {enhanced && (
        <Enhanced
          enhanced={enhanced}
          isOfOtherWords={enhanced.of_text !== text}
          canEdit={project.canEdit}
          onCommit={(words) =>
            write("edit enhanced prompt", { enhanced: { ...enhanced, enhanced_prompt: words } }, "enhanced")
          }
        />
      )}
      <FeedsList nodeId={node.id} />
    </div>
  );
}

function EnhanceButton({ nodeId, isBusy, isEmpty }: { nodeId: string; isBusy: boolean; isEmpty: boolean }) {
  const { api } = useStudio();
  const project = useProject();
  const task = useTask();
  async function enhance(): Promise<void> {
    await whenSaved(project);
    await enhancePrompt(api, { projectId: project.projectId, nodeId, key: crypto.randomUUID() });
  }
  return (
    <Button
      className="self-start"
      isBusy={isBusy || task.isBusy}
      disabled={isEmpty}
      title={isEmpty ? "Write something first" : undefined}
      onClick={() => void task.start(enhance)}
    >
      {!(isBusy || task.isBusy) && <Sparkles aria-hidden className="size-4" />}
      Enhance with Gemini
    </Button>
  );
}

interface EnhancedProps {
  enhanced: Enhancement;
  isOfOtherWords: boolean;
  canEdit: boolean;
  onCommit: (words: string) => void;
}

function Enhanced({ enhanced, isOfOtherWords, canEdit, onCommit }: EnhancedProps) {
  return (
    <>
      <DraftTextArea
        label="Enhanced"
        value={enhanced.enhanced_prompt}
        maxLength={LONGEST_PROMPT}
        onCommit={onCommit}
        isDisabled={!canEdit}
        hint={isOfOtherWords ? "Made of other words than yours are now." : undefined}
      />
      {enhanced.negative_prompt && (
        <section aria-label="Without" className="flex flex-col gap-1.5">
          <h3 className="text-body text-mut">Without</h3>
          <p className="text-body">{enhanced.negative_prompt}</p>
          <p className="text-dim text-meta">Sent with the enhanced words, unless the video node says otherwise.</p>
        </section>
      )}
      {enhanced.shot_notes.length > 0 && (
        <section aria-label="Notes on the shot" className="flex flex-col gap-1.5">
          <h3 className="text-body text-mut">Notes on the shot</h3>
          <ul className="list-disc pl-4 text-body marker:text-dim">
            {enhanced.shot_notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
