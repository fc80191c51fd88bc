/** A file on its way: progress, outages, and what the session says. */

import { describe, expect, test } from "vitest";
import type { Problem } from "@/api/problem";
import { faultOfFile, type Put, sendFile } from "@/api/uploads";

const file = new Blob(["0123456789"]);

type Answer = { status: number; range?: string } | "no answer";

/** A session that gives these answers in turn; `asked` is what it was told each time. */
function aSession(...answers: Answer[]) {
  const asked: { range: string; bytes: number | null }[] = [];
  const put: Put = async ({ contentRange, body, onProgress }) => {
    asked.push({ range: contentRange, bytes: body === null ? null : body.size });
    const answer = answers.shift() ?? { status: 200 };
    if (answer === "no answer") {
      throw new TypeError("network");
    }
    onProgress(body?.size ?? 0);
    return { status: answer.status, range: answer.range ?? null };
  };
  return { asked, put };
}

function send(put: Put, signal = new AbortController().signal) {
  const progress: number[] = [];
  const interruptions: Problem[] = [];
  const sending = sendFile({
    url: "http://storage.test/session",
    file,
    signal,
    put,
    rest: async () => {},
    onProgress: (sent) => progress.push(sent),
    onInterrupted: (problem) => interruptions.push(problem),
  });
  return { sending, progress, interruptions };
}

describe("a file", () => {
  test("that nothing disturbs is sent at once, and its progress ends with all of it", async () => {
    const { asked, put } = aSession({ status: 200 });
    const { sending, progress } = send(put);
    await sending;

    expect(asked).toEqual([{ range: "bytes 0-9/10", bytes: 10 }]);
    expect(progress.at(-1)).toBe(10);
  });

  test("that was cut off goes on where the session has it, not from the beginning", async () => {
    const { asked, put } = aSession("no answer", { status: 308, range: "bytes=0-5" }, { status: 200 });
    const { sending, interruptions } = send(put);
    await sending;

    expect(asked.map(({ range }) => range)).toEqual(["bytes 0-9/10", "bytes */10", "bytes 6-9/10"]);
    expect(asked.at(-1)?.bytes).toBe(4);
    expect(interruptions).toHaveLength(1);
  });

  test("of which nothing arrived begins anew", async () => {
    const { asked, put } = aSession("no answer", { status: 308 }, { status: 200 });
    await send(put).sending;

    expect(asked.at(-1)).toEqual({ range: "bytes 0-9/10", bytes: 10 });
  });

  test("whose last answer was lost is there: it is not sent again", async () => {
    const { asked, put } = aSession("no answer", { status: 200 });
    await send(put).sending;

    expect(asked).toHaveLength(2);
  });

  test("is given up after eight failures in a row, and not before", async () => {
    const failing = Array.from({ length: 20 }, (): Answer => "no answer");
    const { asked, put } = aSession(...failing);

    await expect(send(put).sending).rejects.toMatchObject({ code: "unreachable" });
    expect(asked).toHaveLength(8);
  });

  test("that gets on a little each time is never given up", async () => {
    const steps = [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((end): Answer[] => [
      "no answer",
      { status: 308, range: `bytes=0-${end - 1}` },
    ]);
    const { put } = aSession(...steps, { status: 200 });

    await expect(send(put).sending).resolves.toBeUndefined();
  });

  test("that the session takes nothing of is given up too", async () => {
    const { asked, put } = aSession(...Array.from({ length: 20 }, (): Answer => ({ status: 308 })));

    await expect(send(put).sending).rejects.toMatchObject({ code: "storage_busy" });
    expect(asked.length).toBeLessThanOrEqual(9);
  });

  test("whose session has lapsed says so at once", async () => {
    const { asked, put } = aSession({ status: 410 });

    await expect(send(put).sending).rejects.toMatchObject({ code: "upload_lost" });
    expect(asked).toHaveLength(1);
  });

  test("that is not wanted any more is not sent", async () => {
    const { asked, put } = aSession();
    const stopping = new AbortController();
    stopping.abort();

    await expect(send(put, stopping.signal).sending).rejects.toBe(stopping.signal.reason);
    expect(asked).toEqual([]);
  });
});

describe("before anything is sent", () => {
  test.each([
    ["a.gif", "image/gif", 10, "not_an_image"],
    ["a.jpg", "image/jpeg", 31 * 1024 * 1024, "file_too_large"],
    ["a.jpg", "image/jpeg", 0, "file_empty"],
    ["a.txt", "", 10, "not_an_image"],
  ])("%s of type %j with %d bytes is %s", (name, type, size, code) => {
    expect(faultOfFile({ name, type, size })?.code).toBe(code);
  });

  test("a picture of an iPhone, of which the system knows no type, is fine", () => {
    expect(faultOfFile({ name: "IMG_0001.HEIC", type: "", size: 10 })).toBeNull();
  });
});
