/** The words below the price of a node. */

import { expect, test } from "vitest";
import type { EstimateStep } from "@/api/runs";
import { nodeCost, priceDetail } from "@/canvas/inspector/price-detail";
import { aVideoModel } from "@/nodes/video/test-builders";
import { parseVideoConfig } from "@/nodes/video/video-config";

const model = aVideoModel({ price_microusd_per_second: { "720p": 400_000 } });
const hops = (count: number) => Array.from({ length: count }, () => ({ prompt: null }));

test.each([
  [{}, false, "8 s at $0.40"],
  [{ samples: 2 }, false, "2 × 8 s at $0.40"],
  [{ duration_seconds: 4, extensions: hops(3) }, false, "4 s + 3 × 7 s at $0.40"],
  [{ samples: 3 }, true, "7 s at $0.40"],
  [{ extensions: hops(1) }, true, "2 × 7 s at $0.40"],
])("of %o (an extension: %s) are: %s", (config, isExtension, words) => {
  expect(priceDetail(model, parseVideoConfig(config), isExtension)).toBe(words);
});

test("are none where the resolution has no price", () => {
  expect(priceDetail(model, parseVideoConfig({ resolution: "4k" }), false)).toBeNull();
});

function aStep(node_id: string, work: EstimateStep["work"], cost_microusd = 0): EstimateStep {
  return { node_id, hop: 0, kind: "generate", model: "veo", work, cost_microusd, expected_seconds: 0 };
}

test("a node's own cost and that of what it needs first are told apart", () => {
  expect(nodeCost([aStep("before", "new", 100), aStep("hero", "new", 300)], "hero")).toEqual({
    ownMicrousd: 300,
    othersMicrousd: 100,
    isThere: false,
    isUnderWay: false,
  });
});

test("what is there and what is under way cost nothing more", () => {
  expect(nodeCost([aStep("hero", "exists")], "hero")).toMatchObject({ isThere: true, isUnderWay: false });
  expect(nodeCost([aStep("hero", "exists"), aStep("hero", "under_way")], "hero")).toMatchObject({
    isThere: false,
    isUnderWay: true,
  });
});
