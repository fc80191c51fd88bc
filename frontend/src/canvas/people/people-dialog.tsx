"use client";
/** Who works on the open project: its owner lets people in, changes what they may do, and shuts them out; others see who is there. */

import { useQuery } from "@tanstack/react-query";
import { type Member, membersQuery } from "@/api/members";
import { asProblem } from "@/api/problem";
import { useSession, useStudio } from "@/api/studio";
import { AddMemberForm } from "@/canvas/people/add-member-form";
import { MemberRow } from "@/canvas/people/member-row";
import { useProject } from "@/live/project-context";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { ProblemNotice } from "@/ui/problem-notice";

interface PeopleDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

export function PeopleDialog({ isOpen, onClose }: PeopleDialogProps) {
  const { projectId } = useProject();
  return (
    <Dialog
      title="People"
      description="Editors change the canvas and run it within the spending limit; viewers look on."
      isOpen={isOpen}
      onClose={onClose}
      className="w-[min(520px,calc(100vw-32px))]"
    >
      <People projectId={projectId} />
    </Dialog>
  );
}

/** In the window only: nobody is asked for before it opens. */
function People({ projectId }: { projectId: string }) {
  const { api } = useStudio();
  const session = useSession();
  const members = useQuery(membersQuery(api, projectId));
  const selfId = session.kind === "signed_in" ? session.user.id : "";
  if (members.data) {
    return <MemberList projectId={projectId} members={members.data} selfId={selfId} />;
  }
  if (members.error !== null) {
    return (
      <ProblemNotice problem={asProblem(members.error)}>
        <Button onClick={() => members.refetch()} isBusy={members.isFetching}>
          Try again
        </Button>
      </ProblemNotice>
    );
  }
  return (
    <p role="status" className="h-24 animate-sheen rounded-media bg-field">
      <span className="sr-only">Loading the people of this project</span>
    </p>
  );
}

interface MemberListProps {
  projectId: string;
  members: readonly Member[];
  selfId: string;
}

function MemberList({ projectId, members, selfId }: MemberListProps) {
  const isOwner = members.some(({ user_id, role }) => user_id === selfId && role === "owner");
  return (
    <div className="flex flex-col gap-4">
      {isOwner && <AddMemberForm projectId={projectId} />}
      <ul aria-label="People in this project" className="flex flex-col gap-1">
        {members.map((member) => (
          <MemberRow
            key={member.user_id}
            projectId={projectId}
            member={member}
            isSelf={member.user_id === selfId}
            mayChange={isOwner}
          />
        ))}
      </ul>
      {!isOwner && <p className="text-meta text-mut">Only the owner can let people in or change what they may do.</p>}
    </div>
  );
}
