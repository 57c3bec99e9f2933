import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Api } from './api.js';
import { openBrowser, visit } from './browser.js';
import { keepsToThePage, keyboardReachesEverything, looksRight, reflows } from './checks.js';
import { type Console, describeInBrowser, theConsole } from './console.js';

describeInBrowser('leads', () => {
  let console: Console;
  let browser: Browser;
  let dir: string;
  let engagementId: string;
  let supervisor: Api;
  const domain = `prov-${randomUUID().slice(0, 8)}.example`;
  const source = `Register ${domain.slice(5, 13)}`;
  const add = async (name: string, n: number) =>
    (
      await supervisor.post<{ id: string }>(`/api/v1/engagements/${engagementId}/leads`, {
        ...{ name, company: 'Provbolaget AB', title: 'VD', email: `lead${n}@${domain}`, source },
        ground: 'legitimate-interest',
      })
    ).id;

  beforeAll(async () => {
    console = await theConsole();
    browser = await openBrowser(console);
    dir = await mkdtemp(join(tmpdir(), 'avtala-leads-'));
    engagementId = console.seeded.engagements[0]!.id;
    supervisor = await console.as('supervisor');
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    if (dir) await rm(dir, { recursive: true });
  });

  it('filters stand in the address with their counts, Backspace takes the last, and what is searched for stands nowhere', async () => {
    const id = await add('Sökta Personsson', 1);
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await go(`/leads?engagement=${engagementId}`);
    await page.keyboard.press('f');
    const dialog = page.getByRole('dialog', { name: 'Filter' });
    await dialog.getByRole('button', { name: /^ny \d/ }).press('Enter');
    const started = Date.now();
    await dialog.getByRole('button', { name: new RegExp(`^${source} `) }).press('Enter');
    await page.waitForURL(/source=/);
    await page.keyboard.press('Escape');
    const chips = page.getByRole('list', { name: 'Filter' });
    expect(await chips.getByRole('listitem').count()).toBe(4); // three and "clear all"
    expect(Date.now() - started).toBeLessThan(5000);
    await dialog.waitFor({ state: 'detached' });
    await page.evaluate('document.activeElement?.blur()');
    await page.keyboard.press('Backspace');
    await page.waitForURL((url) => !url.searchParams.has('source'));
    await page.keyboard.press('Backspace');
    await page.waitForURL((url) => !url.searchParams.has('state'));

    await page.keyboard.press('/');
    await page.keyboard.type('sökta perso');
    await page.keyboard.press('Enter');
    const grid = page.getByRole('grid', { name: 'Leads' });
    await grid.getByText('S••• P•••').waitFor();
    await keepsToThePage(page, ['sökta', 'personsson']);
    await grid.getByRole('row').nth(1).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/leads/${id}`);
    await close();
  }, 60_000);

  it('a lead is shown for a reason, corrected against a newer version, and blank the moment it is revoked', async () => {
    const name = 'Wolfeschlegelsteinhausenbergerdorff\u00a0ليلى Zoe\u0301';
    const id = await add(name, 21);
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await go(`/leads/${id}`);
    expect(await page.locator('h1').innerText()).toContain('W•••');
    await page.keyboard.press('v');
    await page.keyboard.type('Rättelse begärd');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /Wolfeschlegel/ }).waitFor();
    await page.getByText(`lead21@${domain}`).waitFor();
    await keepsToThePage(page, ['Wolfeschlegel', `lead21@${domain}`]);

    await page.keyboard.press('e');
    const dialog = page.getByRole('dialog');
    const title = dialog.getByLabel('Titel');
    await title.focus();
    await page.evaluate(`(() => { const data = new DataTransfer(); data.setData('text/html', '<b>Chef</b>'); data.setData('text/plain', 'Chef'); document.activeElement.select(); document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true })); })()`); // prettier-ignore
    await title.fill('Inköpschef');
    const other = await supervisor.ask('PATCH', `/api/v1/leads/${id}`, { title: 'Platschef' });
    expect(other.status).toBe(200);
    await page.keyboard.press('Enter');
    await dialog.getByText('Någon annan ändrade leadet').waitFor();
    await dialog.getByText('Gäller nu: Platschef').waitFor();
    expect(await title.inputValue()).toBe('Inköpschef');
    await dialog.getByRole('button', { name: 'Spara det jag skrev' }).press('Enter');
    await dialog.waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Visa uppgifterna' }).press('Enter');
    await page.getByLabel('Skäl').fill('Kontroll');
    await page.keyboard.press('Enter');
    await page.getByText(`lead21@${domain}`).waitFor();
    await supervisor.post('/api/v1/privacy-requests', { leadId: id, kind: 'objection' });
    await page.getByRole('heading', { name: 'Leadet visas inte längre' }).waitFor({ timeout: 15_000 });
    expect(await page.locator('main').innerText()).not.toContain(`lead21@${domain}`);
    await page.getByRole('button', { name: 'Läs om' }).press('Enter');
    await page.getByRole('heading', { level: 1, name: /Lead som raderas|Raderat lead/ }).waitFor();
    await close([/404/, /409/]);
  }, 60_000);

  it('what a role may not see is not in the answer', async () => {
    const id = await add('Hemlig Person', 31);
    const [booker, admin, client] = [await console.as('booker'), await console.as('admin'), await console.as('client')];
    const line = async (api: Api, path: string) => JSON.stringify((await api.ask('GET', path)).body);
    for (const api of [booker, admin, supervisor])
      expect(await line(api, `/api/v1/leads/${id}`)).not.toContain('Hemlig');
    expect((await booker.ask('POST', `/api/v1/leads/${id}/unmask`, { reason: 'Nyfiken' })).status).toBe(403);
    for (const path of ['/standing', '', '/activities'])
      expect((await client.ask('GET', `/api/v1/leads/${id}${path}`)).status).toBe(403);
    expect((await client.ask('GET', '/api/v1/leads/facets')).status).toBe(403);
    expect((await client.ask('GET', `/api/v1/lead-clocks/${id}`)).status).toBe(403);
    expect((await booker.ask('GET', `/api/v1/engagements/${engagementId}/imports`)).status).toBe(403);
    await supervisor.ask('PATCH', `/api/v1/leads/${id}`, { restricted: true });
    expect((await booker.ask('GET', `/api/v1/leads/${id}/standing`)).status).toBe(404);
    expect(await line(booker, '/api/v1/leads/facets')).not.toContain('restricted');
  });

  it.each<[string, (page: Page) => Promise<void>, string]>([
    ['the list', async () => undefined, '/leads'],
    ['the filters', (page) => page.keyboard.press('f'), '/leads'],
    ['an import’s first step', async () => undefined, '/leads/import'],
  ])(
    'passes axe in both schemes and languages: %s',
    (_, then, path) => looksRight(browser, console, 'supervisor', path, then),
    120_000,
  );

  it('a lead’s page passes axe, is reached by keyboard, and reflows', async () => {
    const id = await add('Axel Prov', 41);
    await looksRight(browser, console, 'supervisor', `/leads/${id}`);
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await go(`/leads/${id}`);
    await keyboardReachesEverything(page);
    await close();
    for (const path of ['/leads', '/leads/import', `/leads/${id}`]) await reflows(browser, console, 'supervisor', path);
  }, 120_000);
});
