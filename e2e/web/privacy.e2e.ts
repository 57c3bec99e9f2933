import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { openBrowser, visit } from './browser.js';
import { keepsToThePage, keyboardReachesEverything, looksRight, reflows } from './checks.js';
import { type Console, describeInBrowser, type Role, theConsole } from './console.js';
import { person } from './people.js';
import { takeIn, theWorld, wait } from './world.js';

describeInBrowser('the privacy centre and the sync screen', () => {
  let console: Console;
  let browser: Browser;
  let orderId = '';
  const number = 900;
  beforeAll(async () => {
    console = await theConsole();
    const world = await theWorld(console);
    const [admin, dpo] = [await console.as('admin'), await console.as('dpo')];
    const [leadId] = await takeIn(admin, world.engagements[0]!.id, number, 1);
    const order = await dpo.post<{ id: string }>('/api/v1/privacy-requests', { leadId, kind: 'erasure' });
    orderId = order.id;
    await wait(admin, { minutes: 5 }); // everybody has asked, and keys are destroyed
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(() => browser?.close());

  it('an erasure is found by keys alone, and says of each recipient what is proven; nothing of the person is anywhere (G3)', async () => {
    const { page, go, close } = await visit(browser, console, 'dpo');
    await go('/privacy-centre/erasures?show=all');
    await page.getByRole('grid', { name: 'Raderingar' }).getByText('begäran om radering').first().waitFor();
    await go(`/privacy-centre/erasures/${orderId}`);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Radering av en person');
    const own = page.getByRole('row', { name: /Avtala, personer och nycklar/ });
    await own.getByText('Klart', { exact: true }).waitFor();
    await own.getByRole('button').press('Enter');
    await page
      .getByText(/personer: 1/)
      .first()
      .waitFor();
    const { name, email, phone } = person(number);
    const text = await page.locator('body').innerText();
    for (const value of [name, email, phone]) expect(text).not.toContain(value);
    await keepsToThePage(page, [name, String(email)]);
    await close();
  });

  it('B5: an address is tested and suppressed; what was typed stays on the form, and every refusal stands beside its field', async () => {
    const { page, go, close } = await visit(browser, console, 'dpo');
    await go('/privacy-centre/suppressions');
    await page.getByRole('button', { name: 'Pröva' }).click();
    await page.getByText('Skriv en adress eller ett nummer.').waitFor();
    await page.getByLabel('E-postadress').fill('inte en adress');
    await page.keyboard.press('Enter');
    await page.getByText('Det är ingen e-postadress.').waitFor();
    expect(await page.getByLabel('E-postadress').inputValue()).toBe('inte en adress');
    await page.getByLabel('E-postadress').fill('aldrig.mer@bolaget.example');
    await page.keyboard.press('Enter');
    await page.getByText('Inte spärrad').waitFor();
    await page.getByRole('button', { name: 'Spärra hos alla kunder' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Spärra hos alla kunder' }).click();
    await page.getByText('Spärrad: Spärrad hos alla kunder').waitFor();
    await keepsToThePage(page, ['aldrig.mer']);
    await close([/400/]);
  });

  it('the sync screen says where each push stands, opens one by Enter without any value, and filters in the address', async () => {
    const { page, go, close } = await visit(browser, console, 'supervisor');
    await go('/sync');
    const rows = page.getByRole('grid', { name: 'Synk' }).getByRole('row');
    await rows.nth(1).waitFor();
    await rows.nth(1).focus();
    await page.keyboard.press('Enter');
    // Whichever came last: one that was stopped has sent nothing, and says so.
    const detail = page.getByRole('complementary', { name: 'Detaljer' });
    await detail.getByRole('heading', { level: 3 }).first().waitFor();
    await page.keyboard.press('Escape');
    const group = page.getByRole('list', { name: 'Lägen' }).getByRole('button').first();
    await group.click();
    expect(new URL(page.url()).searchParams.get('state')).not.toBeNull();
    expect(await group.getAttribute('aria-pressed')).toBe('true');
    await keyboardReachesEverything(page);
    await close();
  });

  it('parked messages of every service are for admin and DPO alone', async () => {
    const dpo = await visit(browser, console, 'dpo');
    await dpo.go('/sync/parked');
    await dpo.page.getByText('Inga parkerade meddelanden.').waitFor();
    await dpo.close();
    const supervisor = await visit(browser, console, 'supervisor');
    await supervisor.go('/sync/parked');
    expect(await supervisor.page.getByRole('heading', { level: 1 }).innerText()).toBe('Sidan finns inte');
    await supervisor.close();
  });

  it.each<[string, Role, () => string]>([
    ['what is due', 'dpo', () => '/privacy-centre'],
    ['erasures', 'dpo', () => '/privacy-centre/erasures'],
    ['one erasure', 'dpo', () => `/privacy-centre/erasures/${orderId}`],
    ['certificates', 'dpo', () => '/privacy-centre/certificates'],
    ['the suppression list', 'dpo', () => '/privacy-centre/suppressions'],
    ['sync', 'supervisor', () => '/sync'],
  ])(
    'passes axe in both schemes and languages: %s',
    (_, role, path) => looksRight(browser, console, role, path()),
    120_000,
  );

  it('reflows at 320 px and at 200 %', async () => {
    await reflows(browser, console, 'dpo', `/privacy-centre/erasures/${orderId}`);
    await reflows(browser, console, 'supervisor', '/sync');
  }, 60_000);
});
