import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, settled, visit } from './browser.js';
import { keepsToThePage, keyboardReachesEverything, looksRight, reflows } from './checks.js';
import { type Console, describeInBrowser, type Role, theConsole } from './console.js';
import { theWorld } from './world.js';

describeInBrowser('the frame around every screen', () => {
  let console: Console;
  let browser: Browser;
  beforeAll(async () => {
    console = await theConsole();
    await theWorld(console);
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(() => browser?.close());

  it.each<[Role, string, string[]]>([
    ['booker', '/calling', ['Ringa', 'Leads', 'Möten', 'Min dag']],
    ['supervisor', '/floor', ['Läget', 'Leads', 'Möten', 'Min dag', 'Uppdrag', 'Synk']],
    [
      'dpo',
      '/privacy-centre',
      ['Uppdrag', 'Synk', 'Integritet', 'Raderingar', 'Intyg', 'Spärrlista', 'Granskningslogg'],
    ],
    ['admin', '/engagements', ['Min dag', 'Uppdrag', 'Synk', 'Granskningslogg', 'Personal', 'Inställningar']],
    ['client', '/overview', ['Översikt', 'Möten', 'Uppdrag']],
  ])('a %s starts at %s and has only what is theirs in the menu', async (role, home, words) => {
    const { page, go, close } = await visit(browser, console, role);
    await go('/');
    expect(new URL(page.url()).pathname).toBe(home);
    const links = await page.getByRole('navigation', { name: 'Huvudmeny' }).getByRole('link').allInnerTexts();
    expect(links.map((text) => text.split('\n')[0])).toEqual(words); // behind it, how many need one
    await close();
  });

  it('what is another role’s does not exist, and what does not exist is answered alike', async () => {
    const { page, go, close } = await visit(browser, console, 'booker');
    for (const path of ['/privacy-centre', '/no-such-page']) {
      await go(path);
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Sidan finns inte');
    }
    await close();
  });

  it('keys go to pages, list themselves, and belong to the text in a field', async () => {
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await go('/leads');
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.waitForURL('**/meetings');
    await page.keyboard.press('?');
    const list = page.getByRole('dialog', { name: 'Tangenter på den här sidan' });
    await list.getByText('Gå till Leads').waitFor();
    await page.keyboard.press('Escape');
    await list.waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await page.keyboard.type('gl'); // also the way to Leads, outside of fields
    expect(new URL(page.url()).pathname).toBe('/meetings');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('synk');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/sync');
    await close();
  });

  it('single characters can be switched off', async () => {
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await go('/leads');
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Av', { exact: true }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Gå till' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/leads');
    await close();
  });

  it('language and appearance change at once, are remembered, and are all that is kept', async () => {
    const { page, go, close } = await visit(browser, console, 'dpo');
    await go('/privacy-centre');
    await page.getByRole('button', { name: /^Ditt konto/ }).click();
    await page.getByRole('menuitemradio', { name: 'Mörkt' }).click();
    await page.getByRole('menuitemradio', { name: 'English' }).click();
    await page.getByRole('heading', { level: 1, name: 'Privacy' }).waitFor();
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.title()).toBe('[Sandbox] Privacy · Avtala');
    const { name, email } = console.account('dpo');
    await keepsToThePage(page, [name, email]);
    expect(await page.evaluate('Object.keys(localStorage).sort()')).toEqual(['avtala.appearance', 'avtala.language']);
    await close();
  });

  it('the skip link goes past the menu; Tab reaches everything', async () => {
    const { page, go, close } = await visit(browser, console, 'admin');
    await go('/engagements');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.innerText')).toBe('Till innehållet');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    await keyboardReachesEverything(page);
    await close();
  });

  it.each<[string, Role, string, ((page: Page) => Promise<void>) | undefined]>([
    ['the menu with words', 'dpo', '/privacy-centre', undefined],
    ['the rail', 'booker', '/calling', undefined],
    ['the list of keys', 'dpo', '/privacy-centre', (page) => opened(page, '?')],
    ['the palette', 'dpo', '/privacy-centre', (page) => opened(page, 'Control+k')],
  ])(
    'passes axe in both schemes and languages: %s',
    (_, role, path, then) => looksRight(browser, console, role, path, then),
    240_000,
  );

  it('reflows at 320 px and at 200 %', () => reflows(browser, console, 'dpo', '/privacy-centre'), 60_000);

  it('below 1024 px the menu comes from the side', async () => {
    const { page, go, close } = await visit(browser, console, 'dpo', { width: 390, height: 844 });
    await go('/privacy-centre');
    await page.getByRole('button', { name: 'Meny' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Granskningslogg' }).click();
    await page.waitForURL('**/audit');
    await settled(page);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await close();
  });
});

async function opened(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key);
  await page.getByRole('dialog').waitFor();
}
