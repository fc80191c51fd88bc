/** Projects as rows: name, what one is in it, and when it last changed. */

import { ChevronRight } from "lucide-react";
import Link from "next/link";
import type { Project } from "@/api/projects";
import { Chip } from "@/ui/chip";
import { RelativeTime } from "@/ui/relative-time";

export function ProjectList({ projects }: { projects: readonly Project[] }) {
  if (projects.length === 0) {
    return null;
  }
  return (
    <ul className="island flex flex-col p-1.5">
      {projects.map((project) => (
        <li
          key={project.id}
          className="group relative not-first:border-line not-first:border-t hover:border-transparent"
        >
          <Link
            href={`/canvas?project=${project.id}`}
            // Every row leads to the same page: a request ahead for each of a thousand would bring nothing.
            prefetch={false}
            className="flex items-center gap-3.5 rounded-media px-3 py-3 transition-colors hover:bg-raise/60"
          >
            <Monogram name={project.name} />
            <span className="flex min-w-0 flex-1 flex-col">
              <span className="truncate text-title">{project.name}</span>
              <span className="text-meta text-dim">
                Changed <RelativeTime at={project.updated_at} />
              </span>
            </span>
            <Chip className="capitalize">{project.role}</Chip>
            <ChevronRight aria-hidden className="size-4 text-dim transition-transform group-hover:translate-x-0.5" />
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Monogram({ name }: { name: string }) {
  return (
    <span
      aria-hidden
      className="grid size-10 shrink-0 place-items-center rounded-input bg-raise font-semibold text-mut text-title uppercase shadow-[inset_0_0_0_1px_var(--color-line)]"
    >
      {[...name.trim()][0] ?? "·"}
    </span>
  );
}
