import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openBrowser, visit } from './browser.js';
import { keyboardReachesEverything, looksRight, reflows } from './checks.js';
import { type Console, describeInBrowser, theConsole } from './console.js';

describeInBrowser('setting up: engagements', () => {
  let console: Console;
  let browser: Browser;
  let path = '';
  beforeAll(async () => {
    console = await theConsole();
    path = `/engagements/${console.seeded.engagements[0]!.id}`;
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(() => browser?.close());

  it('the tab is in the address and goes by [ and ]; Ctrl+Enter saves calling rules from within a field', async () => {
    const { page, go, close } = await visit(browser, console, 'admin');
    await go('/engagements');
    await page.getByRole('grid', { name: 'Uppdrag' }).getByRole('row').nth(1).press('Enter');
    await page.getByRole('heading', { level: 2, name: 'Avtalet' }).waitFor();
    await page.keyboard.press(']');
    const grace = page.getByLabel('Frist för återuppringning (minuter)');
    await grace.waitFor();
    expect(new URL(page.url()).searchParams.get('tab')).toBe('rules');
    await grace.fill('25');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Sparat').first().waitFor();
    await page.reload();
    await grace.waitFor();
    expect(await grace.inputValue()).toBe('25');
    await keyboardReachesEverything(page);
    await close();
  });

  it('D4: outside the EEA a safeguard has to be chosen, and none that is void is offered', async () => {
    const { page, go, close } = await visit(browser, console, 'admin');
    await go(`${path}?tab=connections`);
    await page.getByRole('button', { name: 'Anslut ett CRM…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Var kontots data ligger').first().click();
    await page.getByRole('option', { name: 'Nordamerika (na1)' }).click();
    expect(await dialog.getByRole('button', { name: 'Anslut ett CRM' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Skyddsåtgärd').first().click();
    const offered = await page.getByRole('option').filter({ visible: true }).allInnerTexts();
    expect(offered).toEqual([
      'Beslut om adekvat skyddsnivå',
      'Standardavtalsklausuler',
      'Bindande företagsbestämmelser',
    ]);
    await close();
  });

  it('a supervisor reads the contract and is told who gives notice; there is nothing to press', async () => {
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await go(path);
    await page.getByText('En administratör säger upp.').waitFor();
    expect(await page.getByRole('button', { name: 'Säg upp' }).count()).toBe(0);
    await close();
  });

  it.each([
    ['the list', 'admin', (): string => '/engagements'],
    ['contract', 'admin', (): string => path],
    ['rules', 'admin', (): string => `${path}?tab=rules`],
    ['clock', 'dpo', (): string => `${path}?tab=clock`],
    ['connections', 'client', (): string => `${path}?tab=connections`],
    ['mapping', 'dpo', (): string => `${path}?tab=mapping`],
  ] as const)(
    'passes axe in both schemes and languages: %s',
    (_, role, where) => looksRight(browser, console, role, where()),
    60_000,
  );

  it('reflows at 320 px and at 200 %', async () => {
    await reflows(browser, console, 'admin', `${path}?tab=rules`);
  }, 60_000);
});
