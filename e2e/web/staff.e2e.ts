import { totpCode } from '@avtala/access';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Browser, BrowserContext } from 'playwright-core';
import { openBrowser, visit } from './browser.js';
import { keepsToThePage, keyboardReachesEverything, looksRight, reflows } from './checks.js';
import { type Console, describeInBrowser, type Role, theConsole } from './console.js';

const REFUSED = /status of (401|403)/;

describeInBrowser('staff and access', () => {
  let console: Console;
  let browser: Browser;
  let kim = '';
  /** When the admin last gave their second factor, as the suite needs it: the run is longer than the 15 minutes it is good for. */
  const provedMinutesAgo = async (minutes: number) => {
    const pool = new pg.Pool({ connectionString: console.dataUrl, max: 1 });
    await pool.query(
      `update agency.auth_session set auth_time = clock_timestamp() - make_interval(mins => $2)
        where "userId" = (select id from agency.auth_user where email = $1)`,
      [console.account('admin').email, minutes],
    );
    await pool.query('delete from agency.totp_used'); // codes of this half minute, which others of the run have used
    await pool.end();
  };
  beforeAll(async () => {
    console = await theConsole();
    const admin = await console.as('admin');
    await provedMinutesAgo(0);
    const { link } = await admin.post<{ link: string }>('/api/v1/staff/invitations', {
      ...{ email: 'kim.ek@agency.example', role: 'booker' },
    });
    const accepted = await fetch(`${console.url}/api/v1/staff/invitations/accept`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: console.url },
      body: JSON.stringify({ token: link.split('#')[1], name: 'Kim Ek', password: 'en tulpan i varje hamn' }),
    });
    kim = ((await accepted.json()) as { id: string }).id;
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(() => browser?.close());

  /** Another second factor makes another session: the run's other suites go on with it. */
  async function keepSession(context: BrowserContext): Promise<void> {
    const { name } = await console.session('admin');
    const cookie = (await context.cookies()).find((c) => c.name === name)!;
    await writeFile(join(console.dir, 'session-admin-1'), `${name}=${cookie.value}`, { mode: 0o600 });
  }

  it('somebody is invited by keys alone; the link is on the page and nowhere else, and is taken back', async () => {
    await provedMinutesAgo(0);
    const { page, go, close } = await visit(browser, console, 'admin');
    await go('/staff');
    await page.keyboard.press('i');
    const form = page.getByRole('dialog', { name: 'Bjud in' });
    await form.getByLabel('E-postadress').waitFor();
    await page.keyboard.press('Enter');
    await form.getByText('Skriv en e-postadress.').waitFor();
    await form.getByText('Välj en roll.').waitFor();
    await page.keyboard.type('ny.person@agency.example');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    const made = page.getByRole('dialog', { name: 'Inbjudan är skapad' });
    const link = await made.getByLabel('Länk').inputValue();
    expect(link).toMatch(/^http:\/\/.*\/invitation#/);
    await keepsToThePage(page, ['ny.person', link.split('#')[1]!]);
    await page.keyboard.press('Escape');
    await made.waitFor({ state: 'detached' });

    await page.getByRole('link', { name: /^Inbjudningar/ }).press('Enter');
    await page.waitForURL(/tab=invitations/);
    const row = page.getByRole('row', { name: /ny\.person@agency\.example/ });
    await row.getByText('Väntar på svar').waitFor();
    await row.getByRole('button', { name: 'Dra tillbaka' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Dra tillbaka inbjudan?' });
    await dialog.getByText('Länken öppnar ingenting från och med nu.', { exact: false }).waitFor();
    await page.keyboard.press('Enter');
    await row.waitFor({ state: 'detached' });
    const accept = await fetch(`${console.url}/api/v1/staff/invitations/accept`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: console.url },
      body: JSON.stringify({ token: link.split('#')[1], name: 'Ny Person', password: 'en tulpan i varje hamn' }),
    });
    expect(accept.status).toBe(404);
    await close();
  });

  it('somebody is disabled by keys alone, after what it means and a fresh second factor; and let in again', async () => {
    await provedMinutesAgo(20);
    const { page, go, close, context } = await visit(browser, console, 'admin');
    await go('/staff');
    await page.keyboard.press('/');
    await page.keyboard.type('kim');
    const row = page.getByRole('grid', { name: 'Personer' }).getByRole('row').nth(1);
    await row.getByText('Kim Ek').waitFor();
    await row.focus();
    await page.keyboard.press('Enter');
    const detail = page.getByRole('complementary', { name: 'Personen' });
    await detail.waitFor();
    expect(new URL(page.url()).searchParams.get('open')).toBe(kim);
    await page.keyboard.press('d');
    const dialog = page.getByRole('dialog', { name: 'Stänga av Kim Ek?' });
    await dialog.getByText(/^Lovade återuppringningar ligger kvar/).waitFor();
    await dialog.getByText(/^Bokade möten står kvar/).waitFor();
    await page.keyboard.press('Enter');
    const proof = page.getByRole('dialog', { name: 'Bekräfta att det är du' });
    await proof.getByLabel('Kod från appen').waitFor();
    // The next one: the run's own sign-in may have taken this half minute's.
    await page.keyboard.type(totpCode(console.account('admin').totpSecret, Date.now(), 1));
    await page.keyboard.press('Enter');
    await page.getByText('Kim Ek är avstängd').waitFor();
    await keepSession(context);
    await detail.getByText('Avstängt').waitFor();
    await dialog.waitFor({ state: 'detached' });
    await page.keyboard.press('d');
    await page.getByRole('dialog', { name: 'Släppa in Kim Ek igen?' }).waitFor();
    await page.keyboard.press('Enter');
    await detail.getByText('Öppet').waitFor();
    await page.keyboard.press('h');
    await detail.getByText('Inga inloggningar de senaste tolv månaderna.').waitFor();
    await keyboardReachesEverything(page);
    await keepsToThePage(page, ['Kim Ek', 'kim.ek@']);
    await close([REFUSED]);
  });

  it('nobody disables themselves, and how somebody was recognised is asked before a factor is reset', async () => {
    const { page, go, close } = await visit(browser, console, 'admin');
    await go('/staff?role=admin');
    await page.getByRole('grid', { name: 'Personer' }).getByRole('row').nth(1).press('Enter');
    const detail = page.getByRole('complementary', { name: 'Personen' });
    await detail.getByText('Det här är ditt eget konto.', { exact: false }).waitFor();
    expect(await detail.getByRole('button', { name: /^Stäng av/ }).count()).toBe(0);
    await go(`/staff?open=${kim}`);
    await page.keyboard.press('f');
    const dialog = page.getByRole('dialog', { name: 'Nollställa den andra faktorn för Kim Ek?' });
    const button = dialog.getByRole('button', { name: 'Nollställ den andra faktorn' });
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByText('Vi har träffats').click();
    expect(await button.isEnabled()).toBe(true);
    await page.keyboard.press('Escape');
    await close();
  });

  it('is an administrator’s: for others there is no such page', async () => {
    for (const role of ['booker', 'supervisor', 'dpo', 'client'] as const satisfies readonly Role[]) {
      const { page, go, close } = await visit(browser, console, role);
      await go('/staff');
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Sidan finns inte');
      await close();
    }
  });

  it('passes axe in both schemes and languages: somebody open, and the invitation', async () => {
    await looksRight(browser, console, 'admin', `/staff?open=${kim}`, async (page) => {
      await page.getByRole('complementary').waitFor();
      await page.keyboard.press('h');
    });
    await looksRight(browser, console, 'admin', '/staff?tab=invitations', async (page) => {
      await page.keyboard.press('i');
      await page.getByRole('dialog').waitFor();
    });
  }, 60_000);

  it('reflows at 320 px and at 200 %', () => reflows(browser, console, 'admin', `/staff?open=${kim}`), 60_000);
});
