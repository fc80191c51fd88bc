// @vitest-environment jsdom
/** A prompt typed in place, and enhanced: no key is lost, and nobody's words slip under somebody else's cursor. */

import { act, cleanup, fireEvent, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ProjectDocument } from "@/live/project-document";
import { aNode, aStatus } from "@/live/test-builders";
import { showCards } from "@/nodes/test-cards";

const ENHANCED = {
  of_text: "a lighthouse",
  enhanced_prompt: "A lone lighthouse at dusk.",
  negative_prompt: "text, watermark",
  shot_notes: ["Dusk for the mood"],
};

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function show(config: Record<string, unknown> = { text: "a lighthouse" }, options = {}) {
  return showCards([aNode({ type: "prompt", title: "Words", config })], options);
}

const field = (): HTMLTextAreaElement => screen.getByRole("textbox", { name: /^Prompt/ });
const type = (text: string) => fireEvent.change(field(), { target: { value: text } });
const kept = (document: ProjectDocument) => document.graph.getState().nodes.get("node")?.config;

function hear(document: ProjectDocument, rev: number, config: Record<string, unknown>): void {
  const payload = { node_id: "node", config, version: rev };
  act(() => document.applyEvents([{ rev, operationId: null, type: "node.updated", payload }]));
}

describe("a prompt", () => {
  test("shows every key at once, and hands it on half a second after the last", async () => {
    const { document } = await show();
    type("a lighthouse at");
    expect(field().value).toBe("a lighthouse at");
    expect(kept(document)?.text).toBe("a lighthouse");

    act(() => vi.advanceTimersByTime(400));
    type("a lighthouse at dusk");
    act(() => vi.advanceTimersByTime(400));
    expect(kept(document)?.text).toBe("a lighthouse");
    act(() => vi.advanceTimersByTime(100));
    expect(kept(document)?.text).toBe("a lighthouse at dusk");
  });

  test("is handed on when the field is left, and one stretch of typing is one step to undo", async () => {
    const { document } = await show();
    type("one");
    act(() => vi.advanceTimersByTime(500));
    type("one two");
    fireEvent.blur(field());

    expect(kept(document)?.text).toBe("one two");
    act(() => document.undo());
    expect(field().value).toBe("a lighthouse");
  });

  test("is not lost when its card leaves the page in the middle of a word", async () => {
    const { document, unmount } = await show();
    type("a lighthouse at du");
    unmount();

    expect(kept(document)?.text).toBe("a lighthouse at du");
  });

  test("that is left as it was makes no edit", async () => {
    const { document } = await show();
    type("b");
    type("a lighthouse");
    fireEvent.blur(field());

    expect(document.historyState.getState().undo).toBeNull();
  });

  test("shows what others write while nobody types here, and not under the hand of who does", async () => {
    const { document } = await show();
    hear(document, 11, { text: "theirs" });
    expect(field().value).toBe("theirs");

    type("mine");
    hear(document, 12, { text: "theirs again" });
    expect(field().value).toBe("mine");
    fireEvent.blur(field());
    expect(kept(document)?.text).toBe("mine");
  });

  test("cannot be typed in by a viewer", async () => {
    await show(undefined, { role: "viewer" });

    expect(field().readOnly).toBe(true);
    expect(screen.queryByRole("button")).toBeNull();
  });
});

describe("an enhanced prompt", () => {
  const enhanced = { text: "a lighthouse", use: "enhanced", enhanced: ENHANCED };

  test("shows the words that go to the model, and typing over them leaves one's own alone", async () => {
    const { document } = await show(enhanced);
    expect(field().value).toBe(ENHANCED.enhanced_prompt);
    type("A lone lighthouse at dawn.");
    fireEvent.blur(field());

    expect(kept(document)).toMatchObject({
      text: "a lighthouse",
      use: "enhanced",
      enhanced: { ...ENHANCED, enhanced_prompt: "A lone lighthouse at dawn." },
    });
  });

  test("that arrives while one types does not take over what is typed: one's own words are used then", async () => {
    const { document } = await show();
    type("a lighthouse in a storm");
    hear(document, 11, { enhanced: ENHANCED, use: "enhanced" });
    expect(field().value).toBe("a lighthouse in a storm");
    fireEvent.blur(field());

    expect(kept(document)).toMatchObject({ text: "a lighthouse in a storm", use: "text", enhanced: ENHANCED });
    expect(field().value).toBe("a lighthouse in a storm");
  });

  test("is compared with one's own words, and either can be used", async () => {
    const { document } = await show(enhanced);
    fireEvent.click(screen.getByRole("button", { name: "Enhanced" }));
    const panel = within(await screen.findByRole("dialog", { name: /Compare/ }));
    expect(await panel.findByText("text, watermark")).toBeTruthy();
    expect(panel.getByText("Dusk for the mood")).toBeTruthy();

    fireEvent.click(panel.getByRole("button", { name: "Use mine" }));
    expect(kept(document)?.use).toBe("text");
    fireEvent.click(panel.getByRole("button", { name: "Use enhanced" }));
    expect(kept(document)?.use).toBe("enhanced");
  });
});

describe("enhancing", () => {
  test("begins from the words as the server has them, under one key", async () => {
    const { document, sent } = await show();
    act(() => document.start());
    type("a lighthouse at dusk");
    fireEvent.blur(field());
    await act(async () => fireEvent.click(screen.getByRole("button", { name: "Enhance" })));

    await vi.waitFor(() => expect(sent).toHaveLength(1));
    expect(document.saving.getState().kind).toBe("saved");
    expect(sent[0]).toMatchObject({
      line: "POST /api/ai/enhance-prompt",
      key: expect.stringMatching(/\w/),
      body: { project_id: "project", node_id: "node" },
    });
  });

  test("has nothing to begin from where no words are", async () => {
    await show({ text: "  " });

    expect(screen.getByRole("button", { name: "Enhance" })).toHaveProperty("disabled", true);
  });

  test("that goes on shows, and can be stopped", async () => {
    const { document, sent } = await show();
    act(() => document.applyStatus(aStatus({ status: { stage: "enhancing", job_id: "j" } })));
    expect(screen.getByText("Enhancing…")).toBeTruthy();
    await act(async () => fireEvent.click(screen.getByRole("button", { name: "Stop enhancing" })));

    expect(sent).toMatchObject([{ line: "POST /api/jobs/j/cancel" }]);
  });

  test("that failed says why, and is tried again", async () => {
    const { document, sent } = await show();
    const status = { job_id: "j", message: "No answer came.", advice: "Enhance it again.", can_retry: true };
    act(() => document.applyStatus(aStatus({ state: "failed", status })));
    fireEvent.click(screen.getByRole("button", { name: "Why" }));
    expect(screen.getByText("No answer came.")).toBeTruthy();
    await act(async () => fireEvent.click(screen.getByRole("button", { name: "Try again" })));

    expect(sent).toMatchObject([{ line: "POST /api/jobs/j/retry" }]);
  });
});
