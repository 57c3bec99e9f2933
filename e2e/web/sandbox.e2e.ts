import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openBrowser, visit } from './browser.js';
import { keepsToThePage, keyboardReachesEverything, looksRight, reflows } from './checks.js';
import { type Console, describeInBrowser, theConsole } from './console.js';
import { theWorld } from './world.js';

describeInBrowser('the sandbox’s bar, inbox and vendors', () => {
  let console: Console;
  let browser: Browser;
  beforeAll(async () => {
    console = await theConsole();
    await theWorld(console);
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(() => browser?.close());

  it('the bar says business time, offers to move it, and leads to the inbox', async () => {
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await go('/sync');
    const bar = page.getByRole('region', { name: 'Sandlåda' });
    await bar.getByText(/^Klockan är/).waitFor();
    for (const name of ['+1 tim', '+1 dygn', /^Till /]) await bar.getByRole('button', { name }).first().waitFor();
    expect(await bar.innerText()).toContain('Inget lämnar datorn');
    await bar.getByRole('link', { name: /^Inkorg, \d+/ }).click();
    await page.waitForURL('**/sandbox-mail');
    await close();
  });

  it('an invitation is read, its source is seen as it came, and it is accepted as its reader', async () => {
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await go('/sandbox-mail');
    const invited = page
      .getByRole('row')
      .filter({ has: page.getByText('Inbjudan', { exact: true }) }) // not one that was withdrawn
      .first();
    await invited.waitFor();
    const address = (await invited.getByRole('gridcell').last().innerText()).trim();
    await invited.focus();
    await page.keyboard.press('Enter');
    const mail = page.getByRole('complementary', { name: 'Brevet' });
    await mail.getByRole('tab', { name: 'Källtext' }).click();
    await mail.getByText('METHOD:REQUEST').or(mail.getByText('Message-ID:')).first().waitFor();
    await mail.getByRole('button', { name: 'Tacka ja' }).click();
    await page.getByText(/^Svaret ligger hos /).waitFor();
    await page.getByRole('grid', { name: 'Post' }).getByText('Svar på inbjudan').first().waitFor();
    await keepsToThePage(page, [address]);
    await keyboardReachesEverything(page);
    await close();
  });

  it('vendors show what they hold, and a fault is turned on and off', async () => {
    const { page, go, close } = await visit(browser, console, 'admin');
    await go('/sandbox-crm');
    const slow = page.getByRole('switch', { name: 'Svarar efter 3 sekunder' });
    await slow.click();
    await page.getByRole('link', { name: '1 fel påslaget' }).waitFor();
    await slow.click();
    await page.getByRole('link', { name: '1 fel påslaget' }).waitFor({ state: 'detached' });
    await page.getByText('Kalendrar', { exact: true }).click();
    await page
      .getByRole('switch', { name: /^Kan inte läsas: / })
      .first()
      .waitFor();
    await close();
  });

  it('clients have the time and no more of it', async () => {
    const { page, go, close } = await visit(browser, console, 'client');
    await go('/sandbox-mail');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Sidan finns inte');
    const bar = page.getByRole('region', { name: 'Sandlåda' });
    await bar.getByText(/^Klockan är/).waitFor();
    expect(await bar.getByRole('button').count()).toBe(0);
    await close();
  });

  it('a tab that hears nothing for ten seconds says so, and takes it back when it hears again', async () => {
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await page.route('**/api/v1/live', (route) => route.abort());
    await go('/sync');
    await page.getByText(/^Anslutningen bröts \d\d:\d\d:\d\d/).waitFor({ timeout: 20_000 });
    await page.unroute('**/api/v1/live');
    await page.getByText(/^Anslutningen bröts/).waitFor({ state: 'detached', timeout: 30_000 });
    await close([/ERR_FAILED/]);
  }, 90_000);

  it.each(['/sandbox-mail', '/sandbox-crm', '/sandbox-crm?view=calendars'])(
    'passes axe in both schemes and languages: %s',
    (path) => looksRight(browser, console, 'admin', path),
    120_000,
  );

  it('reflows at 320 px and at 200 %', async () => {
    await reflows(browser, console, 'admin', '/sandbox-mail');
    await reflows(browser, console, 'admin', '/sandbox-crm');
  }, 60_000);
});
