// axe-core inside a page. It is evaluated over the debugging protocol, which the page's policy does not hold for: nothing is
// loosened in the product, nor in the browser.
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const COUNTS: ReadonlySet<string | null | undefined> = new Set(['moderate', 'serious', 'critical']);

/** Every rule axe has on, no rule switched off. The frozen screen is a page of its own in the list, so frames are left out here. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(
    'axe.run(document, { iframes: false, resultTypes: ["violations"] })',
  )) as AxeResults;
  return violations
    .filter(({ impact }) => COUNTS.has(impact))
    .flatMap(({ id, impact, nodes }) => nodes.map(({ target }) => `${impact} ${id} at ${target.join(' ')}`));
}
