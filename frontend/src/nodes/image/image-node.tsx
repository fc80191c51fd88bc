"use client";
/** A picture; if its face belongs to somebody, a character. */

import { Image } from "lucide-react";
import { FactsRow } from "@/nodes/facts-row";
import { CharacterChip } from "@/nodes/image/character-chip";
import { type Finding, findingOf, qualityWords } from "@/nodes/image/faces";
import { IMAGE_SIZE, ImageBody } from "@/nodes/image/image-body";
import { parseImageConfig } from "@/nodes/image/image-config";
import { pictureFacts } from "@/nodes/image/picture";
import { percentOf } from "@/nodes/image/upload-view";
import { useUpload } from "@/nodes/image/use-upload";
import type { KnownMedia, NodeDefinition, NodeViewProps, Sketch } from "@/nodes/node-type";
import { PORTS } from "@/nodes/ports";
import { StateChip } from "@/nodes/state-chip";
import { useAsset } from "@/nodes/use-media";
import { Chip } from "@/ui/chip";
import { lazily } from "@/ui/lazily";
import { Spinner } from "@/ui/spinner";

export const imageNode: NodeDefinition = {
  label: "Image",
  icon: Image,
  ...PORTS.image,
  newConfig: () => ({ asset_id: null }),
  size: () => IMAGE_SIZE,
  sketch,
  Body: ImageBody,
  Facts,
  Subtitle: ({ moment }) => findingWords(findingOf(moment.status)),
  State,
  Settings: lazily(async () => (await import("@/nodes/image/image-settings")).ImageSettings),
};

function sketch({ node, moment }: NodeViewProps, known: KnownMedia): Sketch {
  const { asset_id } = parseImageConfig(node.config);
  const asset = asset_id === null ? undefined : known.asset(asset_id);
  return {
    subtitle: findingWords(findingOf(moment.status)),
    picture: asset?.thumbnail_url ?? asset?.url ?? null,
    words: asset_id === null ? "Drop a picture here" : "",
    facts: asset ? pictureFacts(asset) : [],
  };
}

/** What was found in the picture, in a word or two beside the title. */
function findingWords(finding: Finding): string {
  switch (finding.kind) {
    case "known":
    case "offer":
      return "face found";
    case "choice":
      return `${finding.faces.length} faces`;
    case "problem":
      return finding.faces.length === 0 ? "no face" : "face unclear";
    case "picture_only":
      return "picture only";
    default:
      return "";
  }
}

function Facts({ node, moment }: NodeViewProps) {
  const { asset_id } = parseImageConfig(node.config);
  const asset = useAsset(asset_id);
  const upload = useUpload(node.id);
  const finding = findingOf(moment.status);
  if (upload || !asset) {
    return (
      asset_id === null &&
      !upload && <p className="truncate px-1 text-dim text-meta">JPEG, PNG, WebP or HEIC, up to 30 MB</p>
    );
  }
  return (
    <FactsRow
      lead={finding.kind === "known" && <CharacterChip characterId={finding.characterId} />}
      facts={pictureFacts(asset)}
    >
      {(finding.kind === "known" || finding.kind === "offer") && (
        <span title="How well the face can be recognised" className="text-mut">
          <span className="sr-only">Quality of the face: </span>
          {qualityWords(finding.face)}
        </span>
      )}
    </FactsRow>
  );
}

/** While the picture is on its way from here, the server only knows that it waits for it. */
function State({ node, moment }: NodeViewProps) {
  const upload = useUpload(node.id);
  switch (upload?.kind) {
    case undefined:
      return <StateChip status={moment.status} />;
    case "asking":
      return <Chip>Needs an answer</Chip>;
    case "interrupted":
      return <Chip tone="warn">Interrupted</Chip>;
    case "failed":
      return <Chip tone="err">Not uploaded</Chip>;
    default:
      return (
        <Chip tone="run">
          <Spinner /> Uploading {upload && percentOf(upload)} %
        </Chip>
      );
  }
}
