import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import type { Api } from './api.js';
import { openBrowser, visit } from './browser.js';
import { keepsToThePage, keyboardReachesEverything, looksRight, passesAxe, reflows } from './checks.js';
import { type Console, describeInBrowser, type SeededEngagement, theConsole } from './console.js';
import { person } from './people.js';
import { freeSlots, takeIn, theWorld, wait } from './world.js';

interface Booked {
  readonly id: string;
  readonly startsAt: string;
  readonly hostId: string;
  readonly state: string;
  readonly sequence: number;
  readonly calendar: { readonly state: string } | null;
}
const FIRST_LEAD = 1300;
const LIST = /\/api\/v1\/bookings\?/;
const PATIENCE_MS = 15_000;

describeInBrowser('meetings', () => {
  let console: Console;
  let browser: Browser;
  let booker: Api;
  let engagement: SeededEngagement;
  let path = '';
  const leads: string[] = [];
  const one = (id: string) => booker.get<Booked>(`/api/v1/bookings/${id}`);
  /** In the week after next, where other suites book nothing. */
  const book = async (): Promise<Booked> => {
    const slots = await freeSlots(booker, engagement.meetingTypeId);
    const monday = Temporal.PlainDate.from(new URL(path, console.url).searchParams.get('week')!);
    const from = monday.toZonedDateTime('Europe/Stockholm').toInstant();
    const slot = slots.find((s) => Temporal.Instant.compare(s.startsAt, from) >= 0)!;
    const { hostId, startsAt } = slot;
    const body = { meetingTypeId: engagement.meetingTypeId, leadId: leads.pop()!, hostId, startsAt };
    return booker.post<Booked>('/api/v1/bookings', body);
  };
  const until = async (id: string, is: (b: Booked) => boolean): Promise<Booked> => {
    for (let waited = 0; waited < PATIENCE_MS; waited += 200) {
      const found = await one(id);
      if (is(found)) return found;
      await new Promise((r) => setTimeout(r, 200));
    }
    return one(id);
  };
  /** The row of a meeting has the focus, and its details are open. */
  const openOf = async (page: Page, id: string) => {
    const { searchParams } = new URL(page.url());
    expect(searchParams.get('open')).toBe(id);
    return page.getByRole('complementary', { name: 'Mötet' });
  };

  beforeAll(async () => {
    console = await theConsole();
    engagement = (await theWorld(console)).engagements[0]!;
    booker = await console.as('booker');
    const today = Temporal.Now.zonedDateTimeISO('Europe/Stockholm').toPlainDate();
    path = `/meetings?week=${today.add({ days: 15 - today.dayOfWeek }).toString()}`;
    leads.push(...(await takeIn(await console.as('admin'), engagement.id, FIRST_LEAD, 6)));
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(() => browser?.close());

  it('is moved by keys alone: M, a time, Enter; the list says the new SEQUENCE, and nobody is named', async () => {
    const meeting = await book();
    const { page, go, close } = await visit(browser, console, 'booker');
    await go(`${path}&open=${meeting.id}`);
    const detail = await openOf(page, meeting.id);
    await detail.getByText('du', { exact: true }).waitFor(); // the booker's credit
    await page.keyboard.press('m');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio').first().waitFor();
    expect(await dialog.getByRole('radio', { checked: true }).count()).toBe(0); // none is chosen beforehand
    await page.keyboard.press('3');
    await page.keyboard.press('Enter');
    await page.getByText('Mötet är flyttat').first().waitFor();
    const moved = await one(meeting.id);
    expect([moved.sequence, moved.startsAt === meeting.startsAt]).toEqual([1, false]);
    await keepsToThePage(page, [person(FIRST_LEAD).name, person(FIRST_LEAD).email]);
    await close();
  });

  it('is cancelled once although the answer was lost: the second press is the same act', async () => {
    const meeting = await book();
    const { page, go, close } = await visit(browser, console, 'supervisor');
    const keys: (string | null)[] = [];
    await page.route('**/cancel', async (route) => {
      keys.push(await route.request().headerValue('idempotency-key'));
      if (keys.length > 1) return route.continue();
      await route.fetch(); // it happens, and nobody hears of it
      await route.abort();
    });
    await go(`${path}&open=${meeting.id}`);
    const detail = await openOf(page, meeting.id);
    await detail.waitFor();
    await page.route(LIST, (route) => route.abort()); // nor does the list
    await page.keyboard.press('a');
    await page.getByRole('dialog').getByRole('button', { name: 'Avboka mötet' }).press('Enter');
    await page
      .getByText(/^Servern svarar inte/)
      .first()
      .waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('a');
    const again = page.getByRole('dialog').getByRole('button', { name: 'Avboka mötet' });
    await again.waitFor();
    await page.unroute(LIST);
    await again.press('Enter');
    await page.getByText('Mötet är avbokat').first().waitFor();
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
    expect(await one(meeting.id)).toMatchObject({ state: 'cancelled', sequence: 1 });
    await detail.getByText('Avbokat').waitFor();
    await close([/ERR_FAILED/]);
  });

  it('once begun it is completed by Y or a no-show by U, and a no-show is rebooked by B', async () => {
    const [came, missed] = [await book(), await book()];
    await past([came.id, missed.id]);
    const { page, go, close } = await visit(browser, console, 'booker');
    const act = async (id: string, word: string, key: string, button: string) => {
      const { startsAt } = await one(id);
      const day = Temporal.Instant.from(startsAt).toZonedDateTimeISO('Europe/Stockholm').toPlainDate();
      await go(`/meetings?week=${day.toString()}&open=${id}`);
      await (await openOf(page, id)).waitFor();
      // Until the sandbox's clock is known it has not begun, and the key does nothing.
      await page.getByRole('button', { name: word, disabled: false }).first().waitFor();
      await page.keyboard.press(key);
      await page.getByRole('dialog').getByRole('button', { name: button }).press('Enter');
    };
    await act(came.id, 'Genomfört', 'y', 'Skriv in att mötet är genomfört');
    await page.getByText('Inskrivet: genomfört').first().waitFor();
    await act(missed.id, 'Uteblev', 'u', 'Skriv in att leadet uteblev');
    await page.getByText('Inskrivet: uteblev').first().waitFor();
    expect([(await one(came.id)).state, (await one(missed.id)).state]).toEqual(['held', 'missed']);
    // Before the list has come again the page does not know it as a no-show, and the key does nothing.
    await page.getByRole('button', { name: 'Boka om', disabled: false }).first().waitFor();
    await page.keyboard.press('b');
    await page.getByRole('dialog').getByRole('radio').first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await close();
  });

  it('one that its host’s calendar refused says so, and is written again by W', async () => {
    const admin = await console.as('admin');
    await admin.post('/sandbox/misbehave', {
      ...{ standIn: 'google', kind: 'expired-token', times: null, match: 'POST /calendar/v3/calendars' },
    });
    const meeting = await book();
    await wait(admin, { seconds: 15 });
    const refused = await until(meeting.id, (b) => b.calendar?.state === 'failed');
    await admin.ask('DELETE', '/sandbox/misbehave/google/expired-token');
    expect(refused.calendar?.state).toBe('failed');
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await go(path);
    const row = page.getByRole('row').filter({ hasText: 'Bokat, inte i kalendern' }).first();
    await row.focus();
    await row.getByText('kunde inte skrivas').waitFor();
    await passesAxe(page, ['color-contrast']);
    await page.goto(`${path}&open=${meeting.id}`);
    const detail = await openOf(page, meeting.id);
    await detail.getByText('google-401').waitFor();
    await page.keyboard.press('w');
    await page.getByText('Skrivs i kalendern igen').first().waitFor();
    expect((await until(meeting.id, (b) => b.calendar?.state === 'written')).calendar?.state).toBe('written');
    await close();
  });

  it('the week is a table with a header for each host; V changes the view, and a meeting opens there too', async () => {
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await go(path);
    await page.keyboard.press('v');
    const table = page.getByRole('table', { name: 'Veckan, värd för värd' });
    await table.waitFor();
    expect(new URL(page.url()).searchParams.get('view')).toBe('week');
    const names = await table.getByRole('rowheader').allInnerTexts();
    for (const { name } of engagement.hosts) expect(names.some((text) => text.startsWith(name))).toBe(true);
    expect(await table.getByRole('columnheader').count()).toBeGreaterThanOrEqual(6);
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Mötet' }).waitFor();
    await keyboardReachesEverything(page);
    await passesAxe(page);
    await close();
  });

  it('on a phone the details stand in place of the list, with what can be done, and lead back', async () => {
    const { page, go, close } = await visit(browser, console, 'booker', { width: 390, height: 844 });
    await go(path);
    await page.getByRole('row').filter({ hasText: /Bokat/ }).first().click();
    await page.getByRole('heading', { level: 2, name: 'Mötet' }).waitFor();
    expect(await page.getByRole('grid', { name: 'Möten' }).isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Flytta' }).waitFor();
    await page.getByRole('button', { name: 'Tillbaka till mötena' }).click();
    await page.getByRole('grid', { name: 'Möten' }).waitFor();
    await close();
  });

  it(
    'passes axe in both schemes and languages, with the details of one',
    () =>
      looksRight(browser, console, 'supervisor', path, async (page) => {
        await page.locator('[role=row][tabindex="0"]').press('Enter');
        await page.getByRole('complementary').waitFor();
      }),
    120_000,
  );

  it('reflows at 320 px and at 200 %', async () => {
    await reflows(browser, console, 'booker', path);
  }, 120_000);

  /** As if they had begun a quarter of an hour ago. The clock is everybody's here, and no type can be booked so soon. */
  async function past(ids: readonly string[]): Promise<void> {
    const pool = new pg.Pool({ connectionString: console.dataUrl, max: 1 });
    const now = (await booker.get<{ now: string }>('/sandbox/bar')).now;
    await pool.query(
      `update scheduling.booking set starts_at = $2::timestamptz - interval '15 minutes', ends_at = $2::timestamptz + interval '15 minutes'
       where id = any($1::uuid[])`,
      [ids, now],
    );
    await pool.end();
  }
});
