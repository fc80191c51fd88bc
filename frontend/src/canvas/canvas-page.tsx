"use client";
/** The page of one project: opens it, or says why it cannot be opened. */

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { type ReactNode, useState } from "react";
import { asProblem } from "@/api/problem";
import { type OpenProject, openProjectQuery } from "@/api/projects";
import { useSession, useStudio } from "@/api/studio";
import { ProjectView } from "@/canvas/project-view";
import { openDocument } from "@/live/open-document";
import { useLiveProject } from "@/live/use-live-project";
import { Button } from "@/ui/button";
import { Notice } from "@/ui/notice";
import { ProblemNotice } from "@/ui/problem-notice";
import { Spinner } from "@/ui/spinner";

export function CanvasPage({ account }: { account: ReactNode }) {
  const projectId = useSearchParams().get("project");
  if (!projectId) {
    return (
      <Notice title="Which project?">
        <p>The address names none.</p>
        <ToProjects />
      </Notice>
    );
  }
  return <OpeningProject key={projectId} projectId={projectId} account={account} />;
}

function OpeningProject({ projectId, account }: { projectId: string; account: ReactNode }) {
  const { api } = useStudio();
  const opened = useQuery(openProjectQuery(api, projectId));
  if (opened.data) {
    return <LiveProject project={opened.data} account={account} />;
  }
  if (opened.error !== null) {
    return (
      <Notice title="The project cannot be opened">
        <ProblemNotice problem={asProblem(opened.error)} className="w-full">
          <Button onClick={() => opened.refetch()} isBusy={opened.isFetching}>
            Try again
          </Button>
        </ProblemNotice>
        <ToProjects />
      </Notice>
    );
  }
  return (
    <main className="grid min-h-dvh place-items-center text-mut">
      <p role="status" className="flex items-center gap-2 transition-opacity delay-300 starting:opacity-0">
        <Spinner /> Opening the project
      </p>
    </main>
  );
}

function LiveProject({ project, account }: { project: OpenProject; account: ReactNode }) {
  const { api } = useStudio();
  const session = useSession();
  const userId = session.kind === "signed_in" ? session.user.id : "";
  const [document] = useState(() => openDocument(api, project, userId));
  const connection = useLiveProject(document);
  return <ProjectView account={account} document={document} connection={connection} />;
}

function ToProjects() {
  return (
    <Link href="/" className="text-fg underline decoration-line-strong underline-offset-4 hover:decoration-fg">
      Go to your projects
    </Link>
  );
}
