"use client";
/** The pictures and the video that are wired in, by what each is for. */

import { Image, Unplug } from "lucide-react";
import { useProject } from "@/live/project-context";
import { useNodeMoment } from "@/live/status-store";
import { parseImageConfig } from "@/nodes/image/image-config";
import { NodeLink } from "@/nodes/settings/node-link";
import { useAsset, useTake } from "@/nodes/use-media";
import type { VideoSettingsForm } from "@/nodes/video/settings/use-video-settings";
import { type WiredSource, wireProblems } from "@/nodes/video/wires";

/** In the order in which a person thinks of them; services/core/projects/node_types.py has the names. */
const PORTS = [
  { name: "image", title: "First frame" },
  { name: "last_frame", title: "Last frame" },
  { name: "references", title: "Reference" },
  { name: "video", title: "Goes on from" },
] as const;

export function InputsField({ form }: { form: VideoSettingsForm }) {
  const { wired, model } = form;
  const wires = PORTS.flatMap(({ name, title }) => (wired.sources.get(name) ?? []).map((input) => ({ title, input })));
  const problems = wireProblems(wired.sources, model);
  return (
    <section aria-label="Inputs" className="flex flex-col gap-2">
      <h3 className="text-body text-mut">Inputs</h3>
      {wires.length === 0 ? (
        <p className="text-dim text-meta">{whatCanBeWired(form)}</p>
      ) : (
        <ul className="flex flex-col gap-1.5">
          {wires.map(({ title, input }) => (
            <Input key={input.wire.id} title={title} input={input} canEdit={form.canEdit} />
          ))}
        </ul>
      )}
      {problems.map((words) => (
        <p key={words} role="alert" className="rounded-input bg-warn/10 p-3 text-body">
          {words}
        </p>
      ))}
    </section>
  );
}

function whatCanBeWired({ model }: VideoSettingsForm): string {
  const kinds = [
    "a picture to begin with",
    ...(model.can_last_frame ? ["one to end with"] : []),
    ...(model.max_references > 0 ? [`up to ${model.max_references} references`] : []),
    ...(model.can_extend ? ["a video to go on from"] : []),
  ];
  return `Nothing is wired in. It takes ${kinds.join(", ")}.`;
}

function Input({ title, input, canEdit }: { title: string; input: WiredSource; canEdit: boolean }) {
  const project = useProject();
  const { source, wire } = input;
  return (
    <li className="flex items-center gap-2.5 rounded-input bg-field p-1.5 shadow-[inset_0_0_0_1px_var(--color-line)]">
      <Thumbnail input={input} />
      <div className="flex min-w-0 flex-1 flex-col">
        <span className="text-dim text-meta">{title}</span>
        <NodeLink nodeId={source.id} title={source.title} className="self-start text-left text-body" />
      </div>
      {canEdit && (
        <button
          type="button"
          aria-label={`Disconnect ${source.title}`}
          title="Disconnect"
          onClick={() => project.edit(`disconnect ${source.title}`, [{ op: "disconnect", connection_id: wire.id }])}
          className="grid size-8 shrink-0 place-items-center rounded-[8px] text-mut hover:bg-raise/60 hover:text-fg"
        >
          <Unplug aria-hidden className="size-4" />
        </button>
      )}
    </li>
  );
}

function Thumbnail({ input: { source } }: { input: WiredSource }) {
  const { statuses } = useProject();
  const { selectedTakeId } = useNodeMoment(statuses, source.id);
  const picture = useAsset(source.type === "image" ? parseImageConfig(source.config).asset_id : null);
  const take = useTake(source.type === "video" ? selectedTakeId : null);
  const address = picture?.thumbnail_url ?? take?.asset.thumbnail_url ?? take?.asset.poster_url ?? null;
  return (
    <span className="grid h-9 w-14 shrink-0 place-items-center overflow-hidden rounded-[7px] bg-media text-dim">
      {address === null ? (
        <Image aria-hidden className="size-4" />
      ) : (
        // biome-ignore lint/performance/noImgElement: a signed address on another host; a static export has no optimiser.
        <img src={address} alt="" loading="lazy" decoding="async" className="size-full object-cover object-[50%_20%]" />
      )}
    </span>
  );
}
