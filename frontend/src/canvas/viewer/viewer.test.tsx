// @vitest-environment jsdom
/** The viewer: one take, two side by side, and the choice between them. */

import { act, cleanup, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { showOnCanvas, type TestCanvas } from "@/canvas/inspector/test-canvas";
import { TakesPanel } from "@/canvas/viewer/takes-panel";
import { aTake } from "@/canvas/viewer/test-takes";
import { aNode } from "@/live/test-builders";

beforeEach(() => {
  // jsdom plays nothing.
  vi.spyOn(HTMLMediaElement.prototype, "play").mockResolvedValue();
  vi.spyOn(HTMLMediaElement.prototype, "pause").mockReturnValue();
});
afterEach(cleanup);

async function open(takes = [aTake("second", 2), aTake("first", 1)]): Promise<TestCanvas> {
  const shown = await showOnCanvas(<TakesPanel />, {
    nodes: [aNode({ id: "hero", title: "Hero shot", selected_take_id: "first" })],
    panel: { kind: "takes", nodeId: "hero" },
    answers: { "GET /api/projects/project/takes": () => takes },
  });
  await screen.findByRole("dialog", { name: "Hero shot" });
  await screen.findByRole("region", { name: "Take 1" });
  return shown;
}

const videos = () => screen.getAllByLabelText(/^Take \d$/, { selector: "video" });

test("begins with the take that the node uses, and tells how it was made", async () => {
  await open();

  expect(videos().map((video) => video.getAttribute("src"))).toEqual(["http://storage.test/first.mp4"]);
  const card = within(screen.getByRole("region", { name: "Take 1" }));
  expect(card.getByText("The words of first.")).toBeTruthy();
  expect(card.getByText("48213")).toBeTruthy();
  expect(card.getByText("$3.20")).toBeTruthy();
  expect(card.getByText("The node uses this take")).toBeTruthy();
});

test("another take is shown by a click, and used by another", async () => {
  const { project } = await open();

  await userEvent.click(screen.getByRole("button", { name: "Show take 2" }));
  await userEvent.click(screen.getByRole("button", { name: "Use this take" }));

  expect(project.statuses.get("hero").selectedTakeId).toBe("second");
  act(() => project.undo());
  expect(project.statuses.get("hero").selectedTakeId).toBe("first");
});

test("two takes are compared side by side, and the comparison ends where it began", async () => {
  await open();

  await userEvent.click(screen.getByRole("button", { name: "Compare with take 2" }));
  expect(videos().map((video) => video.getAttribute("aria-label"))).toEqual(["Take 1", "Take 2"]);
  expect(screen.getAllByRole("region", { name: /^Take/ })).toHaveLength(2);

  await userEvent.click(screen.getByRole("button", { name: "End the comparison" }));
  expect(videos()).toHaveLength(1);
});

test("a long take shows the clips it has grown by, which are no choices of their own", async () => {
  const base = aTake("first", 1);
  const longer = aTake("second", 2, {
    hop: 1,
    parent_take_id: "first",
    asset: { ...base.asset, id: "asset-second", duration_seconds: 15 },
  });
  await showOnCanvas(<TakesPanel />, {
    nodes: [aNode({ id: "hero", title: "Hero shot", selected_take_id: "second" })],
    panel: { kind: "takes", nodeId: "hero" },
    answers: { "GET /api/projects/project/takes": () => [longer, base] },
  });

  const clips = within(await screen.findByRole("list", { name: "Its clips" })).getAllByRole("listitem");
  expect(clips.map(({ textContent }) => textContent)).toEqual(["8 s", "+ 7 s"]);
  expect(screen.queryByRole("list", { name: "All takes" })).toBeNull();
});

test("keys play, stop, go frame by frame and mute", async () => {
  await open();
  const video = videos()[0];
  if (!(video instanceof HTMLVideoElement)) {
    throw new Error("no video");
  }
  Object.defineProperty(video, "duration", { value: 8 });
  act(() => void video.dispatchEvent(new Event("loadedmetadata")));

  await userEvent.keyboard("k");
  expect(screen.getByRole("button", { name: "Pause" })).toBeTruthy();
  await userEvent.keyboard("k...m");

  expect(screen.getByRole("button", { name: "Play" })).toBeTruthy();
  expect(screen.getByText("0:00.03 / 0:08.00")).toBeTruthy();
  expect(video.currentTime).toBeCloseTo(3 / 24);
  expect(video.muted).toBe(true);
});

test("Escape closes it", async () => {
  const { canvas } = await open();

  await userEvent.keyboard("{Escape}");

  await waitFor(() => expect(canvas.state.getState().panel).toEqual({ kind: "none" }));
});
