"use client";
/** One's projects, and the beginning of a new one. */

import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { projectsQuery } from "@/api/projects";
import { useStudio } from "@/api/studio";
import { AccountIsland } from "@/app/_account/account-island";
import { NewProjectForm } from "@/app/_projects/new-project-form";
import { ProjectList } from "@/app/_projects/project-list";
import { Button } from "@/ui/button";
import { Logo } from "@/ui/logo";
import { ProblemNotice } from "@/ui/problem-notice";

export function ProjectsPage() {
  const { api } = useStudio();
  const projects = useQuery({ ...projectsQuery(api), refetchOnWindowFocus: true });
  const [isNaming, setIsNaming] = useState(false);
  const isEmpty = projects.data?.length === 0;
  return (
    <>
      <title>Projects · Reelgraph</title>
      <header className="pointer-events-none sticky top-0 z-10 flex justify-between gap-3 p-3">
        <div className="island pointer-events-auto flex h-12 items-center gap-3 py-2 pr-4 pl-2">
          <Logo />
          <span className="text-title tracking-tight">Reelgraph</span>
        </div>
        <AccountIsland />
      </header>
      <main className="mx-auto flex w-full max-w-3xl flex-col gap-5 px-4 pt-8 pb-20 sm:pt-14">
        <div className="flex min-h-9 items-center justify-between gap-4">
          <h1 className="text-[24px] font-semibold leading-8 tracking-tight">Projects</h1>
          {!isEmpty && !isNaming && (
            <Button look="primary" onClick={() => setIsNaming(true)} disabled={!projects.data}>
              <Plus aria-hidden className="size-4" />
              New project
            </Button>
          )}
        </div>
        {(isNaming || isEmpty) && <NewProjectForm isFirst={isEmpty} onCancel={() => setIsNaming(false)} />}
        {projects.error !== null && (
          <ProblemNotice problem={asProblem(projects.error)}>
            <Button onClick={() => projects.refetch()} isBusy={projects.isFetching}>
              Try again
            </Button>
          </ProblemNotice>
        )}
        {projects.data ? <ProjectList projects={projects.data} /> : projects.error === null && <ListSkeleton />}
      </main>
    </>
  );
}

function ListSkeleton() {
  return (
    <div role="status" className="island h-[204px] animate-sheen">
      <span className="sr-only">Loading your projects</span>
    </div>
  );
}
