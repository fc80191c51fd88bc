"use client";
/** One's projects, and the beginning of a new one. */

import { useQuery } from "@tanstack/react-query";
import { Plus, Search } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { type Project, projectsQuery } from "@/api/projects";
import { useStudio } from "@/api/studio";
import { AccountIsland } from "@/app/_account/account-island";
import { NewProject } from "@/app/_projects/new-project";
import { type ProjectAction, ProjectCard } from "@/app/_projects/project-card";
import { DeleteDialog, RenameDialog } from "@/app/_projects/project-dialogs";
import { useProjectFiles } from "@/app/_projects/use-project-files";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Logo } from "@/ui/logo";
import { ProblemNotice } from "@/ui/problem-notice";

export function ProjectsPage() {
  const { api } = useStudio();
  const projects = useQuery({ ...projectsQuery(api), refetchOnWindowFocus: true });
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
      <main className="mx-auto flex w-full max-w-[1180px] flex-col gap-6 px-4 pt-6 pb-20 sm:px-8 sm:pt-10">
        {projects.error !== null && (
          <ProblemNotice problem={asProblem(projects.error)}>
            <Button onClick={() => projects.refetch()} isBusy={projects.isFetching}>
              Try again
            </Button>
          </ProblemNotice>
        )}
        <Content projects={projects.data} hasFailed={projects.error !== null} />
      </main>
    </>
  );
}

function Content({ projects, hasFailed }: { projects: readonly Project[] | undefined; hasFailed: boolean }) {
  if (projects === undefined) {
    return (
      <>
        <Title />
        {!hasFailed && <GridSkeleton />}
      </>
    );
  }
  return projects.length === 0 ? <FirstProject /> : <ProjectGrid projects={projects} />;
}

function Title() {
  return <h1 className="font-semibold text-[24px] leading-9 tracking-tight">Projects</h1>;
}

function FirstProject() {
  return (
    <>
      <div className="mx-auto flex w-full max-w-[760px] flex-col gap-1">
        <Title />
        <p className="text-mut">Begin with a template that is wired already, or with an empty canvas.</p>
      </div>
      <section
        aria-label="Your first project"
        className="island mx-auto w-full max-w-[760px] animate-appear p-5 sm:p-6"
      >
        <NewProject isFirst />
      </section>
    </>
  );
}

type OpenDialog = { kind: "none" } | { kind: "new" } | { kind: "rename" | "delete"; project: Project };

/** With fewer, one sees them all at a glance. */
const SEARCHED_FROM = 9;
const GRID = "grid grid-cols-[repeat(auto-fill,minmax(min(100%,260px),1fr))] gap-5";

function ProjectGrid({ projects }: { projects: readonly Project[] }) {
  const [dialog, setDialog] = useState<OpenDialog>({ kind: "none" });
  const [sought, setSought] = useState("");
  const files = useProjectFiles(projects);
  const words = projects.length >= SEARCHED_FROM ? sought.trim().toLocaleLowerCase() : "";
  const found = projects.filter((project) => project.name.toLocaleLowerCase().includes(words));
  const close = () => setDialog({ kind: "none" });

  function act(project: Project, action: ProjectAction) {
    switch (action) {
      case "rename":
      case "delete":
        return setDialog({ kind: action, project });
      case "export":
        return files.exportToFile(project);
      case "duplicate":
        return files.duplicate(project);
    }
  }

  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <Title />
        <div className="ml-auto flex items-center gap-2">
          {projects.length >= SEARCHED_FROM && <SearchField value={sought} onChange={setSought} />}
          <Button look="primary" onClick={() => setDialog({ kind: "new" })}>
            <Plus aria-hidden className="size-4" />
            New project
          </Button>
        </div>
      </div>
      {found.length === 0 ? (
        <p role="status" className="py-16 text-center text-mut">
          No project is called “{sought.trim()}”.
        </p>
      ) : (
        <ul aria-label="Projects" className={GRID}>
          {found.map((project) => (
            <ProjectCard key={project.id} project={project} onAction={(action) => void act(project, action)} />
          ))}
        </ul>
      )}
      <Dialog
        title="New project"
        isOpen={dialog.kind === "new"}
        onClose={close}
        className="w-[min(720px,calc(100vw-32px))]"
      >
        <NewProject />
      </Dialog>
      {dialog.kind === "rename" && <RenameDialog project={dialog.project} onClose={close} />}
      {dialog.kind === "delete" && <DeleteDialog project={dialog.project} onClose={close} />}
    </>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (sought: string) => void }) {
  return (
    <span className="relative">
      <Search aria-hidden className="pointer-events-none absolute top-2.5 left-3 size-4 text-dim" />
      <input
        type="search"
        aria-label="Search your projects"
        placeholder="Search"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-9 w-36 rounded-input bg-field pr-3 pl-9 text-[16px] text-fg shadow-[inset_0_0_0_1px_var(--color-line-strong)] placeholder:text-dim sm:w-56 sm:text-body"
      />
    </span>
  );
}

const SKELETONS = ["first", "second", "third", "fourth"];

function GridSkeleton() {
  return (
    <div role="status" className={GRID}>
      <span className="sr-only">Loading your projects</span>
      {SKELETONS.map((name) => (
        <div key={name} className="aspect-[10/8] animate-sheen rounded-node bg-card shadow-node" />
      ))}
    </div>
  );
}
