"use client";
/** A picture whose person looks like somebody known: yes, or somebody else. */

import { UserRound } from "lucide-react";
import { addReference, type Character, createCharacter } from "@/api/characters";
import { projectKey } from "@/api/projects";
import { useStudio } from "@/api/studio";
import type { Offer } from "@/canvas/characters/use-offers";
import { useShowNode } from "@/canvas/inspector/use-show-node";
import { useProject } from "@/live/project-context";
import { nameFromFile } from "@/nodes/image/faces";
import { useAsset } from "@/nodes/use-media";
import { useTask } from "@/nodes/use-task";
import { Button } from "@/ui/button";

interface OfferCardProps {
  offer: Offer;
  character: Character;
}

export function OfferCard({ offer, character }: OfferCardProps) {
  const { api, queries } = useStudio();
  const { projectId, canEdit } = useProject();
  const show = useShowNode();
  const task = useTask();
  const asset = useAsset(offer.assetId);
  const known = useAsset(character.asset_ids[0] ?? null);
  const decide = (decision: () => Promise<unknown>) =>
    void task.start(async () => {
      await decision();
      await queries.invalidateQueries({ queryKey: projectKey.characters(projectId) });
    });
  const isSame = () => addReference(api, character.id, offer.faceId);
  const isOther = () => {
    const name = (asset && nameFromFile(asset.file_name)) || "Somebody new";
    return createCharacter(api, { projectId, faceId: offer.faceId, name });
  };
  return (
    <article className="flex flex-col gap-3 rounded-media bg-field p-3 shadow-[inset_0_0_0_1px_var(--color-line)]">
      <div className="flex items-center gap-2.5">
        <Face address={asset?.thumbnail_url ?? asset?.url ?? null} />
        <Face address={known?.thumbnail_url ?? known?.url ?? null} />
        <p className="min-w-0 text-body">
          {offer.isSure ? "It looks like " : "It may be "}
          <span className="font-medium">{character.name}</span>
          <button
            type="button"
            onClick={() => show(offer.nodeId)}
            className="block rounded-[4px] text-meta text-mut hover:underline"
          >
            Go to the picture
          </button>
        </p>
      </div>
      {canEdit && (
        <div className="flex flex-wrap gap-2">
          <Button look="primary" isBusy={task.isBusy} onClick={() => decide(isSame)}>
            The same person
          </Button>
          <Button disabled={task.isBusy} onClick={() => decide(isOther)}>
            Somebody else
          </Button>
        </div>
      )}
    </article>
  );
}

function Face({ address }: { address: string | null }) {
  return (
    <span className="grid size-14 shrink-0 place-items-center overflow-hidden rounded-[10px] bg-media text-on-media">
      {address === null ? (
        <UserRound aria-hidden className="size-5 opacity-50" />
      ) : (
        // biome-ignore lint/performance/noImgElement: a signed address on another host; a static export has no optimiser.
        <img src={address} alt="" loading="lazy" decoding="async" className="size-full object-cover object-[50%_20%]" />
      )}
    </span>
  );
}
