import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openBrowser, visit } from './browser.js';
import { keepsToThePage, keyboardReachesEverything, looksRight, reflows } from './checks.js';
import { type Console, describeInBrowser, theConsole } from './console.js';
import { person } from './people.js';
import { takeIn, theWorld, wait } from './world.js';

const NUMBER = 2450;

describeInBrowser('Översikt', () => {
  let console: Console;
  let browser: Browser;
  beforeAll(async () => {
    console = await theConsole();
    const world = await theWorld(console);
    const [admin, dpo] = [await console.as('admin'), await console.as('dpo')];
    const [leadId] = await takeIn(admin, world.engagements[0]!.id, NUMBER, 1);
    await dpo.post('/api/v1/privacy-requests', { leadId, kind: 'erasure' });
    await wait(admin, { minutes: 5 }); // everybody has asked, and keys are destroyed
    await wait(admin, { minutes: 5 });
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(() => browser?.close());

  it('the client sees its meetings, what stands in its CRM, its terms and its proof, and nobody who was not booked', async () => {
    const { page, go, close } = await visit(browser, console, 'client');
    await go('/');
    expect(new URL(page.url()).pathname).toBe('/overview');
    const meetings = page.getByRole('grid', { name: 'Kommande möten' });
    await meetings.getByRole('row').nth(1).waitFor();
    const written = page.getByRole('region', { name: 'Skrivet till ert CRM' });
    await written
      .getByText(/^(Kontakt|Möte) (skapa|ändra)/)
      .first()
      .waitFor();
    expect(await page.getByRole('region', { name: /^Villkor/ }).count()).toBe(1); // its own engagement, no other client's
    await page.getByText(/raderas allt om personerna inom 3 månader/).waitFor();
    const text = await page.locator('body').innerText();
    for (let n = 0; n < 8; n++) expect(text).not.toContain(person(n).name);
    expect(text).not.toContain(person(NUMBER).email);
    await page.keyboard.press('/');
    await page.keyboard.type('Värd Ett'); // a list of choices goes to what is typed
    while (!new URL(page.url()).searchParams.get('host')) await page.waitForTimeout(50);
    await page.getByRole('heading', { level: 1 }).click();
    await keyboardReachesEverything(page);
    await keepsToThePage(page, ['Värd', person(0).name]);
    await close();
  }, 60_000);

  it('a certificate is checked in the client’s own browser', async () => {
    const { page, go, close } = await visit(browser, console, 'client');
    await go('/overview');
    const proof = page.getByRole('region', { name: 'Raderingsintyg' });
    await proof
      .getByRole('button', { name: /^Kontrollera/ })
      .first()
      .press('Enter');
    await proof.getByText('Intyget håller').waitFor();
    await close();
  }, 30_000);

  it('a CRM that is broken is the one filled button: R opens the form that lets us in again, where the connection is', async () => {
    const { page, go, close } = await visit(browser, console, 'client');
    const client = await console.as('client');
    const { items } = await client.get<{ items: object[] }>('/api/v1/crm-connections');
    const broken = items.map((c) => ({ ...c, state: 'broken', code: 'reconnect-needed' }));
    await page.route(/\/api\/v1\/crm-connections(\?.*)?$/, (route) => route.fulfill({ json: { items: broken } }));
    await go('/overview');
    await page.getByRole('button', { name: 'Anslut HubSpot igen', exact: true }).waitFor();
    await page.keyboard.press('r');
    const dialog = page.getByRole('dialog', { name: 'Anslut igen' });
    await dialog.getByRole('textbox').first().waitFor();
    expect(new URL(page.url()).searchParams.get('reconnect')).not.toBeNull();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('reconnect')).toBeNull();
    await close();
  }, 30_000);

  it('passes axe in both schemes and languages', () => looksRight(browser, console, 'client', '/overview'), 120_000);

  it('reflows at 320 px and at 200 %', () => reflows(browser, console, 'client', '/overview'), 30_000);
});
