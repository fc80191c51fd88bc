"use client";
/** A picture that is not on the server yet: the question about consent, its way there, or what went wrong. */

import { WifiOff, X } from "lucide-react";
import { useEffect, useState } from "react";
import { EndedBadly } from "@/nodes/ended-badly";
import { type Upload, uploads } from "@/nodes/image/uploads";
import { useWaitingUploads } from "@/nodes/image/use-upload";
import { MediaButton } from "@/nodes/media-button";
import { MediaFrame } from "@/nodes/media-frame";
import { Button } from "@/ui/button";

interface UploadViewProps {
  nodeId: string;
  upload: Upload;
  onChooseAnother: () => void;
}

export function UploadView({ nodeId, upload, onChooseAnother }: UploadViewProps) {
  if (upload.kind === "failed") {
    const { problem, canRetry } = upload;
    return (
      <EndedBadly state="failed" title={problem.detail} words={problem.advice ? [problem.advice] : []}>
        {canRetry && (
          <Button className="h-8 px-3" onClick={() => uploads.retry(nodeId)}>
            Try again
          </Button>
        )}
        <Button className="h-8 px-3" look={canRetry ? "ghost" : "quiet"} onClick={onChooseAnother}>
          Choose another
        </Button>
        <Button className="h-8 px-3" look="ghost" onClick={() => uploads.cancel(nodeId)}>
          Dismiss
        </Button>
      </EndedBadly>
    );
  }
  return (
    <MediaFrame className="bg-media">
      <Preview file={upload.file} />
      {upload.kind === "asking" ? <Consent nodeId={nodeId} /> : <Sending upload={upload} />}
      <MediaButton
        label={upload.kind === "asking" ? "Do not upload it" : "Cancel the upload"}
        icon={<X aria-hidden />}
        className="absolute top-2 right-2 z-10"
        onClick={() => uploads.cancel(nodeId)}
      />
    </MediaFrame>
  );
}

/** The file as the browser has it; some browsers cannot show what phones write. */
function Preview({ file }: { file: File }) {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  if (address === null) {
    return null;
  }
  return (
    // biome-ignore lint/performance/noImgElement: a file of this very device; there is nothing to optimise.
    <img
      src={address}
      alt=""
      onError={() => setAddress(null)}
      className="absolute inset-0 size-full object-cover object-[50%_20%] opacity-40"
    />
  );
}

function Consent({ nodeId }: { nodeId: string }) {
  const waiting = useWaitingUploads();
  const [isForAll, setForAll] = useState(false);
  const answer = (hasConsent: boolean) =>
    isForAll ? uploads.answerAll(hasConsent) : uploads.answer(nodeId, hasConsent);
  return (
    <fieldset className="nodrag nopan absolute inset-x-2 bottom-2 flex flex-col gap-2 rounded-[10px] bg-scrim p-3 text-on-media">
      <legend className="sr-only">Face analysis</legend>
      <p className="text-node">The people in this picture agree to face analysis, so that it can become a character.</p>
      {waiting > 1 && (
        <label className="flex cursor-pointer items-center gap-2 text-meta">
          <input type="checkbox" checked={isForAll} onChange={({ target }) => setForAll(target.checked)} />
          The same for all {waiting} pictures
        </label>
      )}
      <div className="flex gap-1.5">
        <button
          type="button"
          onClick={() => answer(true)}
          className="h-8 flex-1 rounded-[9px] bg-on-media font-medium text-media text-node hover:opacity-90 focus-visible:outline-on-media"
        >
          They agree
        </button>
        <button
          type="button"
          onClick={() => answer(false)}
          className="h-8 flex-1 rounded-[9px] bg-on-media/15 text-node text-on-media hover:bg-on-media/25 focus-visible:outline-on-media"
        >
          Picture only
        </button>
      </div>
    </fieldset>
  );
}

function Sending({ upload }: { upload: Exclude<Upload, { kind: "asking" | "failed" }> }) {
  const { file } = upload;
  const sentBytes = upload.kind === "starting" ? 0 : upload.sentBytes;
  const percent = percentOf(upload);
  return (
    <div className="absolute inset-x-0 bottom-0 flex flex-col gap-2 bg-linear-to-t from-scrim to-transparent p-3.5 text-on-media">
      <p className="flex items-center gap-2 text-body">
        {upload.kind === "interrupted" && <WifiOff aria-hidden className="size-3.5 shrink-0" />}
        <span className="min-w-0 flex-1 truncate">
          {upload.kind === "interrupted" ? "The network is away; it goes on by itself" : file.name}
        </span>
        <span className="shrink-0 text-meta tabular-nums">
          {megabytes(sentBytes)} of {megabytes(file.size)} MB
        </span>
      </p>
      <progress aria-label={`Uploading ${file.name}`} value={percent} max={100} className="sr-only" />
      <div aria-hidden className="h-[5px] overflow-hidden rounded-full bg-on-media/20">
        <div
          className="h-full rounded-full bg-linear-to-r from-type-image to-run transition-[width] duration-200"
          style={{ width: `${Math.max(2, percent)}%` }}
        />
      </div>
    </div>
  );
}

/** How much of a file has left this device, from 0 to 100. */
export function percentOf(upload: Upload): number {
  return "sentBytes" in upload && upload.file.size > 0 ? Math.floor((upload.sentBytes / upload.file.size) * 100) : 0;
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
