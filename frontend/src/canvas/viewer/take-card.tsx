"use client";
/** What is known of a take, and what can be done with it. */

import { useQuery } from "@tanstack/react-query";
import { Check, Download, Film } from "lucide-react";
import type { ReactNode } from "react";
import type { Take } from "@/api/media";
import { modelsQuery } from "@/api/models";
import { useStudio } from "@/api/studio";
import { useCanvas } from "@/canvas/canvas-context";
import { chainOf } from "@/canvas/viewer/take-facts";
import { useProject } from "@/live/project-context";
import { downloadAsset } from "@/nodes/download";
import { dollars } from "@/nodes/money";
import { durationWords } from "@/nodes/progress";
import { useTask } from "@/nodes/use-task";
import { Button } from "@/ui/button";
import { RelativeTime } from "@/ui/relative-time";

interface TakeCardProps {
  take: Take;
  name: string;
  /** All takes of the project: those it goes on from are among them. */
  takes: ReadonlyMap<string, Take>;
  /** The node shows this one. */
  isUsed: boolean;
}

export function TakeCard({ take, name, takes, isUsed }: TakeCardProps) {
  const project = useProject();
  const task = useTask();
  const use = () =>
    project.edit("choose take", [{ op: "update_node", node_id: take.node_id, selected_take_id: take.id }]);
  return (
    <section
      aria-label={name}
      className="flex flex-col gap-4 rounded-media bg-field p-4 shadow-[inset_0_0_0_1px_var(--color-line)]"
    >
      <header className="flex items-center justify-between gap-3">
        <h3 className="text-title">{name}</h3>
        <span className="text-meta text-mut">
          <RelativeTime at={take.created_at} />
        </span>
      </header>
      <Facts take={take} />
      <Chain chain={chainOf(takes, take.id)} />
      <div className="flex flex-wrap gap-2">
        {isUsed ? (
          <p className="flex h-9 items-center gap-2 px-1 text-body text-mut">
            <Check aria-hidden className="size-4 text-ok" /> The node uses this take
          </p>
        ) : (
          project.canEdit && (
            <Button look="primary" onClick={use}>
              Use this take
            </Button>
          )
        )}
        <Button isBusy={task.isBusy} onClick={() => void task.start(() => downloadAsset(take.asset))}>
          {!task.isBusy && <Download aria-hidden className="size-4" />}
          Download
        </Button>
        {project.canEdit && <ExportButton take={take} />}
      </div>
    </section>
  );
}

/** Larger, or as a file of its own for everybody in the project. */
function ExportButton({ take }: { take: Take }) {
  const { state } = useCanvas();
  const open = () => state.setState({ panel: { kind: "export", nodeIds: [], takeId: take.id } });
  return (
    <Button onClick={open}>
      <Film aria-hidden className="size-4" />
      Export film
    </Button>
  );
}

function Facts({ take }: { take: Take }) {
  const { api } = useStudio();
  const catalogue = useQuery(modelsQuery(api)).data;
  const { model, prompt, negative_prompt, seed, resolution } = take;
  const { duration_seconds, width, height } = take.asset;
  return (
    <>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-body [&>dd]:text-right [&>dt]:text-mut">
        {model !== null && <Fact title="Model">{catalogue?.models.find(({ id }) => id === model)?.name ?? model}</Fact>}
        {duration_seconds !== null && <Fact title="Length">{durationWords(duration_seconds)}</Fact>}
        {width !== null && height !== null && (
          <Fact title="Size">
            {width} × {height}
            {resolution !== null && ` (${resolution})`}
          </Fact>
        )}
        {seed !== null && (
          <Fact title="Seed">
            <span className="font-mono">{seed}</span>
          </Fact>
        )}
        <Fact title="Cost">{dollars(take.cost_microusd)}</Fact>
      </dl>
      {prompt !== null && <Words title="Prompt">{prompt}</Words>}
      {negative_prompt !== null && negative_prompt !== "" && <Words title="Without">{negative_prompt}</Words>}
    </>
  );
}

function Fact({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <dt>{title}</dt>
      <dd className="tabular-nums">{children}</dd>
    </>
  );
}

function Words({ title, children }: { title: string; children: string }) {
  return (
    <div className="text-body">
      <h4 className="text-mut">{title}</h4>
      <p className="max-h-40 overflow-y-auto whitespace-pre-wrap break-words [scrollbar-width:thin]">{children}</p>
    </div>
  );
}

/** The clips that the video has grown by, the first one first. */
function Chain({ chain }: { chain: readonly Take[] }) {
  if (chain.length < 2) {
    return null;
  }
  return (
    <div className="text-body">
      <h4 className="text-mut">Grown clip by clip</h4>
      <ol aria-label="Its clips" className="mt-1.5 flex gap-1 overflow-x-auto pb-1 [scrollbar-width:thin]">
        {chain.map((clip, index) => (
          <li key={clip.id} className="w-20 shrink-0">
            <Picture take={clip} />
            <span className="text-meta text-mut tabular-nums">{clipWords(chain, index)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** What this clip has added: each take holds all that came before it. */
function clipWords(chain: readonly Take[], index: number): string {
  const length = chain[index]?.asset.duration_seconds;
  if (length === null || length === undefined) {
    return `Clip ${index + 1}`;
  }
  const before = chain[index - 1]?.asset.duration_seconds ?? 0;
  return index === 0 ? durationWords(length) : `+ ${durationWords(length - before)}`;
}

export function Picture({ take }: { take: Take }) {
  const address = take.asset.thumbnail_url ?? take.asset.poster_url;
  return (
    <span className="block aspect-video w-full overflow-hidden rounded-[8px] bg-media">
      {address !== null && (
        // biome-ignore lint/performance/noImgElement: a signed address on another host; a static export has no optimiser.
        <img src={address} alt="" loading="lazy" decoding="async" className="size-full object-cover" />
      )}
    </span>
  );
}
