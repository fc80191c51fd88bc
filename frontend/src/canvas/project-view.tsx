"use client";
/** A project on screen: who it is, how live it is, and its nodes as cards in reading order. */

import type { ReactNode } from "react";
import { Announcer } from "@/canvas/announcer";
import { NodeGrid } from "@/canvas/node-grid";
import { ProjectIsland } from "@/canvas/project-island";
import type { ConnectionState } from "@/live/feed";
import { ProjectProvider } from "@/live/project-context";
import type { ProjectReplica } from "@/live/project-replica";
import { ProblemNotice } from "@/ui/problem-notice";

interface ProjectViewProps {
  /** Who is signed in, at the top right. */
  account: ReactNode;
  replica: ProjectReplica;
  connection: ConnectionState;
}

export function ProjectView({ account, replica, connection }: ProjectViewProps) {
  return (
    <ProjectProvider value={replica}>
      <header className="pointer-events-none sticky top-0 z-10 flex justify-between gap-3 p-3">
        <ProjectIsland connection={connection} />
        {account}
      </header>
      <main className="mx-auto w-full max-w-[1500px] px-4 pt-4 pb-24 sm:px-8 sm:pt-8">
        {connection.kind === "ended" && (
          <ProblemNotice problem={connection.problem} className="mb-6">
            <p className="text-mut">What you see here does not change any more.</p>
          </ProblemNotice>
        )}
        <NodeGrid />
      </main>
      <Announcer />
    </ProjectProvider>
  );
}
