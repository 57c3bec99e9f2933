import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signIn } from '@avtala/access';
import { simpleParser } from 'mailparser';
import { randomUUID } from 'node:crypto';
import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type AgencyAlone, startAgencyAlone } from './agency-alone.js';
import { axeOn } from './axe.js';

const CHROMIUM = '/usr/bin/chromium';
const here = existsSync(CHROMIUM);
if (!here && process.env.CI) throw new Error('Browser tests need Chromium (apt install chromium)');
if (!here) console.error('Browser tests of the public pages are skipped: they need Chromium (apt install chromium)');
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']; // prettier-ignore

let system: AgencyAlone;
let browser: Browser | undefined;
let headers: { cookie: string; origin: string };
let engagement: { id: string; meetingTypeId: string };

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are read field by field
type Body = any;

beforeAll(async () => {
  system = await startAgencyAlone({ AVTALA_SERVICES: '', AVTALA_SEED: 'on', AVTALA_TRUSTED_PROXIES: '' });
  // The administrator may enter every engagement, and move the clock.
  const { email, password, totpSecret } = system.staff.find((s) => s.role === 'admin')!;
  ({ headers } = await signIn({ baseUrl: system.url, email, password, totpSecret }));
  const seeded = JSON.parse(await readFile(join(system.dir, 'sandbox-seed.json'), 'utf8')) as { engagements: [typeof engagement] }; // prettier-ignore
  [engagement] = seeded.engagements;
  if (here) browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await system?.stop();
}, 60_000);

/** Until it is taken: what was made a moment ago in one service is on its way to the others. */
async function api(method: string, path: string, body?: object): Promise<Body> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`${system.url}/api/v1/${path}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (response.ok) return text ? JSON.parse(text) : undefined;
    if (![404, 409, 503].includes(response.status) || attempt === 100)
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    await new Promise((r) => setTimeout(r, 100));
  }
}

let people = 0;
/** @returns id and the directory of the lead's mails */
async function lead(): Promise<{ id: string; email: string }> {
  const email = `karin${++people}@bruksvik.example`;
  const body = { name: `Karin Sand ${'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[people]}`, email, source: 'Bolagsregistret', ground: 'legitimate-interest' }; // prettier-ignore
  return { id: (await api('POST', `engagements/${engagement.id}/leads`, body)).id, email };
}

/** Tokens of the newest mail to an address, once there are so many mails. */
async function tokensTo(email: string, count: number): Promise<string[]> {
  const { now } = await api('GET', 'test/clock');
  await api('PUT', 'test/clock', { now: Temporal.Instant.from(now).add({ seconds: 11 }).toString() });
  for (let attempt = 0; attempt < 200; attempt++) {
    const files = globSync(`sandbox/mailbox/${email}/*.eml`, { cwd: system.dir }).sort();
    if (files.length >= count) {
      const mail = await simpleParser(await readFile(join(system.dir, files[count - 1]!)));
      return [...mail.text!.matchAll(/\/p\/([A-Za-z0-9_-]+)/g)].map((m) => m[1]!);
    }
    await new Promise((r) => setTimeout(r, 100));
  }
  throw new Error(`No mail ${count} to ${email}`);
}

async function pickToken(): Promise<string> {
  const { id, email } = await lead();
  await api('POST', 'booking-links', { meetingTypeId: engagement.meetingTypeId, leadId: id, askedByLead: true });
  return (await tokensTo(email, 1))[0]!;
}

async function invited(): Promise<{ move: string; cancel: string; bookingId: string; email: string; leadId: string }> {
  const { id, email } = await lead();
  const { now } = await api('GET', 'test/clock');
  const from = Temporal.Instant.from(now).add({ hours: 24 * 4 });
  const free = await api('GET', `meeting-types/${engagement.meetingTypeId}/slots?from=${from.toString()}&to=${from.add({ hours: 120 }).toString()}`); // prettier-ignore
  const startsAt = free.slots[0].startsAt;
  const booked = await api('POST', 'bookings', { meetingTypeId: engagement.meetingTypeId, leadId: id, startsAt });
  const [move, cancel] = await tokensTo(email, 1);
  return { move: move!, cancel: cancel!, bookingId: booked.id, email, leadId: id };
}

const get = (path: string, init: RequestInit = {}) => fetch(`${system.url}${path}`, { redirect: 'manual', ...init });
const post = (path: string, fields: Record<string, string>) =>
  get(path, { method: 'POST', body: new URLSearchParams(fields) });
const pageIn = (html: string) => /name="page" value="([^"]+)"/.exec(html)![1]!;
const timesIn = (html: string) => [...html.matchAll(/name="at" value="([0-9a-z]+)"/g)].map((m) => m[1]!);

describe('without a browser', () => {
  it('every page is small, sets no cookie, loads and runs nothing, is not indexed, and ends with one’s data', async () => {
    const { move, cancel } = await invited();
    const pick = await pickToken();
    const paths = [pick, `${pick}?zone=Asia/Kathmandu&lang=en`, move, `${move}?zone=America/Los_Angeles`, cancel, 'made-up', `${cancel}x`]; // prettier-ignore
    for (const path of paths) {
      const answer = await get(`/p/${path}`);
      const html = await answer.text();
      expect([path, answer.status]).toEqual([path, /made-up|x$/.test(path) ? 404 : 200]);
      expect(Buffer.byteLength(html)).toBeLessThanOrEqual(15_000);
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-security-policy': expect.stringMatching(
          /^default-src 'none';style-src 'sha256-[^']+';form-action 'self'/,
        ),
        'x-robots-tag': 'noindex, nofollow',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      expect(html).not.toMatch(/<script|javascript:|<img|<link|@import|url\(|\son[a-z]+="/);
      expect(html).toMatch(/<h2>(Dina uppgifter|Your data)<\/h2>[\s\S]*imy\.se/);
      expect(html).not.toMatch(/karin\d|Karin/);
      expect(html).not.toContain(' checked');
    }
  });

  it('GET and HEAD change nothing, whatever they are sent to', async () => {
    const { move, cancel, bookingId } = await invited();
    const pick = await pickToken();
    const state = async () =>
      JSON.stringify([
        await system.sql(`select * from scheduling.booking where id = $1`, [bookingId]),
        await system.sql(`select * from scheduling.booking_link order by id`),
        await system.sql(`select count(*) from scheduling.idempotency`),
      ]);
    const before = await state();
    for (const token of [pick, move, cancel])
      for (const act of ['', '/book', '/move', '/cancel', '/decline', '/want-time', '?at=t3k9x&page=x'])
        for (const method of ['GET', 'HEAD']) {
          const answer = await get(`/p/${token}${act}`, { method });
          expect([200, 303]).toContain(answer.status);
          if (method === 'HEAD') expect(await answer.text()).toBe('');
        }
    expect(await state()).toBe(before);
  });

  it('a press without its page, with another link’s, with no time, or with something else does nothing and says what', async () => {
    const { move, cancel } = await invited();
    const html = await (await get(`/p/${move}`)).text();
    const [at] = timesIn(html);
    const wrong = [{ at: at! }, { page: pageIn(await (await get(`/p/${cancel}`)).text()), at: at! }, { page: pageIn(html) }, { page: pageIn(html), at: "'><script>" }]; // prettier-ignore
    for (const fields of wrong) {
      const answer = await post(`/p/${move}/move`, fields as Record<string, string>);
      expect(answer.status).toBe(422);
      expect(await answer.text()).toMatch(/role="alert">(Sidan var för gammal|Välj en tid först)/);
    }
    const json = await get(`/p/${move}/move`, { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }); // prettier-ignore
    expect(json.status).toBe(422);
    const huge = await post(`/p/${cancel}/cancel`, { said: 'x'.repeat(20_000) });
    expect([huge.status, huge.headers.get('set-cookie')]).toEqual([413, null]);
  });

  it('pressed twice it is moved once, and both answers lead to the same receipt', async () => {
    const { move, bookingId } = await invited();
    const html = await (await get(`/p/${move}`)).text();
    const fields = { page: pageIn(html), at: timesIn(html).at(-1)! };
    const [one, two] = await Promise.all([post(`/p/${move}/move`, fields), post(`/p/${move}/move`, fields)]);
    expect([one.status, two.status]).toEqual([303, 303]);
    expect(one.headers.get('location')).toBe(two.headers.get('location'));
    expect(await system.sql('select sequence from scheduling.booking where id = $1', [bookingId])).toEqual([{ sequence: 1 }]); // prettier-ignore
    expect((await get(`/p/${move}`)).status).toBe(410);
  });

  it('a time that was taken meanwhile: the same page, why, and the nearest first', async () => {
    const [first, second] = [await pickToken(), await pickToken()];
    const [one, two] = await Promise.all([first, second].map(async (t) => (await get(`/p/${t}`)).text()));
    const hosts = await system.sql<{ n: number }>('select count(*)::int as n from scheduling.meeting_type_host where meeting_type_id = $1', [engagement.meetingTypeId]); // prettier-ignore
    const at = timesIn(one!)[3]!;
    let html = one!;
    let token = first;
    for (let n = 0; n < hosts[0]!.n; n++) {
      expect((await post(`/p/${token}/book`, { page: pageIn(html), at })).status).toBe(303);
      token = await pickToken();
      html = await (await get(`/p/${token}`)).text();
    }
    const lost = await post(`/p/${second}/book`, { page: pageIn(two!), at });
    const shown = await lost.text();
    expect([lost.status, Buffer.byteLength(shown) <= 15_000]).toEqual([409, true]);
    expect(shown).toMatch(/role="alert">\d\d:\d\d hann bokas av någon annan\. Närmaste lediga tid är \d\d:\d\d\./);
    expect(/<legend>([^<]*)/.exec(shown)![1]).toBe('Närmast det du valde');
    expect(timesIn(shown)).not.toContain(at);
  });

  it('what a lead wrote on cancelling is kept under their key in lead-intake, and shown to no other', async () => {
    const { cancel, leadId } = await invited();
    const page = pageIn(await (await get(`/p/${cancel}`)).text());
    const stopped = await post(`/p/${cancel}/cancel`, { page, said: 'mitt nummer är 640823-3234' });
    expect(stopped.status).toBe(422);
    expect(await stopped.text()).toMatch(/personnummer.*mitt nummer är 640823-3234<\/textarea>/s);
    const fresh = pageIn(await (await get(`/p/${cancel}`)).text());
    expect((await post(`/p/${cancel}/cancel`, { page: fresh, said: 'Vi valde en annan.' })).status).toBe(303);
    const kept = await system.sql<{ outcome: string; sealed: Buffer }>('select outcome, sealed from lead_intake.activity where lead_id = $1', [leadId]); // prettier-ignore
    expect(kept).toMatchObject([{ outcome: 'wrote' }]);
    expect(kept[0]!.sealed.toString('latin1')).not.toContain('valde');
  });

  it('no thanks closes the lead; another time is a callback', async () => {
    for (const [act, state] of [
      ['decline', 'closed'],
      ['want-time', 'open'],
    ] as const) {
      const token = await pickToken();
      const html = await (await get(`/p/${token}`)).text();
      expect((await post(`/p/${token}/${act}`, { page: pageIn(html) })).status).toBe(303);
      const find = () => system.sql<{ state: string; outcome: string }>(`select l.state, a.outcome from lead_intake.lead l join lead_intake.activity a on a.lead_id = l.id order by a.id desc limit 1`); // prettier-ignore
      for (
        let n = 0;
        n < 100 && (await find())[0]?.outcome !== (act === 'decline' ? 'not-interested' : 'callback');
        n++
      )
        await new Promise((r) => setTimeout(r, 100));
      expect(await find()).toMatchObject([{ state }]);
    }
  });
});

(here ? describe : describe.skip)('in a browser without JavaScript', () => {
  const open = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser!.newContext({ locale: 'sv-SE', javaScriptEnabled: false, ...options });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) throw new Error(message.text());
    });
    await page.goto(`${system.url}/p/${path}`);
    return page;
  };

  it('by keyboard alone: another zone, a time, booked, the file, moved, cancelled', async () => {
    const page = await open(await pickToken(), { acceptDownloads: true });
    await page.getByLabel('Tider i').selectOption('Europe/Helsinki');
    await page.getByRole('button', { name: 'Byt' }).press('Enter');
    await page
      .getByRole('radio', { name: /i Sverige/ })
      .first()
      .press('Space');
    await page.getByRole('button', { name: 'Boka vald tid' }).press('Enter');
    await page.getByRole('heading', { name: 'Mötet är bokat' }).waitFor();
    expect(await page.textContent('dd')).toMatch(/\d\d:\d\d–\d\d:\d\d i Helsingfors, \d\d:\d\d–\d\d:\d\d i Sverige/);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /\.ics/ }).click(),
    ]);
    expect(await readFile(await file.path(), 'utf8')).toContain('BEGIN:VEVENT');
    await page.getByRole('link', { name: 'Flytta mötet' }).press('Enter');
    await page.getByRole('radio').nth(4).press('Space');
    await page.getByRole('button', { name: 'Flytta till vald tid' }).press('Enter');
    await page.getByRole('heading', { name: 'Mötet är flyttat' }).waitFor();
    await page.getByRole('link', { name: 'Avboka mötet' }).press('Enter');
    await page.getByRole('button', { name: 'Avboka mötet' }).press('Enter');
    await page.getByRole('heading', { name: 'Mötet är avbokat' }).waitFor();
    expect(await page.context().cookies()).toEqual([]);
    await page.context().close();
  });

  it('no time chosen: the browser asks for one, and no thanks needs none', async () => {
    const page = await open(await pickToken());
    expect(await page.locator('input:checked').count()).toBe(0);
    await page.getByRole('button', { name: 'Boka vald tid' }).click();
    await page.getByRole('button', { name: 'Nej tack, inget möte' }).click();
    await page.getByRole('heading', { name: 'Du har tackat nej' }).waitFor();
    await page.context().close();
  });

  it.each(['sv', 'en'])(
    'axe finds nothing in either scheme, nothing is cut off at 320 px, targets are 44 px (%s)',
    async (lang) => {
      const { move, cancel } = await invited();
      const pick = await pickToken();
      const receipt = (await (await get(`/api/v1/public/meetings/${move}`)).json() as Body).receiptToken; // prettier-ignore
      for (const token of [pick, move, cancel, receipt, 'made-up']) {
        const path = `${token}?lang=${lang}&zone=Europe/Helsinki`;
        const page = await open(path, { javaScriptEnabled: true, viewport: { width: 320, height: 640 } });
        const { violations } = await axeOn(page).analyze();
        await page.emulateMedia({ colorScheme: 'dark' });
        const dark = await axeOn(page).withRules(['color-contrast', 'link-in-text-block']).analyze();
        const found = [...violations, ...dark.violations];
        expect([token, found.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)]).toEqual([token, []]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
        const small =
          await page.evaluate(`[...document.querySelectorAll('button, select, textarea, a:not(footer p:last-child a), .s')]
          .filter((e) => e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML)`);
        expect([token, small]).toEqual([token, []]);
        await page.context().close();
      }
    },
    120_000,
  );
});
