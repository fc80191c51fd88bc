"use client";
/** One project in the list: its picture, its name, and what can be done with it. */

import { Copy, Download, MoreHorizontal, PencilLine, Trash2 } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import type { Project } from "@/api/projects";
import { imaginedGraph } from "@/app/_projects/miniature";
import { WorkflowPicture } from "@/app/_projects/workflow-picture";
import { Chip } from "@/ui/chip";
import { Menu, type MenuItem } from "@/ui/menu";
import { RelativeTime } from "@/ui/relative-time";

/** What can be asked for with a project. */
export type ProjectAction = "rename" | "duplicate" | "export" | "delete";

interface ProjectCardProps {
  project: Project;
  onAction: (action: ProjectAction) => void;
}

export function ProjectCard({ project, onAction }: ProjectCardProps) {
  return (
    <li className="group relative flex flex-col rounded-node bg-card p-2 shadow-node transition-transform duration-200 hover:-translate-y-0.5 focus-within:-translate-y-0.5">
      <Thumbnail key={project.thumbnail_url} project={project} />
      <div className="flex items-start gap-1 px-2 pt-3 pb-1.5">
        <div className="flex min-w-0 flex-1 flex-col">
          <h2 className="text-title">
            <Link
              href={`/canvas?project=${project.id}`}
              // Every card leads to the same page: a request ahead for each of a thousand would bring nothing.
              prefetch={false}
              className="block truncate after:absolute after:inset-0 after:rounded-node focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:outline-fg focus-visible:after:outline-offset-2"
            >
              {project.name}
            </Link>
          </h2>
          <p className="truncate text-dim text-meta">
            Changed <RelativeTime at={project.updated_at} />
            {` · ${project.node_count} ${project.node_count === 1 ? "node" : "nodes"}`}
          </p>
        </div>
        <Menu items={itemsFor(project, onAction)} align="end">
          <button
            type="button"
            aria-label={`Menu of ${project.name}`}
            className="relative -mr-0.5 grid size-8 shrink-0 place-items-center rounded-input text-mut hover:bg-raise hover:text-fg data-[state=open]:bg-raise"
          >
            <MoreHorizontal aria-hidden className="size-4" />
          </button>
        </Menu>
      </div>
    </li>
  );
}

function itemsFor(project: Project, onAction: (action: ProjectAction) => void): MenuItem[] {
  const isOwner = project.role === "owner";
  const mayEdit = isOwner || project.role === "editor";
  return [
    {
      kind: "action",
      label: "Rename",
      icon: PencilLine,
      onSelect: () => onAction("rename"),
      isDisabled: !mayEdit,
      hint: mayEdit ? undefined : "Viewers cannot rename a project.",
    },
    {
      kind: "action",
      label: "Duplicate",
      icon: Copy,
      onSelect: () => onAction("duplicate"),
      hint: "Settings and wires, without media",
    },
    { kind: "action", label: "Export as JSON", icon: Download, onSelect: () => onAction("export") },
    { kind: "separator" },
    {
      kind: "action",
      label: "Delete",
      icon: Trash2,
      onSelect: () => onAction("delete"),
      isDangerous: true,
      isDisabled: !isOwner,
      hint: isOwner ? undefined : "Only its owner can delete a project.",
    },
  ];
}

function Thumbnail({ project }: { project: Project }) {
  const [isBroken, setIsBroken] = useState(false); // its signed address has ended, or the picture is gone
  const address = project.thumbnail_url;
  return (
    <div className="canvas-dots relative aspect-video overflow-hidden rounded-media bg-bg shadow-[inset_0_0_0_1px_var(--color-line)]">
      {address && !isBroken ? (
        // biome-ignore lint/performance/noImgElement: the export has no server that could shrink it; it is small already.
        <img src={address} alt="" loading="lazy" onError={() => setIsBroken(true)} className="size-full object-cover" />
      ) : (
        <Placeholder project={project} />
      )}
      {project.role !== "owner" && (
        <Chip className="absolute top-2 right-2 bg-scrim text-on-media capitalize">{project.role}</Chip>
      )}
    </div>
  );
}

function Placeholder({ project: { id, node_count } }: { project: Project }) {
  if (node_count === 0) {
    return <p className="grid size-full place-items-center text-dim text-meta">Empty canvas</p>;
  }
  return (
    <div className="size-full p-[5%]">
      <WorkflowPicture drawing={imaginedGraph(id, node_count)} />
    </div>
  );
}
