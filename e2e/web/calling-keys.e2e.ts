import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, visit } from './browser.js';
import { keepsToThePage } from './checks.js';
import { type Console, describeInBrowser, theConsole } from './console.js';
import { type DeskWorld, deskWorld } from './desk-world.js';

describeInBrowser('Ringa: the rest of its keys', () => {
  let console: Console;
  let browser: Browser;
  let world: DeskWorld;
  beforeAll(async () => {
    console = await theConsole();
    world = await deskWorld(console, { name: 'Alla tangenter', first: 2300, leads: 8, bookers: 2 });
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(() => browser?.close());

  const name = (page: Page) => page.locator('#lead-name');
  const desk = () => `/calling?engagement=${world.engagementId}`;

  it('H keeps a time for a day, L sends a link that Z takes back, F corrects the number, P pauses, C changes the engagement', async () => {
    const { page, go, close } = await visit(browser, console, 'booker');
    await go(desk());
    await name(page).waitFor();
    const shown = await name(page).innerText();
    await page.getByRole('radio').first().waitFor();
    await page.keyboard.press('1');
    await page.getByText(/är reserverad åt dig/).waitFor();
    await page.keyboard.press('h');
    await page.getByText('Tiden hålls i 24 tim').waitFor();
    await page.getByText(/^Hålls till .*Ingen annan kan boka den\.$/).waitFor();

    await page.keyboard.press('l');
    const link = page.getByRole('dialog', { name: /har själv bett om en länk/ });
    await link.getByText(/MFL 19 §/).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText(/^En länk att välja tid med går till .* om 10 s$/).waitFor();
    await link.waitFor({ state: 'detached' });
    await page.keyboard.press('z');
    await page.getByText('Länken är tillbakatagen').waitFor();

    await page.keyboard.press('f');
    const wrong = page.getByRole('dialog', { name: 'Fel nummer' });
    await wrong.waitFor();
    await page.keyboard.press('t');
    await page.keyboard.type('12');
    await page.keyboard.press('Enter');
    await wrong.getByText('Det är inget telefonnummer som kan finnas.').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('070-174 06 99');
    await page.keyboard.press('Enter');
    await page.getByText('Numret är rättat.').waitFor();
    await page.locator('section[aria-labelledby="lead-name"]').getByText('070-174 06 99').waitFor();
    expect(await name(page).innerText()).toBe(shown);

    await page.keyboard.press('p');
    await page.getByRole('button', { name: /^Pausad/, pressed: true }).waitFor();
    await page.keyboard.press('s'); // what was begun is finished; nobody comes after
    await page.getByText('Du är pausad. Ingen lämnas ut till dig.').waitFor();
    await page.keyboard.press('p');
    await name(page).waitFor();
    expect(await name(page).innerText()).not.toBe(shown);

    await page.keyboard.press('c');
    await page.getByRole('menuitem').first().waitFor();
    const other = page.getByRole('menuitem', { name: /Mötesbokning 2/ });
    await other.waitFor();
    for (let i = 0; i < 20 && !(await other.evaluate((e) => e === e.ownerDocument.activeElement)); i++)
      await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.searchParams.get('engagement') === console.seeded.engagements[1]!.id);
    await keepsToThePage(
      page,
      [...world.people.values()].flatMap((p) => [p.name, p.email, p.phone]),
    );
    await close([/422/]);
  }, 60_000);

  it('a time that a colleague books leaves one’s own screen by the stream, and a host whose calendar cannot be read has none', async () => {
    const [a, b] = [await visit(browser, console, ['booker', 1]), await visit(browser, console, ['booker', 2])];
    for (const { go, page } of [a, b]) {
      await go(desk());
      await name(page).waitFor();
      await page.getByRole('radio').first().waitFor();
    }
    const theirs = b.page.getByRole('radio').first();
    const start = (await theirs.getAttribute('data-start'))!;
    const mine = a.page.locator(`[role=radio][data-start="${start}"]`);
    await mine.waitFor();
    await b.page.keyboard.press('1');
    await b.page.getByText(/är reserverad åt dig/).waitFor();
    await b.page.keyboard.press('Enter');
    await b.page.getByText('bokat', { exact: true }).waitFor();
    await mine.waitFor({ state: 'detached', timeout: 10_000 }); // by itself the screen asks every thirty seconds
    await b.close();

    const calendarId = `host.${world.engagementId}@client-one.example`;
    const stand = (unreadable: boolean) =>
      fetch(`${console.sandbox}/google/seed`, { method: 'POST', body: JSON.stringify({ calendarId, unreadable }) });
    expect((await stand(true)).ok).toBe(true);
    const admin = await console.as('admin');
    const { items } = await admin.get<{ items: { id: string }[] }>(`/api/v1/hosts?engagementId=${world.engagementId}`);
    await admin.post('/api/v1/calendar-connections', {
      ...{ hostId: items[0]!.id, kind: 'google', calendarId },
      refreshToken: 'sandbox-google-all-keys',
    });
    await a.page.reload();
    await a.page.getByText('Kan inte läsas, inga tider visas').waitFor();
    expect(await a.page.getByRole('radio').count()).toBe(0);
    await a.page.getByText('Kalendern kan inte läsas').first().waitFor(); // the reason beside each day
    await a.close();
  }, 60_000);
});
