// @vitest-environment jsdom
/** The settings of a video node: what is offered, and what a change does. */

import { act, cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";
import { useStore } from "zustand";
import type { OpenProject } from "@/api/projects";
import { useProject } from "@/live/project-context";
import { useNodeMoment } from "@/live/status-store";
import { aNode } from "@/live/test-builders";
import { ShowNodeProvider } from "@/nodes/settings/node-link";
import { type Answers, showInStudio, type TestStudio } from "@/nodes/settings/test-studio";
import { aVideoModel } from "@/nodes/video/test-builders";
import { VideoSettings } from "@/nodes/video/video-settings";

afterEach(cleanup);

function Hero() {
  const { graph, statuses } = useProject();
  const node = useStore(graph, ({ nodes }) => nodes.get("hero"));
  const moment = useNodeMoment(statuses, "hero");
  return node && <VideoSettings node={node} moment={moment} />;
}

interface HeroOptions {
  config?: Record<string, unknown>;
  project?: Partial<OpenProject>;
  answers?: Answers;
}

async function showHero({ config = {}, project, answers }: HeroOptions = {}): Promise<TestStudio> {
  const nodes = [
    aNode({ id: "hero", config }),
    aNode({ id: "words", type: "prompt", title: "Shot prompt", config: { text: "A lone lighthouse." } }),
    aNode({ id: "mara", type: "image", title: "Mara", config: {} }),
  ];
  const studio = await showInStudio(<Hero />, { nodes, project, answers });
  await screen.findByRole("radiogroup", { name: "Resolution" });
  return studio;
}

function configOf({ project }: TestStudio): Record<string, unknown> {
  return { ...project.graph.getState().nodes.get("hero")?.config };
}

const wire = (source: string, port: string) => ({
  id: `${source}-${port}`,
  source_node_id: source,
  source_port: "out",
  target_node_id: "hero",
  target_port: port,
});

const choose = (group: string, option: string) =>
  userEvent.click(within(screen.getByRole("radiogroup", { name: group })).getByRole("radio", { name: option }));

describe("a change", () => {
  test("that makes another value impossible corrects it in the same step, and says so", async () => {
    const studio = await showHero({ config: { duration_seconds: 4 } });

    await choose("Resolution", "1080p");

    expect(configOf(studio)).toMatchObject({ resolution: "1080p", duration_seconds: 8 });
    expect(screen.getByText("1080p videos are 8 s long: the duration is now 8 s.")).toBeTruthy();
    act(() => studio.project.undo());
    expect(configOf(studio)).toMatchObject({ duration_seconds: 4 });
    expect(configOf(studio).resolution).toBeUndefined();
  });

  test("of the seed: rolled, and taken away", async () => {
    const studio = await showHero();

    await userEvent.click(screen.getByRole("button", { name: "Roll a seed" }));
    expect(configOf(studio).seed).toEqual(expect.any(Number));

    await userEvent.click(screen.getByRole("button", { name: "No seed" }));
    expect(configOf(studio).seed).toBeNull();
  });

  test("of the seed that does not fit is told, and not handed on", async () => {
    const studio = await showHero({ config: { seed: 7 } });

    await userEvent.type(screen.getByRole("textbox", { name: "Seed" }), "x");

    expect(screen.getByText(/A whole number from 0 to 4294967295/)).toBeTruthy();
    expect(configOf(studio).seed).toBe(7);
  });

  test("of the words reaches the project when the field is left", async () => {
    const studio = await showHero();

    await userEvent.type(screen.getByRole("textbox", { name: "Prompt" }), "A storm");
    await userEvent.tab();

    expect(configOf(studio).prompt).toBe("A storm");
  });
});

describe("extensions", () => {
  test("are added with a prompt each, make the video 720p, and show as a chain", async () => {
    const studio = await showHero({ config: { resolution: "4k" } });

    await userEvent.click(screen.getByRole("button", { name: "Add an extension" }));
    await userEvent.type(screen.getByRole("textbox", { name: "Extension 1" }), "It rains.");
    await userEvent.tab();

    expect(configOf(studio)).toMatchObject({ resolution: "720p", extensions: [{ prompt: "It rains." }] });
    expect(screen.getByText("Extensions are 720p: the resolution is now 720p.")).toBeTruthy();
    expect(screen.getByText("15 s in all")).toBeTruthy();
    expect(within(screen.getByRole("list", { name: "The chain" })).getAllByRole("listitem")).toHaveLength(2);
  });

  test("that exist are told apart from new ones, with what these cost", async () => {
    const step = { node_id: "hero", kind: "extend", model: "veo", expected_seconds: 60 };
    const steps = [
      { ...step, hop: 0, work: "exists", cost_microusd: 0 },
      { ...step, hop: 1, work: "new", cost_microusd: 2_800_000 },
    ];
    await showHero({
      config: { extensions: [{ prompt: null }] },
      answers: {
        "POST /api/ai/estimate": () => ({ cost_microusd: 2_800_000, expected_seconds: 60, steps, aliases: {} }),
      },
    });

    expect(await screen.findByText("new · $2.80")).toBeTruthy();
    expect(screen.getByText("First clip, 8 s, there already")).toBeTruthy();
  });

  test("are not offered by a model that cannot", async () => {
    const models = [aVideoModel({ can_extend: false })];
    await showHero({
      answers: { "GET /api/ai/models": () => ({ version: "1", default: "veo", max_extensions: 20, models }) },
    });

    expect(screen.queryByRole("region", { name: "Extensions" })).toBeNull();
  });
});

describe("what is wired in", () => {
  test("replaces the prompt by that of the other node, which a click shows", async () => {
    const show = vi.fn();
    await showInStudio(
      <ShowNodeProvider value={show}>
        <Hero />
      </ShowNodeProvider>,
      {
        nodes: [
          aNode({ id: "hero" }),
          aNode({ id: "words", type: "prompt", title: "Shot prompt", config: { text: "A lone lighthouse." } }),
        ],
        project: { connections: [wire("words", "prompt")] },
      },
    );

    expect(await screen.findByText("A lone lighthouse.")).toBeTruthy();
    expect(screen.queryByRole("textbox", { name: "Prompt" })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Shot prompt" }));
    expect(show).toHaveBeenCalledWith("words");
  });

  test("makes settings impossible: they are named, and mended by one click", async () => {
    const studio = await showHero({
      config: { duration_seconds: 4 },
      project: { connections: [wire("mara", "references")] },
    });

    expect(screen.getByText(/With reference pictures a video is 8 s long/, { selector: "p" })).toBeTruthy();
    await userEvent.click(screen.getByRole("button", { name: "Make them fit" }));

    expect(configOf(studio)).toMatchObject({ duration_seconds: 8 });
    expect(screen.queryByRole("button", { name: "Make them fit" })).toBeNull();
  });

  test("can be disconnected", async () => {
    const studio = await showHero({ project: { connections: [wire("mara", "image")] } });

    await userEvent.click(screen.getByRole("button", { name: "Disconnect Mara" }));

    expect(studio.project.graph.getState().connections.size).toBe(0);
    expect(screen.getByText(/Nothing is wired in/)).toBeTruthy();
  });
});

test("a viewer reads the settings, and changes none", async () => {
  await showHero({ project: { role: "viewer" } });

  expect(screen.getByRole("textbox", { name: "Prompt" })).toHaveProperty("disabled", true);
  expect(screen.queryByRole("button", { name: "Roll a seed" })).toBeNull();
  for (const radio of screen.getAllByRole("radio")) {
    expect(radio).toHaveProperty("disabled", true);
  }
});
