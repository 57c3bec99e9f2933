import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** axe, asked for violations alone: a selector for each element that passed takes seconds on a list. Where a page has no frames
 * it may run in one piece ("legacy"), else it opens another page for the sum of them, which takes longer than looking does. */
export const axeOn = (page: Page) =>
  new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode(page.frames().length === 1);
