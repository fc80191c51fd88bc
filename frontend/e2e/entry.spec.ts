/** Getting in and out, and how the studio looks to somebody. */

import { expect, test } from "@playwright/test";
import { beSignedIn, PASSWORD, signUp, somebody } from "./support/people";

test("a reload keeps one signed in and at the same place; signing out ends that", async ({ page }) => {
  const person = await signUp(page);
  await page.getByLabel("Name of the project").fill("Harbour at night");
  await page.getByRole("radio", { name: "Blank" }).check();
  await page.getByRole("button", { name: "Create project" }).click();
  await expect(page).toHaveURL(/\/canvas\?project=/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Harbour at night");

  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Harbour at night");

  await page.getByRole("button", { name: `Account of ${person.name}` }).click();
  await expect(page.getByText(person.email)).toBeVisible();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();

  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Harbour at night");
});

test("a refusal is told in words", async ({ page }) => {
  const alert = page.getByRole("alert").filter({ hasText: /\w/ });
  await page.goto("/");
  await page.getByLabel("E-mail").fill(somebody().email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(alert).toContainText(/password/i);

  await signUp(page);
  await page.goto("/canvas?project=00000000-0000-4000-8000-000000000000");
  await expect(alert).toContainText("There is no such project");
});

test("the theme that was chosen is there before anything is painted, whatever the system says", async ({
  page,
  request,
}) => {
  await page.emulateMedia({ colorScheme: "dark" });
  const person = await beSignedIn(page, request);
  await page.goto("/");
  const background = () =>
    page.evaluate(async () => {
      const page = document.documentElement;
      await Promise.all(page.getAnimations().map(({ finished }) => finished)); // half-way it has a colour of neither theme
      return getComputedStyle(page).backgroundColor;
    });
  await page.getByRole("button", { name: `Account of ${person.name}` }).click();
  const dark = await background();

  await page.getByRole("menuitemcheckbox", { name: "Light" }).click();
  await expect.poll(background).not.toBe(dark);
  const light = await background();

  // The first paint after a reload: the script in the head has run, and nothing of the application yet.
  await page.route("**/_next/static/**/*.js", (route) => route.abort());
  await page.reload({ waitUntil: "domcontentloaded" });
  await expect.poll(background).toBe(light); // the style sheet may come a moment later than the document
});

test("nothing on any page is refused by the security policy", async ({ page, request }) => {
  const refused: string[] = [];
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) {
      refused.push(message.text());
    }
  });
  await beSignedIn(page, request);
  await page.goto("/");
  await page.getByRole("button", { name: "Create project" }).click();
  await expect(page.getByRole("article").first()).toBeVisible();
  await page.goto("/no-such-page");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is no such page");

  expect(refused).toEqual([]);
});
