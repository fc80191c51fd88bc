"use client";
/** What fills an image node: its picture with the people in it, the picture on its way, or the place to put one. */

import { Download, ImagePlus, Upload as UploadIcon } from "lucide-react";
import { useEffect, useState } from "react";
import type { Asset } from "@/api/media";
import { useStudio } from "@/api/studio";
import { inspectAgain } from "@/api/uploads";
import { downloadAsset } from "@/nodes/download";
import { EndedBadly } from "@/nodes/ended-badly";
import { CARD_INSET, FACTS_HEIGHT, HEADER_HEIGHT, mediaNodeHeight } from "@/nodes/geometry";
import { FaceLayer } from "@/nodes/image/face-layer";
import { findingOf } from "@/nodes/image/faces";
import { parseImageConfig } from "@/nodes/image/image-config";
import { pictureAddress } from "@/nodes/image/picture";
import { PictureDrop } from "@/nodes/image/picture-drop";
import { UploadView } from "@/nodes/image/upload-view";
import { useUpload } from "@/nodes/image/use-upload";
import { HoverActions, MediaButton } from "@/nodes/media-button";
import { EmptyMedia, MediaFrame } from "@/nodes/media-frame";
import type { NodeViewProps } from "@/nodes/node-type";
import { useAsset } from "@/nodes/use-media";
import { useTask } from "@/nodes/use-task";
import { Button } from "@/ui/button";

export const IMAGE_SIZE = { width: 330, height: mediaNodeHeight(330) };
/** What the card leaves the picture. */
const FRAME = {
  width: IMAGE_SIZE.width - 2 * CARD_INSET,
  height: IMAGE_SIZE.height - HEADER_HEIGHT - CARD_INSET - FACTS_HEIGHT,
};
/** An inspection takes seconds, a cold start included; the server looks again on request after a minute. */
const SLOW_INSPECTION_MS = 75_000;

export function ImageBody({ node, moment }: NodeViewProps) {
  return (
    <PictureDrop nodeId={node.id}>{(choose) => <Content node={node} moment={moment} choose={choose} />}</PictureDrop>
  );
}

type Choose = (() => void) | null;

function Content({ node, moment, choose }: NodeViewProps & { choose: Choose }) {
  const { status } = moment;
  const { asset_id } = parseImageConfig(node.config);
  const upload = useUpload(node.id);
  const asset = useAsset(asset_id);
  if (upload && choose) {
    return <UploadView nodeId={node.id} upload={upload} onChooseAnother={choose} />;
  }
  if (status.state === "failed") {
    const { message, advice } = status.reason;
    return (
      <EndedBadly state="failed" title={message} words={advice ? [advice] : []}>
        {choose && (
          <Button className="h-8 px-3" onClick={choose}>
            Choose another picture
          </Button>
        )}
      </EndedBadly>
    );
  }
  if (status.state === "running" && asset_id !== null) {
    return <Inspecting key={asset_id} assetId={asset_id} choose={choose} />;
  }
  const address = asset && pictureAddress(asset);
  if (asset && address) {
    return <Picture node={node} moment={moment} asset={asset} address={address} choose={choose} />;
  }
  return asset_id === null ? <NoPicture choose={choose} /> : <MediaFrame className="bg-media" />;
}

interface PictureProps extends NodeViewProps {
  asset: Asset;
  address: string;
  choose: Choose;
}

function Picture({ node, moment, asset, address, choose }: PictureProps) {
  const task = useTask();
  return (
    <MediaFrame className="bg-media">
      {/* biome-ignore lint/performance/noImgElement: a signed address on another host; a static export has no optimiser. */}
      <img
        src={address}
        alt={node.title}
        loading="lazy"
        decoding="async"
        draggable={false}
        // PICTURE_POSITION, by which faces are found in it
        className="size-full object-cover object-[50%_20%]"
      />
      <FaceLayer key={asset.id} finding={findingOf(moment.status)} asset={asset} frame={FRAME} />
      <HoverActions>
        {choose && <MediaButton label="Replace the picture" icon={<UploadIcon aria-hidden />} onClick={choose} />}
        <MediaButton
          label="Download"
          icon={<Download aria-hidden />}
          isBusy={task.isBusy}
          onClick={() => task.start(() => downloadAsset(asset))}
        />
      </HoverActions>
    </MediaFrame>
  );
}

function Inspecting({ assetId, choose }: { assetId: string; choose: Choose }) {
  const { api } = useStudio();
  const task = useTask();
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_INSPECTION_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <MediaFrame className="bg-media">
      <div aria-hidden className="absolute inset-0 animate-sheen bg-on-media/5" />
      <div className="absolute inset-0 flex flex-col items-center justify-center gap-2 p-4 text-center text-on-media">
        <p>{isSlow ? "This takes longer than usual; the picture may not have arrived." : "Inspecting the picture"}</p>
        {isSlow && choose && (
          <div className="nodrag nopan flex gap-1.5">
            <Button
              className="h-8 px-3"
              isBusy={task.isBusy}
              onClick={() => task.start(() => inspectAgain(api, assetId))}
            >
              Look again
            </Button>
            <Button className="h-8 px-3" onClick={choose}>
              Choose another
            </Button>
          </div>
        )}
      </div>
    </MediaFrame>
  );
}

function NoPicture({ choose }: { choose: Choose }) {
  return (
    <EmptyMedia className="gap-2.5">
      <ImagePlus aria-hidden className="size-5" />
      {choose ? (
        <>
          <p>Drop a picture here</p>
          <Button className="nodrag nopan h-8 px-3" onClick={choose}>
            Choose a picture
          </Button>
        </>
      ) : (
        <p>No picture yet</p>
      )}
    </EmptyMedia>
  );
}
