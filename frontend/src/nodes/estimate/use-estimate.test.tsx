// @vitest-environment jsdom
/** When the server is asked for a price. */

import { act, cleanup, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { useStore } from "zustand";
import { useProject } from "@/live/project-context";
import { useEstimate } from "@/nodes/estimate/use-estimate";
import { showInStudio } from "@/nodes/settings/test-studio";

function PriceOfNewNode() {
  const isThere = useStore(useProject().graph, ({ nodes }) => nodes.has("new"));
  const estimate = useEstimate(isThere ? { scope: "node", nodeId: "new", force: false } : null);
  return <p role="status">{estimate.kind === "known" && !estimate.isOld ? "known" : "asking"}</p>;
}

afterEach(cleanup);

test("a node that was just added is asked about once, when the server has it", async () => {
  const { project, askedFor } = await showInStudio(<PriceOfNewNode />);
  const position = { x: 0, y: 0 };
  act(() => {
    project.edit("add a video", [
      { op: "create_node", node_id: "new", type: "video", title: "New", position, config: {} },
    ]);
  });

  await waitFor(() => expect(screen.getByRole("status").textContent).toBe("known"));
  expect(askedFor("POST /api/ai/estimate")).toHaveLength(1);
});
