/** The people in the pictures: found in a photo, named, looked through, and put on the canvas again. */

import { expect, test } from "@playwright/test";
import { Canvas } from "./support/canvas";
import { PORTRAIT } from "./support/files";
import { beSignedIn } from "./support/people";
import { Program } from "./support/program";

test("the face in a photo becomes a character, which is named, found and put on the canvas again", async ({
  page,
  request,
}) => {
  const program = await Program.of(request, await beSignedIn(page, request));
  const projectId = await program.createProject("Casting", [{ key: "a", type: "image", title: "Portrait", x: 0 }]);
  const canvas = await Canvas.open(page, projectId);
  await canvas.node("Portrait").getByLabel("Picture file").setInputFiles(PORTRAIT);
  await canvas.node("Portrait").getByRole("button", { name: "They agree" }).click();
  await canvas.expectState("Portrait", "succeeded");

  await page.getByRole("button", { name: "Characters" }).click();
  const panel = page.getByRole("complementary", { name: "Characters" });
  const found = panel.getByRole("article");
  await expect(found).toContainText("1 picture, on 1 node");
  await found.getByRole("button", { name: /^Rename / }).click();
  await found.getByRole("textbox", { name: "Name" }).fill("Mara Voss");
  await canvas.press("Enter");
  await expect(found.getByRole("heading", { name: "Mara Voss" })).toBeVisible();
  await expect(canvas.node("Portrait").getByRole("button", { name: "Character Mara Voss: rename" })).toBeVisible();

  await test.step("it leads to the node that shows it", async () => {
    await canvas.clickEmpty();
    await expect(canvas.inspector).not.toContainText("Portrait");
    await found.getByRole("button", { name: "Go to Portrait" }).click();
    await expect(canvas.inspector).toContainText("Portrait");
  });

  await test.step("without its node it is still there, and is put on the canvas again", async () => {
    await canvas.select("Portrait");
    await canvas.press("Delete");
    await expect(found).toContainText("1 picture, on no node");
    await found.getByRole("button", { name: "Put astronaut.jpg on the canvas" }).click();
    await canvas.expectState("Mara Voss", "succeeded");
    await expect(canvas.node("Mara Voss")).toContainText("face found");
    await expect(found).toContainText("1 picture, on 1 node");
    await expect.poll(() => program.titles(projectId)).toEqual(["Mara Voss"]);
  });
});
