import { totpCode } from '@avtala/access';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { openBrowser, settled, visit } from './browser.js';
import { keepsToThePage } from './checks.js';
import { type Console, describeInBrowser, ownConsole, type Role } from './console.js';
import { person, type Person } from './people.js';

/** Three people who may be called, and one without any way to reach them. */
const PEOPLE = [3000, 3001, 3002].map(person);
const FILE = [
  'Namn;Företag;Befattning;E-post;Telefon;Skostorlek',
  ...PEOPLE.map((p) => `${p.name};${p.company};${p.title};${p.email};${p.phone};42`),
  'Utan Adress;Bolaget AB;VD;;;41',
].join('\n');

/** What the browser itself reports of those who are not signed in yet. */
const AT_THE_DOOR = [/status of 401/];

describeInBrowser('the sandbox tour', () => {
  let console: Console & { stop(): Promise<void> };
  let browser: Browser;
  beforeAll(async () => {
    console = await ownConsole();
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await console?.stop();
  }, 60_000);

  it('from a file to a certificate, in one browser: import, call, book, invite, CRM, the end, months later the erasure and its proof', async () => {
    const { page, go, close } = await visit(browser, console, 'nobody');
    page.setDefaultTimeout(15_000); // seen: a second for each at most
    const heard = listen(page);
    const bar = page.getByRole('region', { name: 'Sandlåda' });
    const nothingLeft = async () => {
      const values = PEOPLE.flatMap((p) => [p.name, p.email, p.phone]);
      await keepsToThePage(page, values);
      const all = heard.join('\n').toLowerCase();
      expect(values.filter((v) => all.includes(v.toLowerCase()))).toEqual([]);
    };

    await go('/');
    await signInAs(page, console, 'supervisor');
    await importByKeyboard(page);
    await nothingLeft();
    await signOut(page);

    await signInAs(page, console, 'booker');
    const booked = await callAndBook(page);
    await moved(bar, bar.getByRole('button', { name: '+1 tim' })); // the invite waits ten seconds for an undo
    await bar.getByRole('link', { name: /^Inkorg, [1-9]/ }).click();
    await readInvite(page, booked);
    await bar.getByRole('link', { name: 'Låtsas-CRM' }).click();
    await seeContact(page, booked);
    await nothingLeft();
    await signOut(page);

    await signInAs(page, console, 'admin');
    await endEngagement(page, bar);
    await signOut(page);

    await signInAs(page, console, 'dpo');
    await eraseAndProve(page, bar);
    await bar.getByRole('link', { name: 'Låtsas-CRM' }).click();
    await nobodyIsLeft(page, booked);
    await knowsTheTimeAtOnce(page, bar);
    await nothingLeft();
    await signOut(page);
    await page.goBack(); // what was on the screen does not come back
    await page.waitForURL('**/sign-in?to=*');
    await settled(page);
    await close(AT_THE_DOOR);
  }, 150_000);
});

/** Every address that is asked for, every title of the tab, every line on the browser's console. */
function listen(page: Page): string[] {
  const heard: string[] = [];
  page.on('request', (request) => heard.push(decodeURIComponent(request.url())));
  page.on('console', (message) => heard.push(message.text()));
  page.on('framenavigated', (frame) => void frame.title().then((title) => heard.push(title), () => undefined)); // prettier-ignore
  return heard;
}

async function signInAs(page: Page, console: Console, role: Role): Promise<void> {
  const { email, password, totpSecret } = console.account(role);
  const code = page.getByLabel('Kod från appen');
  const field = page.getByLabel('E-post');
  // A code is good once, and the system's own first sign-in may have taken this half minute's.
  for (const step of [0, 1, -1] as const) {
    await field.waitFor();
    await field.fill(email);
    await page.getByLabel('Lösenord', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await code.waitFor();
    await code.fill(totpCode(totpSecret, Date.now(), step));
    await page.keyboard.press('Enter');
    const account = page.getByRole('button', { name: /^Ditt konto/ });
    const refused = page.getByText('Koden stämmer inte, eller så har den redan använts.');
    await account.or(refused).first().waitFor();
    if (!(await refused.isVisible())) return settled(page);
    await page.getByRole('button', { name: 'Börja om' }).click();
  }
  throw new Error(`No code lets ${role} in`);
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Ditt konto/ }).click();
  await page.getByRole('menuitem', { name: 'Logga ut' }).click();
  await page.waitForURL('**/sign-in');
}

/** Tab and nothing else. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let i = 0; i < 60; i++) {
    if (await target.evaluate((e) => e === e.ownerDocument.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('Tab does not reach it');
}

/** Five steps, one decision each; no mouse. */
async function importByKeyboard(page: Page): Promise<void> {
  await page.keyboard.press('g');
  await page.keyboard.press('l');
  await page.getByRole('button', { name: 'Importera' }).first().waitFor();
  await page.keyboard.press('i');
  const choose = page.getByRole('button', { name: 'Välj fil' });
  await choose.waitFor();
  const picker = page.waitForEvent('filechooser');
  await tabTo(page, choose);
  await page.keyboard.press('Enter');
  await (await picker).setFiles({ name: 'leads.csv', mimeType: 'text/csv', buffer: Buffer.from(FILE) });
  await page.getByRole('cell', { name: PEOPLE[0]!.email }).waitFor(); // read here, not sent
  await page.keyboard.press('Control+Enter');

  const engagement = page.getByRole('combobox', { name: 'Uppdrag' });
  await engagement.waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByText('Välj ett uppdrag.').waitFor(); // each refusal beside its field, which has the focus
  await page.keyboard.type('Mötesbokning 1');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('combobox', { name: 'Källa' }));
  await page.keyboard.type('Bolagsregister');
  await tabTo(page, page.getByRole('radio', { name: /Intresseavvägning/ }));
  await page.keyboard.press('Space');
  await page.keyboard.press('Control+Enter');

  await page.getByRole('heading', { name: 'Vad är vad?' }).waitFor();
  const shoes = page.getByRole('combobox', { name: 'Läses som: Skostorlek' });
  expect(await shoes.inputValue()).toBe('tas inte in');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: /^Ta in 3 leads/ }).waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByRole('heading', { name: 'Importen är klar' }).waitFor();
  const refused = page.getByRole('region', { name: 'Avvisade rader' });
  await refused.getByText('5').first().waitFor(); // the file's fifth row
  expect(await page.locator('main').innerText()).not.toContain('Utan Adress');
}

/** Calls by the keys of the desk, and books with one. @returns who was booked */
async function callAndBook(page: Page): Promise<Person> {
  const name = page.locator('#lead-name');
  await name.waitFor();
  const shown = await name.innerText();
  await page.keyboard.press('Space');
  await page.getByText('Samtal pågår').waitFor();
  await page.keyboard.press('1');
  await page.getByText(/är reserverad åt dig/).waitFor();
  await page.keyboard.press('a');
  await page.keyboard.press('q');
  await page.keyboard.press('Enter');
  await page.getByText('bokat', { exact: true }).waitFor();
  await name.waitFor();
  expect(await name.innerText()).not.toBe(shown);
  return PEOPLE.find((p) => p.name === shown)!;
}

async function readInvite(page: Page, to: Person): Promise<void> {
  const invite = page.getByRole('row').filter({ hasText: 'Inbjudan' }).filter({ hasText: to.email });
  await invite.focus();
  await page.keyboard.press('Enter');
  const mail = page.getByRole('complementary', { name: 'Brevet' });
  await mail.getByRole('tab', { name: 'Källtext' }).click();
  await mail.getByText('Message-ID:').first().waitFor();
  await mail.getByRole('button', { name: 'Tacka ja' }).click();
  await page.getByText(/^Svaret ligger hos /).waitFor();
}

/** The client's own records, as the vendor has them. */
async function seeContact(page: Page, who: Person): Promise<void> {
  const contact = page.getByRole('row').filter({ hasText: 'contacts' }).first();
  await contact.focus();
  await page.keyboard.press('Enter');
  const record = page.getByRole('region', { name: 'Posten' });
  await record.getByText(who.email).waitFor();
  await record.getByText('Finns', { exact: true }).waitFor();
}

/** The contact is out of the vendor's recycle bin, too; the meeting, which was no person's, lies in it with nobody's name. */
async function nobodyIsLeft(page: Page, who: Person): Promise<void> {
  const rows = page.getByRole('grid', { name: 'HubSpot' }).getByRole('row');
  await rows.filter({ hasText: 'meetings' }).filter({ hasText: 'I papperskorgen' }).press('Enter');
  await page.getByRole('region', { name: 'Posten' }).getByText('hs_object_id').waitFor();
  expect(await rows.filter({ hasText: 'contacts' }).count()).toBe(0);
  const text = await page.locator('main').innerText();
  for (const value of [who.name, who.email, who.phone]) expect(text).not.toContain(value);
}

/** Notice when the binding month is over, then the end (A1, A2, A5). */
async function endEngagement(page: Page, bar: Locator): Promise<void> {
  const row = page.getByRole('row').filter({ hasText: 'Mötesbokning 1' });
  await row.focus();
  await page.keyboard.press('Enter');
  const give = page.getByRole('button', { name: 'Säg upp…' });
  await give.waitFor();
  await moved(bar, bar.getByRole('button', { name: '+1 dygn' }));
  // A month on, too, those who have not been called are erased, since they must have been told by then (B8).
  await untilDue(bar, page.getByRole('button', { name: 'Säg upp…', disabled: false }));
  await give.press('Enter');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Säg upp till / })
    .press('Enter');
  await page.getByText('Uppsagt. Sista dag är').waitFor();
  await untilDue(bar, page.getByText('Uppdraget är avslutat.'));
}

/** To the next deadline, and the next, until something stands on the page. */
async function untilDue(bar: Locator, until: Locator): Promise<void> {
  // Years on, accounts that nobody used are closed: by then it has come about, and the page is on its way to say so.
  const next = bar.getByRole('button', { name: /^Till (?!.*vilande konto)/ });
  for (let i = 0; ; i++) {
    await until.or(next).first().waitFor();
    if (await until.isVisible()) return;
    expect(i).toBeLessThan(60);
    await moved(bar, next);
  }
}

/** A page just opened counts from business time, months ahead by now, although nothing but the answer to who is signed in has told it so. */
async function knowsTheTimeAtOnce(page: Page, bar: Locator): Promise<void> {
  const tellers = /\/sandbox\/(state|bar)$|\/api\/v1\/live$/;
  await page.route(tellers, () => undefined); // asked, and never answered
  await page.reload();
  const shown = await bar.locator('time').first().getAttribute('datetime');
  expect(Temporal.Instant.from(shown!).since(Temporal.Now.instant()).total('days')).toBeGreaterThan(60);
  await page.unroute(tellers);
  await page.reload();
  await settled(page);
}

/** Presses, and waits until the clock has arrived. */
async function moved(bar: Locator, by: Locator): Promise<void> {
  const page = bar.page();
  const [begun] = await Promise.all([page.waitForResponse((r) => r.url().endsWith('/sandbox/clock')), by.click()]);
  expect(begun.status()).toBe(202);
  await bar.getByRole('progressbar').waitFor({ state: 'detached' });
  await bar.getByRole('button', { name: '+1 dygn', disabled: false }).waitFor();
}

/** The engagement's erasure: ordered, answered by everybody, read back, and its certificate checked where it is read (E1, E3, E7). */
async function eraseAndProve(page: Page, bar: Locator): Promise<void> {
  const nav = page.getByRole('navigation', { name: 'Huvudmeny' });
  await nav.getByRole('link', { name: 'Raderingar' }).click();
  await page.getByRole('button', { name: 'Alla' }).click();
  const ours = page.getByRole('row').filter({ hasText: 'Uppdragets radering' }).filter({ hasText: 'Mötesbokning 1' });
  await untilDue(bar, ours.getByText('Klart', { exact: true }));
  await ours.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /^Radering efter uppdraget .*Mötesbokning 1/ }).waitFor();
  for (const recipient of [/^Avtala, personer och nycklar/, /^Möten, inbjudningar och kalendrar/, /^Kundens CRM/])
    await page.getByRole('row', { name: recipient }).getByText('Klart', { exact: true }).waitFor();
  await page.getByText('3 av 3 kvitton').waitFor();
  await page.getByRole('button', { name: 'Kontrollera intyget' }).press('Enter');
  await page.getByText('Intyget håller', { exact: true }).waitFor();

  await nav.getByRole('link', { name: 'Intyg' }).click();
  const certificate = page
    .getByRole('row')
    .filter({ hasText: 'Uppdragets radering' })
    .filter({ hasText: 'Mötesbokning 1' });
  await certificate.getByRole('button', { name: 'Kontrollera' }).press('Enter');
  await page.getByText('Intyget håller', { exact: true }).waitFor();
  await page.getByText('Signaturen är av hela innehållet (Ed25519)').waitFor();
}
