/** Edits that wait on the device, in the browser's own database. */

import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import type { EditGroup } from "@/live/edit-queue";
import { createEditStore } from "@/live/edit-store";

function aGroup(label: string): EditGroup {
  return { id: label, label, operations: [{ op: "delete_node", operation_id: label, node_id: "node" }] };
}

test("a page takes up what an earlier one left, once, and only of this person in this project", async () => {
  const earlier = createEditStore("maya", "teaser");
  await earlier.save([aGroup("first"), aGroup("second")]);
  await createEditStore("maya", "other project").save([aGroup("elsewhere")]);
  await createEditStore("jo", "teaser").save([aGroup("somebody else's")]);

  const later = createEditStore("maya", "teaser");
  expect((await later.load()).map(({ id }) => id)).toEqual(["first", "second"]);

  // It holds them now itself, so that the page after it finds them too.
  expect((await createEditStore("maya", "teaser").load()).map(({ id }) => id)).toEqual(["first", "second"]);
});

test("nothing is left once everything was sent", async () => {
  const page = createEditStore("ada", "teaser");
  await page.save([aGroup("first")]);
  await page.save([]);

  expect(await createEditStore("ada", "teaser").load()).toEqual([]);
});
