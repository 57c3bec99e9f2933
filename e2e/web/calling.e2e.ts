import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { totpCode } from '@avtala/access';
import type { Browser, Page } from 'playwright-core';
import pg from 'pg';
import type { Api } from './api.js';
import { openBrowser, visit } from './browser.js';
import { keepsToThePage, keyboardReachesEverything, looksRight, reflows } from './checks.js';
import { type Console, describeInBrowser, theConsole } from './console.js';
import { type DeskWorld, deskWorld } from './desk-world.js';
import { middle, toNext } from './key-to-paint.js';

describeInBrowser('Ringa', () => {
  let console: Console;
  let browser: Browser;
  let world: DeskWorld;
  let hour: DeskWorld;
  let admin: Api;
  beforeAll(async () => {
    console = await theConsole();
    admin = await console.as('admin');
    world = await deskWorld(console, { name: 'Ringa', first: 2000, leads: 16, bookers: 2 });
    hour = await deskWorld(console, { name: 'En timme', first: 2100, leads: 24, bookers: 1 });
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(() => browser?.close());

  const name = (page: Page) => page.locator('#lead-name');
  const on = (w: DeskWorld) => `/calling?engagement=${w.engagementId}`;
  it('a booker’s hour by keyboard alone: 20 leads, every outcome, two bookings, a callback, an objection in the middle of a booking, an undo', async () => {
    const { page, go, close } = await visit(browser, console, 'booker');
    await go(on(hour));
    await name(page).waitFor();
    const times: number[] = [];
    const talk = async (...keys: string[]) => {
      expect(keys.length).toBeLessThanOrEqual(6);
      await page.waitForTimeout(600); // nobody answers a call they have not read
      times.push(await toNext(page, ...keys));
    };
    const slots = page.getByRole('radio', { checked: true });
    await page.keyboard.press('1');
    await slots.waitFor();
    await page.getByText(/är reserverad åt dig i 0[45]:/).waitFor();
    await talk('a', 'Enter'); // a booking: its time was chosen, the notice is said
    await page.getByText('bokat', { exact: true }).waitFor();
    await page.getByRole('button', { name: /ångra/ }).waitFor();
    await page.keyboard.press('z'); // the undo: the lead is back, its meeting is not
    await page.getByText(/^Ångrat:/).waitFor();
    await page.keyboard.press('2');
    await slots.waitFor();
    await talk('Enter'); // booked after all; whoever was on the screen comes back
    await page.keyboard.press('3');
    await slots.waitFor();
    await talk('a', 'x', 'Enter'); // an objection in the middle of a booking
    await talk('r', '3'); // a callback, tomorrow morning, one's own
    await talk('f', 'Enter');
    await page.keyboard.press('4');
    await slots.waitFor();
    await talk('a', 'Enter');
    for (const key of ['s', 'u', 'n', 'o', 'Shift+Q', 's', 's', 'n', 's', 'u', 'o', 's', 's', 'n']) await talk(key);
    expect(times).toHaveLength(20);
    const outcomes = await eventually(async () => {
      const day = await (
        await console.as('booker')
      ).get<{ outcomes: { outcome: string; count: number }[] }>(
        `/api/v1/calling/my-day?engagementId=${hour.engagementId}`,
      );
      const counts = Object.fromEntries(day.outcomes.map((o) => [o.outcome, o.count]));
      return counts['not-interested'] === 3 ? counts : undefined;
    });
    // Whoever objected is erased within moments, and is counted no more; the trail knows (below).
    delete outcomes['objected'];
    expect(outcomes).toEqual({
      ...{ booked: 2, callback: 1, 'wrong-number': 1, 'no-answer': 6, busy: 2, 'not-interested': 3 },
      ...{ 'not-a-fit': 2, 'not-connected': 1 },
    });
    const bookings = await admin.get<{ items: { state: string }[] }>(
      `/api/v1/bookings?engagementId=${hour.engagementId}`,
    );
    expect(bookings.items.map((b) => b.state).sort()).toEqual(['booked', 'booked', 'cancelled']);
    await keepsToThePage(
      page,
      [...hour.people.values()].flatMap((p) => [p.name, p.email]),
    );

    // The budget is 100 ms at p95. Measured on two cores, browser and server together, others at work beside them: median 81, p95 110 ms;
    // on quiet ones the median was 66. These bounds tell when it gets worse; a machine with four runs on it was four times as slow.
    const sorted = times.toSorted((a, b) => a - b);
    const [median, p95] = [middle(times), sorted[Math.ceil(sorted.length * 0.95) - 1]!];
    const said = `from the key to the next lead: median ${median.toFixed()}, p95 ${p95.toFixed()} ms`;
    process.stdout.write(`\nRinga, ${said} of ${times.map(Math.round).join(', ')}\n`);
    if (median > 250 || p95 > 1_000) throw new Error(said);
    await onlyTheShownAreAudited(page);
    await close();
  }, 120_000);

  /** An audit line for each lead that was on the screen, none for those that were only kept ready (G3). */
  async function onlyTheShownAreAudited(page: Page): Promise<void> {
    const reserved = page.waitForResponse((r) => r.url().endsWith('/calling/reservation') && r.status() === 200);
    await page.keyboard.press('r'); // opening an outcome's choices keeps the next lead ready
    await reserved;
    await page.keyboard.press('Escape');
    const pool = new pg.Pool({ connectionString: console.dataUrl, max: 1 });
    try {
      const { rows } = await pool.query<{ id: string; reserved: boolean; shown: boolean; claimed: boolean }>(
        `select l.id, l.reserved, l.claimed_by is not null as claimed, exists (select from lead_intake.audit_entry a
           where a.subject_ref = l.id and convert_from(a.canonical, 'UTF8')::jsonb ->> 'action' = 'lead.handed-out') as shown
         from lead_intake.lead l where l.engagement_id = $1`,
        [hour.engagementId],
      );
      const { rows: noes } = await pool.query(
        `select from lead_intake.audit_entry where convert_from(canonical, 'UTF8')::jsonb @> $1`,
        [{ action: 'lead.contacted', engagement: hour.engagementId, detail: { outcome: 'objected' } }],
      );
      expect(noes).toHaveLength(1);
      expect(rows.filter((r) => r.reserved && !r.shown)).toHaveLength(1);
      expect(rows.filter((r) => r.shown !== (r.claimed && !r.reserved))).toEqual([]);
    } finally {
      await pool.end();
    }
  }

  it('two browsers race for one slot: one has it, the other is told and stands on the nearest', async () => {
    const [a, b] = [await visit(browser, console, ['booker', 1]), await visit(browser, console, ['booker', 2])];
    for (const { go, page } of [a, b]) {
      await go(on(world));
      await name(page).waitFor();
      await page.getByRole('radio').first().waitFor();
    }
    expect(await name(a.page).innerText()).not.toBe(await name(b.page).innerText());
    await Promise.all([a.page.keyboard.press('5'), b.page.keyboard.press('5')]);
    const told = [a.page, b.page].map((page) => page.getByText(/hann bokas\. Närmast: \d\d:\d\d/));
    const kept = [a.page, b.page].map((page) => page.getByText(/är reserverad åt dig/));
    await Promise.race(told.map((t) => t.waitFor()));
    const loser = (await told[0]!.isVisible()) ? 0 : 1;
    await kept[1 - loser]!.waitFor();
    const page = [a, b][loser]!.page;
    await page.locator('[role=radio]:focus').waitFor();
    expect(await page.evaluate('document.activeElement.dataset.start.slice(11, 16)')).toMatch(/^\d\d:\d\d$/);
    expect(await page.getByRole('radio', { checked: true }).count()).toBe(0);
    for (const v of [a, b]) await v.close([/409/]);
  }, 60_000);

  it('a lead that is set aside elsewhere leaves the screen at once; only going on is left', async () => {
    const { page, go, close } = await visit(browser, console, 'booker');
    await go(on(world));
    const shown = await name(page).innerText();
    const { lead } = await (
      await console.as('booker')
    ).get<{ lead: { id: string; email: string; version: number } }>(
      `/api/v1/calling/current?engagementId=${world.engagementId}`,
    );
    const dpo = await console.as('dpo');
    expect((await dpo.ask('PATCH', `/api/v1/leads/${lead.id}`, { restricted: true })).status).toBe(200);
    await page.getByRole('alert').getByText('Avsluta vänligt').waitFor({ timeout: 5_000 });
    const text = await page.locator('body').innerText();
    expect(text).not.toContain(lead.email);
    if (shown.includes(' ')) expect(text).not.toContain(shown);
    expect(await page.getByRole('button', { name: /Svarar inte/ }).isDisabled()).toBe(true);
    await page.keyboard.press('s'); // means nothing now
    await page.keyboard.press('Enter');
    await name(page).waitFor();
    expect(await name(page).innerText()).not.toBe(shown);
    await close([/404|409/]);
  }, 60_000);

  it('a slow API shows the shape of what comes and never a wrong lead', async () => {
    const { page, go, close } = await visit(browser, console, 'booker');
    await go(on(world));
    const before = await name(page).innerText();
    await page.route('**/api/**', async (route) => {
      await new Promise((r) => setTimeout(r, 2_000));
      await route.continue().catch(() => undefined);
    });
    await page.keyboard.press('s');
    await page.locator('[data-phase="loading"] [aria-busy="true"]').waitFor();
    expect(await name(page).count()).toBe(0);
    expect(await page.locator('body').innerText()).not.toContain(before);
    await page.getByText('svarar inte, sparar…').waitFor();
    expect(await page.getByRole('button', { name: /Svarar inte/ }).isDisabled()).toBe(true);
    await page.getByText('Hämtar nästa lead…').waitFor();
    await name(page).waitFor();
    expect(await name(page).innerText()).not.toBe(before);
    await page.unroute('**/api/**');
    await close();
  }, 60_000);

  it('the session ends in the middle of a note: signing in again, and the note is saved; it was never kept in the browser', async () => {
    const { page, context, go, close } = await visit(browser, console, ['booker', 2]);
    const inHand = async () => (await console.as('booker', 2)).get<{ lead: { id: string } }>(`/api/v1/calling/current?engagementId=${world.engagementId}`); // prettier-ignore
    await go(on(world));
    await name(page).waitFor();
    const note = page.getByLabel('Anteckning', { exact: true });
    await page.keyboard.press('t');
    await page.keyboard.type('Vill höra mer i mars, två bearbetningscentra');
    await context.clearCookies(); // as when a session is ended elsewhere
    const dialog = page.getByRole('dialog', { name: 'Du har loggats ut' });
    await dialog.waitFor({ timeout: 10_000 });
    expect(await note.inputValue()).toBe('Vill höra mer i mars, två bearbetningscentra');
    await keepsToThePage(page, ['bearbetningscentra']);
    const { password, totpSecret } = console.account('booker', 2);
    await dialog.getByLabel('Lösenord').fill(password);
    await page.keyboard.press('Enter');
    await dialog.getByLabel(/kod/i).fill(totpCode(totpSecret, Date.now(), 1));
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(await note.inputValue()).toBe('Vill höra mer i mars, två bearbetningscentra');
    const { lead } = await inHand();
    await note.focus();
    await page.keyboard.press('Escape');
    await toNext(page, 's');
    const dpo = await console.as('dpo');
    const kept = await eventually(async () => {
      const log = await dpo.get<{ items: { note: string | null }[] }>(`/api/v1/leads/${lead.id}/activities`);
      return log.items[0];
    });
    expect(kept.note).toBe('Vill höra mer i mars, två bearbetningscentra');
    await close([/401/]);
  }, 60_000);

  it('identity numbers and special categories are stopped while they are typed, and never sent (B1)', async () => {
    const { page, go, close } = await visit(browser, console, ['booker', 2]);
    const sent: string[] = [];
    page.on('request', (r) => sent.push(r.postData() ?? ''));
    await go(on(world));
    const before = await name(page).innerText();
    await page.keyboard.press('t');
    await page.keyboard.type('Ring 070-174 06 12, inte 811218-9876');
    await page.getByText('Det ser ut som ett personnummer').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await page.getByText('Rätta anteckningen först').waitFor();
    expect(await name(page).innerText()).toBe(before);
    await page.keyboard.press('t');
    await page.getByLabel('Anteckning', { exact: true }).fill('Hon är sjukskriven');
    await page.getByText('Det säger något om hälsa').waitFor();
    await page.getByLabel('Anteckning', { exact: true }).fill('Ring 070-174 06 12 efter lunch');
    await page.getByText('Personnummer, hälsa och åsikter stoppas').waitFor();
    await page.keyboard.press('Escape');
    await toNext(page, 'n');
    expect(sent.join('\n')).toContain('efter lunch');
    expect(sent.join('\n')).not.toMatch(/811218|sjukskriven/);
    await close();
  }, 60_000);

  it('passes axe in both schemes and languages, with its panels open; reflows; Tab reaches everything', async () => {
    await looksRight(browser, console, 'booker', on(world), async (page) => {
      await name(page).waitFor();
      await page.getByRole('radio').first().waitFor();
      await page.keyboard.press('1');
      await page.keyboard.press('r');
      await page.getByRole('dialog').waitFor();
    });
    await reflows(browser, console, 'booker', on(world));
    const { page, go, close } = await visit(browser, console, 'booker');
    await go(on(world));
    await name(page).waitFor();
    await keyboardReachesEverything(page);
    await close();
  }, 120_000);

  it('Min dag: one’s own figures, by keys', async () => {
    await looksRight(browser, console, 'booker', '/my-day');
    const { page, go, close } = await visit(browser, console, 'booker');
    await go('/my-day');
    await page.getByText('svarar inte').waitFor();
    await page.keyboard.press('v');
    await page.getByRole('columnheader', { name: 'Timme' }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.waitForURL(/on=\d{4}-\d\d-\d\d/);
    await page.getByText('Inga försök den här dagen.').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByText('svarar inte').waitFor();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Ladda ner CSV' }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/^my-day-\d{4}-\d\d-\d\d\.csv$/);
    await close();
  }, 60_000);
});

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const found = await look();
    if (found !== undefined) return found;
    if (attempt === 50) throw new Error('It has not come about within ten seconds');
    await new Promise((r) => setTimeout(r, 200));
  }
}
