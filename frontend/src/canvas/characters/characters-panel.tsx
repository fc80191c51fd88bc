"use client";
/** The people in the project's pictures: who they are, where they are seen, and how to forget them. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useStore } from "zustand";
import { charactersQuery } from "@/api/characters";
import { asProblem } from "@/api/problem";
import { useStudio } from "@/api/studio";
import { useCanvas } from "@/canvas/canvas-context";
import { CharacterCard } from "@/canvas/characters/character-card";
import { OfferCard } from "@/canvas/characters/offer-card";
import { useOffers } from "@/canvas/characters/use-offers";
import { picturesByAsset } from "@/canvas/gallery/media-items";
import { SidePanel } from "@/canvas/gallery/side-panel";
import { useProject } from "@/live/project-context";
import { ProblemNotice } from "@/ui/problem-notice";

interface CharactersPanelProps {
  className?: string;
}

/** Shows itself while the canvas's panel is that of the characters. */
export function CharactersPanel({ className }: CharactersPanelProps) {
  const { state } = useCanvas();
  const isOpen = useStore(state, ({ panel }) => panel.kind === "characters");
  return isOpen ? (
    <SidePanel title="Characters" className={className}>
      <Characters />
    </SidePanel>
  ) : null;
}

function Characters() {
  const { api } = useStudio();
  const project = useProject();
  const found = useQuery(charactersQuery(api, project.projectId));
  const nodes = useStore(project.graph, (now) => now.nodes);
  const shownBy = useMemo(() => picturesByAsset(nodes), [nodes]);
  const offers = useOffers();
  if (!found.data) {
    return found.error ? <ProblemNotice problem={asProblem(found.error)} /> : <p className="text-mut">Looking…</p>;
  }
  const characters = [...found.data.values()];
  return (
    <div className="flex flex-col gap-4">
      {offers.length > 0 && (
        <section aria-label="Is it the same person?" className="flex flex-col gap-2">
          <h3 className="text-body text-mut">Is it the same person?</h3>
          {offers.map((offer) => {
            const character = found.data.get(offer.characterId);
            return character && <OfferCard key={offer.faceId} offer={offer} character={character} />;
          })}
        </section>
      )}
      {characters.length === 0 ? (
        <p className="text-mut">
          Nobody yet. Put in a picture of a person who agreed to face analysis, and they appear here.
        </p>
      ) : (
        <ul className="flex flex-col gap-3">
          {characters.map((character) => (
            <li key={character.id}>
              <CharacterCard character={character} shownBy={shownBy} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
