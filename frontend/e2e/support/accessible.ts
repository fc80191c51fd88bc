/** Whether a page has accessibility faults that a machine can find. */

import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** `hasMenu`: a menu is open, which lies beside all landmarks of the page and belongs to the button that opened it. */
export async function expectAccessible(page: Page, { hasMenu = false }: { hasMenu?: boolean } = {}): Promise<void> {
  await settle(page);
  const axe = new AxeBuilder({ page });
  const { violations } = await (hasMenu ? axe.disableRules(["region"]) : axe).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}

/** What appears is still faint: wait until all that ends has ended. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/** Nothing is wider than the window. */
export async function expectNoSideways(page: Page): Promise<void> {
  const { wide, window } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  expect(wide).toBeLessThanOrEqual(window);
}
