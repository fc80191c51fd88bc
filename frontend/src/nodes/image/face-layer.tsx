"use client";
/** The people in a picture, over it: where their faces are, who they seem to be, and whom a person says they are. */

import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { addReference } from "@/api/characters";
import type { Asset } from "@/api/media";
import { projectKey } from "@/api/projects";
import { useStudio } from "@/api/studio";
import { useProject } from "@/live/project-context";
import { boxInFrame, type Finding, type FoundFace, nameFromFile, qualityWords } from "@/nodes/image/faces";
import { NameForm } from "@/nodes/image/name-form";
import { MediaNotice } from "@/nodes/media-notice";
import { useCharacter } from "@/nodes/use-media";
import { useTask } from "@/nodes/use-task";
import { cn } from "@/ui/class-names";

interface FaceLayerProps {
  finding: Finding;
  asset: Asset;
  /** The size of the frame that the picture covers, in canvas units. */
  frame: { width: number; height: number };
}

export function FaceLayer({ finding, asset, frame }: FaceLayerProps) {
  const { canEdit } = useProject();
  const [namedFaceId, setNamed] = useState<string | null>(null);
  const choose = canEdit ? setNamed : null;
  const faces = facesIn(finding);
  return (
    <>
      {faces.map((face, index) => (
        <FaceBox
          key={face.id}
          face={face}
          picture={asset}
          frame={frame}
          isMuted={finding.kind === "problem"}
          // Among several, each can be said to be the one that is meant.
          choice={finding.kind === "choice" && choose ? { number: index + 1, onChoose: () => choose(face.id) } : null}
        />
      ))}
      {namedFaceId !== null ? (
        <Bar>
          <NameForm faceId={namedFaceId} suggestion={nameFromFile(asset.file_name)} onClose={() => setNamed(null)} />
        </Bar>
      ) : (
        <Question finding={finding} onName={choose} />
      )}
    </>
  );
}

function facesIn(finding: Finding): readonly FoundFace[] {
  switch (finding.kind) {
    case "known":
    case "offer":
      return [finding.face];
    case "choice":
    case "problem":
      return finding.faces;
    default:
      return [];
  }
}

interface FaceBoxProps {
  face: FoundFace;
  picture: Pick<Asset, "width" | "height">;
  frame: { width: number; height: number };
  isMuted: boolean;
  choice: { number: number; onChoose: () => void } | null;
}

function FaceBox({ face, picture, frame, isMuted, choice }: FaceBoxProps) {
  const { width, height } = picture;
  const place = width && height ? boxInFrame(face.bbox, { width, height }, frame) : null;
  if (place === null) {
    return null;
  }
  const style = {
    left: `${place.x * 100}%`,
    top: `${place.y * 100}%`,
    width: `${place.width * 100}%`,
    height: `${place.height * 100}%`,
  };
  const look = cn(
    "absolute rounded-[8px] shadow-[0_0_0_1.5px_color-mix(in_oklab,var(--color-on-media)_60%,transparent)]",
    isMuted && "opacity-60",
  );
  if (choice) {
    const name = `Face ${choice.number}, quality ${qualityWords(face)}: this one is meant`;
    return (
      <button
        type="button"
        aria-label={name}
        title="This one is meant"
        onClick={choice.onChoose}
        style={style}
        className={cn(look, "nodrag nopan hover:bg-on-media/15 focus-visible:outline-on-media")}
      >
        <span className="absolute -top-2 -left-2 grid size-5 place-items-center rounded-full bg-on-media font-medium text-media text-meta">
          {choice.number}
        </span>
      </button>
    );
  }
  return <div aria-hidden style={style} className={look} />;
}

/** What a person has to decide, or should know. */
function Question({ finding, onName }: { finding: Finding; onName: ((faceId: string) => void) | null }) {
  switch (finding.kind) {
    case "offer":
      return onName && <Offer finding={finding} onSomeoneElse={() => onName(finding.face.id)} />;
    case "choice":
      return (
        <Bar>
          <p className="text-node">{finding.faces.length} people are in this picture. Choose the one who is meant.</p>
        </Bar>
      );
    case "problem":
      return <MediaNotice message={finding.message} advice={finding.advice} />;
    default:
      return null;
  }
}

interface OfferProps {
  finding: Extract<Finding, { kind: "offer" }>;
  onSomeoneElse: () => void;
}

function Offer({ finding, onSomeoneElse }: OfferProps) {
  const { api } = useStudio();
  const { projectId } = useProject();
  const queries = useQueryClient();
  const task = useTask();
  const { face, characterId, isSure } = finding;
  const name = useCharacter(characterId)?.name ?? "somebody you know";
  const accept = async () => {
    await addReference(api, characterId, face.id);
    await queries.invalidateQueries({ queryKey: projectKey.characters(projectId) });
  };
  return (
    <Bar>
      <p className="min-w-0 flex-1 truncate text-body" title={name}>
        {isSure ? "Looks like" : "Could be"} {name}
      </p>
      <button
        type="button"
        disabled={task.isBusy}
        onClick={() => task.start(accept)}
        className="h-7 shrink-0 rounded-[8px] bg-on-media px-3 font-medium text-media text-node hover:opacity-90 focus-visible:outline-on-media disabled:opacity-60"
      >
        Yes
      </button>
      <button
        type="button"
        disabled={task.isBusy}
        onClick={onSomeoneElse}
        className="h-7 shrink-0 rounded-[8px] bg-on-media/15 px-2.5 text-node text-on-media hover:bg-on-media/25 focus-visible:outline-on-media"
      >
        Someone else
      </button>
    </Bar>
  );
}

function Bar({ children }: { children: ReactNode }) {
  return (
    <div className="nodrag nopan absolute inset-x-2 bottom-2 z-10 flex items-center gap-1.5 rounded-[10px] bg-scrim p-1.5 pl-2.5 text-on-media [&>form]:flex-1">
      {children}
    </div>
  );
}
