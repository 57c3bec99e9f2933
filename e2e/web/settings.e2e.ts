import { signIn } from '@avtala/access';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openBrowser, visit, type Visit } from './browser.js';
import { keepsToThePage, keyboardReachesEverything, looksRight, passesAxe, reflows } from './checks.js';
import { type Console, describeInBrowser, type Role, theConsole } from './console.js';
import { theWorld } from './world.js';

describeInBrowser('settings', () => {
  let console: Console;
  let browser: Browser;
  beforeAll(async () => {
    console = await theConsole();
    await theWorld(console);
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(() => browser?.close());

  /** A page in a session of its own, proved a moment ago. */
  const freshly = async (role: Role, n = 1): Promise<Visit & { cookie: string }> => {
    const { cookie } = await signIn({ baseUrl: console.url, ...console.account(role, n) });
    const visited = await visit(browser, console, 'nobody');
    const [name, value] = [cookie.slice(0, cookie.indexOf('=')), cookie.slice(cookie.indexOf('=') + 1)];
    const url = console.url.replace('http:', 'https:');
    await visited.context.addCookies([{ name, value, url, httpOnly: true, secure: true }]);
    return { ...visited, cookie };
  };

  it('everybody reaches their own by the menu of their account; what is chosen holds at once; / finds; nothing of the agency’s is there', async () => {
    const { page, go, close } = await visit(browser, console, 'booker');
    await go('/my-day');
    const nav = page.getByRole('navigation', { name: 'Huvudmeny' });
    expect(await nav.getByRole('link', { name: 'Inställningar' }).count()).toBe(0);
    await page.getByRole('button', { name: /^Ditt konto/ }).click();
    await page.getByRole('menuitem', { name: 'Inställningar' }).click();
    await page.getByRole('heading', { level: 1, name: 'Inställningar' }).waitFor();
    for (const name of ['API-nycklar', 'Granskningskedjor och köer', 'Om sandlådan'])
      expect(await page.getByRole('heading', { name }).count()).toBe(0);
    const choose = async (name: string) => {
      await page.getByRole('radio', { name, exact: true }).focus();
      await page.keyboard.press('Space');
    };
    await choose('Mörkt');
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();

    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('/');
    await page.keyboard.type('aterstallning'); // without its dots, by a word that is not in the title
    await page.getByRole('heading', { name: 'Andra faktor' }).waitFor();
    expect(await page.getByRole('heading', { level: 2, name: 'Utseende' }).count()).toBe(0);
    await page.keyboard.type('xyz');
    await page.getByText('Ingen inställning heter ”aterstallningxyz”.').waitFor();
    await page.keyboard.press('Escape');

    await choose('Av');
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('/');
    expect(await page.evaluate(`document.activeElement?.getAttribute('aria-label')`)).not.toBe('Hitta en inställning');
    await choose('English');
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await close();
  });

  it('a session elsewhere is seen, and ended from here; the history says how one came in (G2)', async () => {
    const elsewhere = await signIn({ baseUrl: console.url, ...console.account('booker', 3) });
    const { page, go, close } = await freshly('booker', 3);
    await go('/settings');
    const sessions = page.getByRole('list', { name: 'Sessioner' });
    const other = sessions.getByRole('listitem').filter({ hasNot: page.getByText('den här') });
    await sessions.getByText('den här').waitFor();
    expect(await other.count()).toBeGreaterThan(0);
    await page.getByRole('cell', { name: 'Inloggning kod från app' }).first().waitFor();
    await page.getByRole('button', { name: 'Avsluta alla andra…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Avsluta de andra' }).press('Enter');
    await page
      .getByText(/avslutade?$/)
      .first()
      .waitFor();
    await other.first().waitFor({ state: 'detached' });
    const { status } = await fetch(`${console.url}/api/v1/me`, { headers: { cookie: elsewhere.cookie } });
    expect(status).toBe(401);

    const devices = await page.context().newCDPSession(page);
    await devices.send('WebAuthn.enable');
    await devices.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true },
        ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
      },
    });
    await page.getByRole('button', { name: 'Lägg till en nyckel…' }).click();
    await page.getByLabel('Namn, så att du känner igen den').fill('Kontorets dator');
    await page.keyboard.press('Enter');
    await page.getByText('Nyckeln är tillagd').first().waitFor();
    await page.getByRole('button', { name: 'Gör nya koder…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Gör nya koder' }).press('Enter');
    const shown = page.getByRole('dialog').getByRole('listitem');
    await shown.first().waitFor();
    const codes = await shown.allInnerTexts();
    expect(codes).toHaveLength(10);
    await keepsToThePage(page, codes);
    await page.getByRole('button', { name: 'Jag har sparat dem' }).press('Enter');
    await page.getByText('10 kvar').waitFor();
    await page.getByRole('button', { name: 'Ta bort Kontorets dator' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Ta bort nyckeln' }).press('Enter');
    await page.getByText('Nyckeln är borttagen').first().waitFor();
    await close([/401/]);
  }, 120_000);

  it('a wrong password is said beside its field, and what was typed stays', async () => {
    const { page, go, close } = await visit(browser, console, 'dpo');
    await go('/settings');
    await page.getByRole('button', { name: 'Byt lösenord…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Nuvarande lösenord').fill('not-the-right-one-at-all');
    await dialog.getByLabel('Nytt lösenord').fill('kort');
    await page.keyboard.press('Enter');
    await dialog.getByText('Ett lösenord har minst 12 tecken.').waitFor();
    expect(await dialog.getByLabel('Nuvarande lösenord').inputValue()).toBe('not-the-right-one-at-all');
    await close([/400/]);
  });

  it('B8: a supplier’s key has a source, is shown once, and opens nothing once it is revoked', async () => {
    const { page, go, close } = await freshly('admin');
    await go('/settings');
    await page.getByRole('button', { name: 'Ny nyckel…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Namn/).fill('anna@leverantor.example');
    await dialog.getByLabel(/^Leverantör/).fill('Listhuset AB');
    await dialog.getByLabel(/^Källa/).fill('Bolagsregister');
    await page.keyboard.press('Control+Enter');
    await dialog.getByText('Om leverantören, inte om en person').waitFor();
    expect(await dialog.getByLabel(/^Leverantör/).inputValue()).toBe('Listhuset AB');
    await dialog.getByLabel(/^Namn/).fill('Listhuset, höst');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: 'Spara nyckeln nu' }).waitFor();
    const key = (await page.getByRole('dialog').locator('code').innerText()).trim();
    expect(key).toMatch(/^avt_\w{8}_\w{43}$/);
    await keepsToThePage(page, [key]);
    const ask = async () => {
      const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
      const url = `${console.url}/api/v1/engagements/${console.seeded.engagements[0]!.id}/leads`;
      return (await fetch(url, { method: 'POST', headers, body: '{}' })).status;
    };
    await page.keyboard.press('Enter');
    const row = page.getByRole('row').filter({ hasText: 'Listhuset, höst' }).first();
    await row.getByText('gäller', { exact: true }).waitFor();
    expect(await page.locator('body').innerText()).not.toContain(key);
    expect(await ask()).not.toBe(401);
    await row.getByRole('button', { name: 'Återkalla Listhuset, höst' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Återkalla nyckeln' }).press('Enter');
    await row.getByText('återkallad').waitFor();
    expect(await ask()).toBe(401);
    await page.getByRole('row', { name: /^Leads \d/ }).waitFor(); // the chain of a service that has sealed something
    await keyboardReachesEverything(page);
    await close([/400/]);
  }, 120_000);

  it('passes axe in both schemes and languages', async () => {
    await looksRight(browser, console, 'dpo', '/settings');
    const { page, go, close } = await visit(browser, console, 'admin');
    await go('/settings');
    await page.getByRole('row', { name: /^Leads \d/ }).waitFor();
    await passesAxe(page);
    await close();
  }, 120_000);

  it('reflows at 320 px and at 200 %', async () => {
    await reflows(browser, console, 'booker', '/settings');
  }, 120_000);
});
