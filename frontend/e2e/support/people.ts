/** People who meet the studio, each somebody new. */

import { randomUUID } from "node:crypto";
import { type APIRequestContext, expect, type Page } from "@playwright/test";

export const PASSWORD = "correct horse battery";

export interface Person {
  name: string;
  email: string;
}

export function somebody(name = "Maya Lindqvist"): Person {
  return { name, email: `e2e-${randomUUID()}@example.com` };
}

/** Get an account by hand; ends at the list of projects. */
export async function signUp(page: Page, person: Person = somebody()): Promise<Person> {
  await page.goto("/");
  await page.getByRole("button", { name: "Create an account" }).click();
  await page.getByLabel("Name").fill(person.name);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Projects" })).toBeVisible();
  return person;
}

/** Have an account already, and be signed in here: for tests in which the way in is not the matter. */
export async function beSignedIn(page: Page, request: APIRequestContext, person: Person = somebody()): Promise<Person> {
  await register(request, person);
  await signIn(page, person);
  return person;
}

/** Get an account without any page. */
export async function register(request: APIRequestContext, person: Person = somebody()): Promise<Person> {
  const { email, name: display_name } = person;
  const answer = await request.post("/api/auth/register", { data: { email, password: PASSWORD, display_name } });
  expect(answer.ok(), `registering: ${answer.status()}`).toBe(true);
  return person;
}

/** Be signed in here as somebody who has an account. */
export async function signIn(page: Page, { email }: Person): Promise<void> {
  const answer = await page.context().request.post("/api/auth/login", { data: { email, password: PASSWORD } });
  expect(answer.ok(), `signing in: ${answer.status()}`).toBe(true);
}
