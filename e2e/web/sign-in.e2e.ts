import { signIn, totpCode } from '@avtala/access';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, settled, visit } from './browser.js';
import { keepsToThePage, keyboardReachesEverything, looksRight, reflows } from './checks.js';
import { type Console, describeInBrowser, theConsole } from './console.js';

/** Answers that are no success are reported by the browser itself, without their contents. */
const REFUSALS = /Failed to load resource: the server responded with a status of 4/;

describeInBrowser('signing in', () => {
  let console: Console;
  let browser: Browser;
  beforeAll(async () => {
    console = await theConsole();
    browser = await openBrowser(console);
  }, 240_000);
  afterAll(() => browser?.close());

  /** Nobody else's: a code of theirs that another suite used would be refused here. */
  const account = () => console.account('booker', 4);

  async function password(page: Page, word = account().password): Promise<void> {
    await page.getByLabel('E-post').fill(account().email);
    await page.getByLabel('Lösenord', { exact: true }).fill(word);
    await page.keyboard.press('Enter');
  }

  it('asks for both factors, by keyboard alone, and goes on to where one wanted to be', async () => {
    const { page, go, close } = await visit(browser, console, 'nobody');
    await go('/leads?state=new');
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    expect(await page.title()).toBe('[Sandlåda] Logga in · Avtala');
    await password(page);
    await page.getByLabel('Kod från appen').waitFor();
    await page.keyboard.type(totpCode(account().totpSecret, Date.now()));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Leads' }).waitFor();
    expect(page.url()).toContain('/leads?state=new');
    expect(await page.evaluate('document.cookie')).toBe('');
    await keepsToThePage(page, [account().email, account().name, account().password]);

    await page.getByRole('button', { name: /^Ditt konto/ }).click();
    await page.getByRole('menuitem', { name: 'Logga ut' }).click();
    await page.waitForURL('**/sign-in');
    await page.goto('/leads');
    await page.waitForURL('**/sign-in*');
    await close([REFUSALS]);
  });

  it('says alike for a wrong password and an unknown address, and keeps what was typed', async () => {
    const { page, go, close } = await visit(browser, console, 'nobody');
    await go('/sign-in');
    await password(page, 'not the password at all');
    const said = await page.getByRole('alert').filter({ hasText: /./ }).innerText();
    expect(said).toBe('E-post eller lösenord stämmer inte.');
    expect(await page.getByLabel('E-post').inputValue()).toBe(account().email);
    await page.getByLabel('E-post').fill('nobody@agency.example');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: said }).waitFor();
    await close([REFUSALS]);
  });

  it('a wrong code is told, a recovery code is another way, starting over is one press', async () => {
    const { page, go, close } = await visit(browser, console, 'nobody');
    await go('/sign-in');
    await password(page);
    await page.getByLabel('Kod från appen').fill('000000');
    await page.keyboard.press('Enter');
    await page.getByText('Koden stämmer inte, eller så har den redan använts.').waitFor();
    await page.getByRole('button', { name: 'Använd en återställningskod' }).click();
    await page.getByLabel('Återställningskod').fill('aaaa-bbbb-cccc');
    await page.keyboard.press('Enter');
    await page.getByText('Koden stämmer inte, eller så har den redan använts.').waitFor();
    await page.getByRole('button', { name: 'Börja om' }).click();
    await page.getByLabel('Lösenord', { exact: true }).waitFor();
    await close([REFUSALS]);
  });

  it('goes nowhere else afterwards than to a path of ours', async () => {
    const { page, go, close } = await visit(browser, console, 'booker');
    for (const to of ['//evil.example/x', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']) {
      await go(`/sign-in?to=${encodeURIComponent(to)}`); // whoever is signed in goes on at once
      await page.waitForURL(/^http:\/\/localhost:\d+\/calling(\?|$)/);
    }
    await go(`/sign-in?to=${encodeURIComponent('/leads?state=new')}`);
    await page.waitForURL(`${console.url}/leads?state=new`);
    await close();
  });

  it('a session that is over is opened again over the page, which stays as it is', async () => {
    const supervisor = console.account('supervisor');
    const { page, go, close, context } = await visit(browser, console, 'nobody');
    const { cookie } = await signIn({ baseUrl: console.url, ...supervisor }); // one of its own, to be ended
    const [name, ...value] = cookie.split('=');
    await context.addCookies([
      {
        name: name!,
        value: value.join('='),
        url: console.url.replace('http:', 'https:'),
        secure: true,
        httpOnly: true,
      },
    ]);
    await go('/leads');
    const ended = await fetch(`${console.url}/api/auth/sign-out`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: console.url, cookie },
      body: '{}',
    });
    expect(ended.status).toBe(200);
    await page.keyboard.press('g');
    await page.keyboard.press('s'); // this screen asks the API, and is told
    const again = page.getByRole('dialog', { name: 'Du har loggats ut' });
    await again.waitFor();
    const where = page.url(); // an answer to Leads' own stream may have come between the two keys: then the second one went to the dialog
    expect(await again.getByLabel('E-post').inputValue()).toBe(supervisor.email);
    await page.keyboard.press('Escape');
    expect(await again.isVisible()).toBe(true);
    // The sign-in above has used one of three codes that hold now, and a code that was used ends the challenge: back to the password.
    for (const step of [1, 0, -1] as const) {
      const word = again.getByLabel('Lösenord', { exact: true });
      const code = again.getByLabel('Kod från appen');
      await word.or(code).waitFor();
      if (await word.isVisible()) {
        await word.fill(supervisor.password);
        await page.keyboard.press('Enter');
      }
      await code.fill(totpCode(supervisor.totpSecret, Date.now(), step));
      await page.keyboard.press('Enter');
      const refused = again.getByRole('alert').filter({ hasText: /./ });
      const said = await Promise.race([
        again.waitFor({ state: 'detached' }).then(() => 'signed in'),
        refused.waitFor().then(() => 'refused'),
      ]);
      if (said === 'signed in') break;
    }
    await again.waitFor({ state: 'detached' });
    expect(page.url()).toBe(where);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await settled(page);
    await close([REFUSALS]);
  }, 120_000);

  it('a passkey is the whole way in', async () => {
    const { page, go, close, context } = await visit(browser, console, ['booker', 2]);
    const devices = await context.newCDPSession(page);
    await devices.send('WebAuthn.enable');
    await devices.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await go('/calling');
    const added = await page.evaluate<number>(`(async () => {
      const post = (path, body) => fetch('/api/auth/passkey/' + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await (await post('enrolment', {})).json());
      const credential = (await navigator.credentials.create({ publicKey })).toJSON();
      return (await post('add', { name: 'Testnyckel', credential })).status;
    })()`);
    expect(added).toBe(201);
    await context.clearCookies();
    await go('/sign-in');
    await page.getByRole('button', { name: 'Logga in med nyckel' }).click();
    await page.getByRole('heading', { level: 1, name: 'Ringa' }).waitFor();
    await close([REFUSALS]);
  });

  it.each(['/sign-in', '/password-reset', '/password-reset#token', '/invitation#token'])(
    '%s passes axe in both schemes and languages, reflows, and Tab reaches everything',
    async (path) => {
      await looksRight(browser, console, 'nobody', path);
      await reflows(browser, console, 'nobody', path);
      const { page, go, close } = await visit(browser, console, 'nobody');
      await go(path);
      await keyboardReachesEverything(page);
      await close([REFUSALS]);
    },
    240_000,
  );
});
