import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { totpCode } from '@avtala/access';
import { existsSync } from 'node:fs';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import { type AgencyAlone, startAgencyAlone } from './agency-alone.js';

const CHROMIUM = '/usr/bin/chromium';
const here = existsSync(CHROMIUM);
if (!here && process.env.CI) throw new Error('Browser tests need Chromium (apt install chromium)');
if (!here) console.error('Browser tests are skipped: they need Chromium (apt install chromium)');

// Run in the page, so as text: its types are not ours.
const ASK = `async ([url, json]) => {
  const response = await fetch(url, json === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: json });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
}`;
const CREATE = `async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return (await navigator.credentials.create({ publicKey })).toJSON();
}`;
const GET = `async (options) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({ publicKey })).toJSON();
}`;

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers are read field by field
type Answer = { status: number; body: any };

/** Asks from a page of our own origin: cookies, Origin and Sec-Fetch headers are the browser's. */
const ask = (page: Page, path: string, body?: object) =>
  run<Answer>(page, ASK, body ? [path, JSON.stringify(body)] : [path]);
const create = (page: Page, options: object) => run<object>(page, CREATE, options);
const get = (page: Page, options: object) => run<object>(page, GET, options);
const run = <T>(page: Page, script: string, given: unknown) =>
  page.evaluate<T>(`(${script})(${JSON.stringify(given)})`);

(here ? describe : describe.skip)('a passkey in a real browser', () => {
  let agency: AgencyAlone;
  let browser: Browser;
  let page: Page;
  let devices: CDPSession;
  let authenticatorId: string;

  beforeAll(async () => {
    agency = await startAgencyAlone();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
    page = await browser.newPage();
    // A page of our origin that may run scripts: the status page may not.
    await page.route(`${agency.url}/test-page`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
    );
    await page.goto(`${agency.url}/test-page`);
    devices = await page.context().newCDPSession(page);
    await devices.send('WebAuthn.enable');
    ({ authenticatorId } = await devices.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    }));
  }, 150_000);
  afterAll(async () => {
    await browser?.close();
    await agency?.stop();
  }, 60_000);

  it('is added to a session, signs in alone, and counts', async () => {
    const { email, password, totpSecret } = agency.staff.find((s) => s.role === 'admin')!;
    await ask(page, '/api/auth/sign-in/email', { email, password });
    expect(
      (await ask(page, '/api/auth/two-factor/verify-totp', { code: totpCode(totpSecret, Date.now()) })).status,
    ).toBe(200);
    const options = (await ask(page, '/api/auth/passkey/enrolment', {})).body;
    expect(options.rp.id).toBe('localhost');
    const added = await ask(page, '/api/auth/passkey/add', {
      name: 'Den här datorn',
      credential: await create(page, options),
    });
    expect(added).toMatchObject({ status: 201, body: { name: 'Den här datorn' } });
    await ask(page, '/api/auth/sign-out', {});
    expect((await ask(page, '/api/v1/me')).status).toBe(401);

    for (let time = 0; time < 2; time++) {
      const credential = await get(page, (await ask(page, '/api/auth/passkey/options', {})).body);
      expect(await ask(page, '/api/auth/passkey/sign-in', { credential })).toMatchObject({ status: 200 });
      expect((await ask(page, '/api/v1/me')).body).toMatchObject({ email, role: 'admin' });
    }
    const [passkey] = (await ask(page, '/api/v1/me/factors')).body.passkeys;
    expect(passkey).toMatchObject({ name: 'Den här datorn', usedAt: expect.any(String) });
  });

  it('the session cookie is __Host-, out of scripts’ reach', async () => {
    const cookies = await page.context().cookies();
    const session = cookies.find((c) => c.name === '__Host-avtala');
    expect(session).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Lax', path: '/', domain: 'localhost' });
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  it('without a finger or PIN it signs nobody in, also when the page asks the authenticator for less', async () => {
    await ask(page, '/api/auth/sign-out', {});
    await devices.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    const options = (await ask(page, '/api/auth/passkey/options', {})).body;
    const credential = await get(page, { ...options, userVerification: 'discouraged' });
    const refused = await ask(page, '/api/auth/passkey/sign-in', { credential });
    expect(refused).toMatchObject({ status: 401, body: { code: 'passkey-refused' } });
    expect((await ask(page, '/api/v1/me')).status).toBe(401);
  });
});
