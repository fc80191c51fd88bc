/**
 * Pictures on their way to Cloud Storage: the api begins a resumable session, the browser puts the bytes there. What was cut
 * off goes on where it stopped: the session tells how much has arrived.
 * https://cloud.google.com/storage/docs/performing-resumable-uploads
 */

import { type ApiClient, answered } from "@/api/client";
import type { Asset } from "@/api/media";
import { asProblem, Problem } from "@/api/problem";

/** services/core/assets/service.py, IMAGE_TYPES and LARGEST_PICTURE_BYTES */
export const PICTURE_TYPES = ["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"];
export const LARGEST_PICTURE_BYTES = 30 * 1024 * 1024;

/** So often in a row a request may fail before a person is asked. */
const MOST_FAILURES = 8;
const FIRST_REST_MS = 500;
const LONGEST_REST_MS = 15_000;

export interface UploadOrder {
  projectId: string;
  /** The image node that shall show the picture. */
  nodeId: string;
  file: File;
  /** The people in the picture agree to face analysis. */
  hasConsent: boolean;
  /** Names this upload: beginning it again with the same key gives the same session. */
  key: string;
}

export interface UploadSession {
  assetId: Asset["id"];
  /** A secret: whoever has it may write this one file. */
  url: string;
}

/** What keeps a file from being uploaded, before anybody is asked; null where nothing does. */
export function faultOfFile({ name, type, size }: Pick<File, "name" | "type" | "size">): Problem | null {
  if (!PICTURE_TYPES.includes(contentTypeOf({ name, type }))) {
    return new Problem("not_an_image", `“${name}” is not a picture that can be read.`, "Use JPEG, PNG, WebP or HEIC.");
  }
  if (size > LARGEST_PICTURE_BYTES) {
    const advice = "Save it smaller; more than 4096 px on a side are not used.";
    return new Problem("file_too_large", `“${name}” is larger than 30 MB.`, advice);
  }
  return size === 0 ? new Problem("file_empty", `“${name}” is empty.`, "Choose another picture.") : null;
}

/** Some systems know no type for what an iPhone writes. */
function contentTypeOf({ name, type }: Pick<File, "name" | "type">): string {
  const ending = name.toLowerCase().split(".").at(-1);
  return type === "" && (ending === "heic" || ending === "heif") ? `image/${ending}` : type;
}

/** Have the api begin a session for a file. Throws Problem. */
export async function startUpload(api: ApiClient, order: UploadOrder): Promise<UploadSession> {
  const { file } = order;
  const answer = await answered(
    api.POST("/api/files/uploads", {
      params: { header: { "Idempotency-Key": order.key } },
      body: {
        project_id: order.projectId,
        node_id: order.nodeId,
        file_name: file.name,
        content_type: contentTypeOf(file),
        size_bytes: file.size,
        consent: order.hasConsent,
      },
    }),
  );
  return { assetId: answer.asset.id, url: answer.upload_url };
}

/** Have a picture inspected that waits for it longer than inspections take. Throws the picture's Problem. */
export async function inspectAgain(api: ApiClient, assetId: string): Promise<void> {
  await answered(api.POST("/api/ai/analyze-face", { body: { asset_id: assetId } }));
}

/** One PUT to a session. Rejects where no answer came. */
export type Put = (request: {
  url: string;
  /** Of these bytes in the file, or those of none, to ask how much has arrived. */
  contentRange: string;
  body: Blob | null;
  onProgress: (sentBytes: number) => void;
  signal: AbortSignal;
}) => Promise<{ status: number; range: string | null }>;

interface SendOptions {
  url: string;
  file: Blob;
  signal: AbortSignal;
  /** How many bytes have left the browser, or have arrived. */
  onProgress: (sentBytes: number) => void;
  /** The network is away; it is tried again by itself. */
  onInterrupted: (problem: Problem) => void;
  put?: Put;
  /** Waits between two tries, so that tests need not. */
  rest?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Put a file's bytes into a session, however often the network fails meanwhile. Throws Problem, or the signal's reason. */
export async function sendFile(options: SendOptions): Promise<void> {
  const { url, file, signal, onProgress, put = putByRequest, rest = restUntilOnline } = options;
  const size = file.size;
  let failures = 0;
  let arrived = 0;
  for (let from: number | null = 0; ; ) {
    signal.throwIfAborted();
    try {
      const answer = await put({
        url,
        signal,
        contentRange: from === null ? `bytes */${size}` : `bytes ${from}-${size - 1}/${size}`,
        body: from === null ? null : file.slice(from),
        onProgress: (sent) => onProgress((from ?? 0) + sent),
      });
      const next = readAnswer(answer);
      if (next === "done") {
        onProgress(size);
        return;
      }
      failures = next > arrived ? 0 : failures + (from === null ? 0 : 1);
      if (failures >= MOST_FAILURES) {
        throw storageBusy();
      }
      from = arrived = next;
      onProgress(next);
    } catch (thrown) {
      signal.throwIfAborted();
      const problem = asProblem(thrown);
      failures += 1;
      if (!problem.isPassing || failures >= MOST_FAILURES) {
        throw problem;
      }
      options.onInterrupted(problem);
      await rest(Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (failures - 1)), signal);
      from = null; // some of it may have arrived: ask
    }
  }
}

/** The offset to go on from, or that the file is there whole. Throws Problem. */
function readAnswer({ status, range }: { status: number; range: string | null }): number | "done" {
  if (status === 200 || status === 201) {
    return "done";
  }
  if (status === 308) {
    const last = /^bytes=0-(\d+)$/.exec(range ?? "")?.[1];
    return last === undefined ? 0 : Number(last) + 1;
  }
  if (status >= 500 || status === 408 || status === 429) {
    throw storageBusy();
  }
  throw new Problem("upload_lost", "This upload has lapsed.", "Upload the picture again.", status);
}

function storageBusy(): Problem {
  return new Problem("storage_busy", "Cloud Storage does not take the picture now.", "Try again in a moment.", 503);
}

/** fetch cannot tell how much it has sent. */
const putByRequest: Put = ({ url, contentRange, body, onProgress, signal }) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.setRequestHeader("Content-Range", contentRange);
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () => resolve({ status: request.status, range: request.getResponseHeader("Range") });
    request.onerror = request.ontimeout = () => reject(new TypeError("no answer"));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });

/** Wait, but not longer than until the network is back. */
function restUntilOnline(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const ending = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
    window.addEventListener("online", () => resolve(), { once: true, signal: ending });
    ending.addEventListener("abort", () => resolve(), { once: true });
  });
}
