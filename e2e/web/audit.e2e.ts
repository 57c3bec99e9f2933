import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, visit } from './browser.js';
import { keepsToThePage, keyboardReachesEverything, looksRight, reflows } from './checks.js';
import { type Console, describeInBrowser, type Role, theConsole } from './console.js';
import { person } from './people.js';
import { theWorld } from './world.js';

/** Acts that have a sentence, as the dictionary is written: projects do not import each other. */
const ACTS = new Set(
  [
    ...readFileSync(join(import.meta.dirname, '../../apps/booker-web/src/words/audit-acts.ts'), 'utf8').matchAll(
      /^ {4}'?([a-z.-]+)(?:@service)?'?:/gm,
    ),
  ].map(([, act]) => act!),
);

const SERVICES = ['agency', 'lead-intake', 'scheduling', 'crm-sync', 'retention'] as const;

describeInBrowser('the audit log', () => {
  let console: Console;
  let browser: Browser;
  let leadId = '';
  beforeAll(async () => {
    console = await theConsole();
    const world = await theWorld(console);
    leadId = world.leads[30]!;
    const supervisor = await console.as('supervisor');
    await supervisor.post(`/api/v1/leads/${leadId}/unmask`, { reason: 'samtal' });
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(() => browser?.close());

  const grid = (page: Page) => page.getByRole('grid', { name: 'Granskningslogg' });

  it('G2: by keys alone: the chain is verified, the log filtered, a row opened and proved here in the browser', async () => {
    const { page, go, close } = await visit(browser, console, 'dpo');
    await go('/audit');
    await page.keyboard.press('v');
    await page.getByText(/^Kontrollerat nu: hel till rad/).waitFor();
    await page.getByRole('heading', { level: 2, name: /^Kedjan hel till rad \d/ }).waitFor();

    await page.keyboard.press('/');
    await page.keyboard.type(console.account('supervisor').name);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/who=/);
    await page.getByLabel('Id på lead eller person').fill(leadId);
    await page.waitForURL(/lead=/);
    await grid(page).getByRole('row').nth(1).waitFor();
    const said = await grid(page).getByText(/skäl: samtal$/).innerText(); // prettier-ignore
    expect(said).toBe(
      `${console.account('supervisor').name} läste lead ${leadId.slice(0, 4)}…${leadId.slice(-6)}, skäl: samtal`,
    );

    await grid(page).getByRole('row').nth(1).focus();
    await page.keyboard.press('Enter');
    const detail = page.getByRole('complementary', { name: 'Raden' });
    await detail.waitFor();
    await page.keyboard.press('b');
    await detail.getByText('Beviset håller').waitFor();
    await detail.getByText('Kedjans summa är signerad med tjänstens nyckel.').waitFor();
    await keyboardReachesEverything(page);
    const { name, email, phone } = person(30);
    const text = await page.locator('body').innerText();
    for (const value of [name, email, phone]) expect(text).not.toContain(value);
    await keepsToThePage(page, [name, email, console.account('supervisor').name]);
    await page.keyboard.press('Escape');
    await detail.waitFor({ state: 'detached' });
    await close();
  });

  it('G2: an export holds where it is checked, and not with one letter changed', async () => {
    const { page, go, close } = await visit(browser, console, 'dpo');
    await go(`/audit?lead=${leadId}`);
    await page.keyboard.press('e');
    await page.getByRole('dialog', { name: 'Exportera med bevis' }).waitFor();
    const [saved] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(saved.suggestedFilename()).toMatch(/^avtala-audit-[\dTZ-]+\.json$/);
    const file = await readFile(await saved.path(), 'utf8');
    expect(file).toContain('lead.unmasked');
    const check = async (contents: string) => {
      const path = join(console.dir, 'audit-export.json');
      await writeFile(path, contents);
      await page.locator('input[type=file]').setInputFiles(path);
      return page.getByRole('status', { name: 'Kontroll av fil' });
    };
    await (await check(file)).getByText(/^Filen håller: \d+ rader ur .*Leads och samtal/).waitFor();
    await (await check(file.replace('lead.unmasked', 'lead.unmaskeb'))).getByText('Filen håller inte').waitFor();
    await close();
  });

  it('five trails are one list by time, read on at its end, and whatever was done has its sentence', async () => {
    const { page, go, close } = await visit(browser, console, 'dpo');
    await go('/audit');
    const times = await grid(page).locator('[role=row] time:first-child').evaluateAll((all) => all.map((t) => t.getAttribute('datetime')!)); // prettier-ignore
    expect(times.length).toBeGreaterThan(10);
    expect(times).toEqual([...times].sort().reverse()); // to the second, all of them: these texts do sort
    const rows = async () => Number(await grid(page).getAttribute('aria-rowcount'));
    const before = await rows();
    await grid(page).getByRole('row').nth(1).focus();
    const more = page.waitForResponse((r) => /\/audit\?.*after=/.test(r.url()) && r.ok());
    await page.keyboard.press('End');
    await more;
    while ((await rows()) <= before) await page.waitForTimeout(50);
    await close();

    const dpo = await console.as('dpo');
    for (const service of SERVICES) {
      const { items } = await dpo.get<{ items: { act: string }[] }>(`/api/v1/${service}/audit?limit=200`);
      expect([...new Set(items.map((i) => i.act))].filter((act) => !ACTS.has(act))).toEqual([]);
    }
  });

  it('G2: a chain found broken is red on every page of the officer, names its first bad row, and is not repaired by looking', async () => {
    const pool = new pg.Pool({ connectionString: console.dataUrl, max: 1 });
    const { page, go, close } = await visit(browser, console, 'dpo');
    const { rows } = await pool.query<{ id: string; canonical: Buffer; index: string }>(
      `select e.id, e.canonical, l.index from retention.audit_entry e join retention.audit_leaf l on l.entry_id = e.id order by l.index limit 1`,
    );
    const { id, canonical, index } = rows[0]!;
    const write = (bytes: Buffer) =>
      pool.query('update retention.audit_entry set canonical = $2 where id = $1', [id, bytes]);
    const bar = page.getByRole('alert').filter({ hasText: 'kedja är bruten' });
    try {
      await write(Buffer.from(canonical.toString().replace('"action"', '"aktion"')));
      await go('/audit');
      await page.keyboard.press('v');
      await page.getByText('Kontrollerat nu: kedjan är bruten').waitFor();
      await page.getByText(`bruten vid rad ${Number(index) + 1}`).waitFor();
      await go('/privacy-centre');
      await bar.getByText(`Radering, rad ${Number(index) + 1}`).waitFor();
      await bar.getByRole('link').press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Granskningslogg' }).waitFor();
    } finally {
      await write(canonical);
      await pool.end();
    }
    await page.keyboard.press('v');
    await page.getByText(/^Kontrollerat nu: hel/).waitFor();
    await bar.waitFor({ state: 'detached' });
    await close();
  });

  it('an administrator sees their own part; for others there is no such page', async () => {
    const admin = await visit(browser, console, 'admin');
    await admin.go(`/audit?lead=${leadId}`);
    await admin.page.getByText('Det du själv har gjort, och det som inte rör någon person.').waitFor();
    expect(await admin.page.locator('body').innerText()).not.toContain('skäl: samtal');
    await admin.close();
    for (const role of ['booker', 'supervisor', 'client'] as const satisfies readonly Role[]) {
      const { page, go, close } = await visit(browser, console, role);
      await go('/audit');
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Sidan finns inte');
      await close();
    }
  });

  it('passes axe in both schemes and languages, a row and its proof open', async () => {
    await looksRight(browser, console, 'dpo', '/audit?act=lead.contacted', async (page) => {
      await page.getByRole('grid').getByRole('row').nth(3).press('Enter');
      await page.getByRole('complementary').waitFor();
      await page.keyboard.press('b');
      await page.getByText(/^(Beviset håller|The proof holds)$/).waitFor();
    });
  }, 60_000);

  it('reflows at 320 px and at 200 %', () => reflows(browser, console, 'dpo', '/audit'), 60_000);
});
