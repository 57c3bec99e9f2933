import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { totpCode } from '@avtala/access';
import { PASSWORD, RunningAgency, TOTP_SECRET } from '../running-agency.fixture.js';
import { Browser, personOf, type Person, proofTooOld, withPasswordOnly } from '../signing-in.fixture.js';
import { SoftwareAuthenticator, type Twist } from '../software-authenticator.fixture.js';

let agency: RunningAgency;
beforeAll(async () => {
  agency = await RunningAgency.start();
});
afterAll(() => agency?.stop());
afterEach(() => agency.database.sql('delete from agency.sign_in_failure'));

const device = (counts = true) => new SoftwareAuthenticator(agency.baseUrl, counts);
async function add(browser: Browser, authenticator: SoftwareAuthenticator, name = 'Laptop', twist: Twist = {}) {
  const asked = await browser.auth('/passkey/enrolment');
  if (asked.status !== 200) return asked;
  return browser.auth('/passkey/add', { name, credential: authenticator.create(asked.body, twist) });
}
async function signInWith(authenticator: SoftwareAuthenticator, twist: Twist = {}, browser = new Browser(agency)) {
  const options = (await browser.auth('/passkey/options')).body;
  const answer = await browser.auth('/passkey/sign-in', { credential: authenticator.get(options, twist) });
  return { browser, answer, options };
}
/** A person with a passkey beside password and TOTP. */
async function owner(counts = true) {
  const who = await personOf(agency);
  const browser = await new Browser(agency).enter(who);
  const authenticator = device(counts);
  expect((await add(browser, authenticator)).status).toBe(201);
  return { who, browser, authenticator };
}
const sessionsOf = (who: Person) =>
  agency.database.sql<{ aal: number; method: string }>(
    'select aal, method from agency.auth_session where "userId" = $1',
    [who.id],
  );

describe('adding a passkey', () => {
  it('asks the authenticator for a resident key, user verification, no attestation, and names nobody on it', async () => {
    const who = await personOf(agency);
    const { body } = await (await new Browser(agency).enter(who)).auth('/passkey/enrolment');
    expect(body).toMatchObject({
      rp: { id: '127.0.0.1' },
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      excludeCredentials: [],
    });
    expect(Buffer.from(body.challenge, 'base64url')).toHaveLength(32);
    expect(Buffer.from(body.user.id, 'base64url').toString('hex')).toBe(who.id.replaceAll('-', ''));
  });
  it('several, named; each known to the next enrolment; the same one twice is refused', async () => {
    const { browser, authenticator } = await owner();
    expect((await add(browser, device(), 'Telefonen')).body).toMatchObject({ name: 'Telefonen' });
    const { excludeCredentials } = (await browser.auth('/passkey/enrolment')).body;
    expect(excludeCredentials.map((c: { id: string }) => c.id)).toContain(authenticator.id.toString('base64url'));
    expect(await add(browser, authenticator)).toMatchObject({ status: 409, body: { code: 'passkey-exists' } });
  });
  it('is the second factor of somebody who has only a password, and then the session counts as two', async () => {
    const who = await withPasswordOnly(agency);
    const browser = new Browser(agency);
    await browser.auth('/sign-in/email', { email: who.email, password: PASSWORD });
    expect((await browser.me()).body.code).toBe('second-factor-required');
    expect((await add(browser, device())).status).toBe(201);
    expect((await browser.me()).status).toBe(200);
  });
  it('a password alone adds no second factor beside the first (6.3.3)', async () => {
    const who = await withPasswordOnly(agency);
    const browser = new Browser(agency);
    await browser.auth('/sign-in/email', { email: who.email, password: PASSWORD });
    await add(browser, device());
    const guesser = new Browser(agency);
    await guesser.auth('/sign-in/email', { email: who.email, password: PASSWORD });
    expect(guesser.hasSession).toBe(true); // one factor: reaches the enrolment page
    for (const path of ['/passkey/enrolment', '/two-factor/enable'])
      expect(await guesser.auth(path, path.endsWith('enable') ? { password: PASSWORD } : {})).toMatchObject({
        status: 403,
        body: { code: 'second-factor-required' },
      });
  });
  it('needs a fresh proof; ends the other sessions; gives this one a new token (7.2.4, 7.4.3)', async () => {
    const who = await personOf(agency);
    const elsewhere = await new Browser(agency).enter(who);
    const browser = await new Browser(agency).enter(who, 1);
    await proofTooOld(agency, who);
    expect(await add(browser, device())).toMatchObject({ status: 403, body: { code: 'step-up-required' } });
    await agency.database.sql(`update agency.auth_session set auth_time = now() where "userId" = $1`, [who.id]);
    const before = browser.cookieHeader;
    expect((await add(browser, device())).status).toBe(201);
    expect(browser.cookieHeader).not.toBe(before);
    expect([(await browser.me()).status, (await elsewhere.me()).status]).toEqual([200, 401]);
  });
  it.each<[string, Twist]>([
    ['made on another origin', { origin: 'https://evil.example' }],
    ['made for another site', { rpId: 'evil.example' }],
    ['without user verification', { verified: false }],
    ['for another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['of the other ceremony', { type: 'webauthn.get' }],
  ])('one %s is refused', async (_, twist) => {
    const browser = await new Browser(agency).enter(await personOf(agency));
    expect(await add(browser, device(), 'x', twist)).toMatchObject({
      status: 400,
      body: { code: 'passkey-not-added' },
    });
  });
  it('an enrolment is answered once, in time, and by the person it was for', async () => {
    const { browser } = await owner();
    const asked = (await browser.auth('/passkey/enrolment')).body;
    const cookie = browser.cookieHeader;
    const credential = device().create(asked);
    const answer = (headers: Record<string, string>) =>
      browser.ask('POST', '/api/auth/passkey/add', { name: 'x', credential }, headers);
    const other = await new Browser(agency).enter(await personOf(agency));
    const theirs = cookie.split('; ').find((c) => c.includes('passkey-enrolment'))!;
    const stolen = await other.ask(
      'POST',
      '/api/auth/passkey/add',
      { name: 'x', credential },
      { cookie: `${other.cookieHeader}; ${theirs}` },
    );
    expect(stolen.body.code).toBe('challenge-unusable');
    const first = await answer({ cookie });
    const session = browser.cookieHeader;
    expect([first.status, (await answer({ cookie: `${session}; ${theirs}` })).body.code]).toEqual([
      201,
      'challenge-unusable',
    ]);

    const late = (await browser.auth('/passkey/enrolment')).body;
    await agency.database.sql(`update agency.sign_in_challenge set expires_at = now()`);
    expect((await browser.auth('/passkey/add', { name: 'x', credential: device().create(late) })).body.code).toBe(
      'challenge-unusable',
    );
  });
});

describe('signing in by passkey alone', () => {
  it('is two factors at once', async () => {
    const { who, authenticator } = await owner();
    const { browser, answer } = await signInWith(authenticator);
    expect(answer).toMatchObject({ status: 200, body: { signedIn: true } });
    expect((await browser.me()).body).toMatchObject({ id: who.id, email: who.email });
    expect(await sessionsOf(who)).toContainEqual({ aal: 2, method: 'passkey' });
    const line = answer.headers.getSetCookie().find((l) => l.startsWith('__Host-avtala='))!;
    expect(line).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  });
  it('works with authenticators that do not count', async () => {
    const { authenticator } = await owner(false);
    for (let i = 0; i < 2; i++) expect((await signInWith(authenticator)).answer.status).toBe(200);
  });
  it.each<[string, Twist]>([
    ['another origin', { origin: 'https://evil.example' }],
    ['another site', { rpId: 'evil.example' }],
    ['nobody verified', { verified: false }],
    ['another challenge', { challenge: Buffer.alloc(32).toString('base64url') }],
    ['the other ceremony', { type: 'webauthn.create' }],
    ['a tampered signature', { tamper: 'signature' }],
    ['tampered authenticator data', { tamper: 'authenticatorData' }],
    ['tampered client data', { tamper: 'clientData' }],
    ['a user handle of somebody else', { userHandle: Buffer.alloc(16).toString('base64url') }],
    ['a counter that went back: a copy', { counter: 0 }],
  ])('%s: refused, and no session', async (_, twist) => {
    const { who, authenticator } = await owner();
    await signInWith(authenticator);
    const before = await sessionsOf(who);
    const { browser, answer } = await signInWith(authenticator, twist);
    expect(answer).toMatchObject({ status: 401, body: { code: 'passkey-refused' } });
    expect(browser.hasSession).toBe(false);
    expect(await sessionsOf(who)).toEqual(before);
  });
  it('an answer counts once, in the browser that asked, in time', async () => {
    const { authenticator } = await owner(false);
    const browser = new Browser(agency);
    const options = (await browser.auth('/passkey/options')).body;
    const cookie = browser.cookieHeader;
    const credential = authenticator.get(options);
    const send = (headers: object) => browser.ask('POST', '/api/auth/passkey/sign-in', { credential }, { ...headers });
    expect((await send({ cookie: '' })).body.code).toBe('challenge-unusable');
    const both = await Promise.all([send({ cookie }), send({ cookie })]);
    expect(both.map((a) => a.status).sort()).toEqual([200, 400]);
    expect((await send({ cookie })).body.code).toBe('challenge-unusable');
  });
  it('a copied authenticator used at the same moment: one of the two gets in', async () => {
    const { authenticator } = await owner();
    const tries = [];
    for (let i = 0; i < 4; i++) {
      const browser = new Browser(agency);
      const options = (await browser.auth('/passkey/options')).body;
      tries.push({ browser, credential: authenticator.get(options, { counter: 50 }) });
    }
    const answers = await Promise.all(
      tries.map((t) => t.browser.auth('/passkey/sign-in', { credential: t.credential })),
    );
    expect(answers.map((a) => a.status).sort()).toEqual([200, 401, 401, 401]);
  });
  it('a key nobody added, or of an account that is switched off, does not', async () => {
    const stranger = device();
    stranger.create({ challenge: 'AAAA', rp: { id: '127.0.0.1' }, user: { id: 'AAAA' } });
    expect((await signInWith(stranger)).answer.body.code).toBe('passkey-refused');
    const { who, authenticator } = await owner();
    await agency.database.sql('update agency.auth_user set disabled_at = now() where id = $1', [who.id]);
    expect((await signInWith(authenticator)).answer.body.code).toBe('sign-in-refused');
  });
  it('steps up the session that is there; not with somebody else’s passkey', async () => {
    const { who, browser, authenticator } = await owner();
    await proofTooOld(agency, who);
    expect((await browser.auth('/passkey/enrolment')).body.code).toBe('step-up-required');
    const old = browser.cookieHeader;
    expect((await signInWith(authenticator, {}, browser)).answer.status).toBe(200);
    expect((await browser.auth('/passkey/enrolment')).status).toBe(200);
    expect((await new Browser(agency).ask('GET', '/api/v1/me', undefined, { cookie: old })).status).toBe(401);
    const other = await owner();
    expect((await signInWith(other.authenticator, {}, browser)).answer.body.code).toBe('signed-in-as-other');
    expect((await browser.me()).body.id).toBe(who.id);
  });
  it.each([
    ['nothing', {}],
    ['text', { credential: 'x' }],
    ['no base64url', { credential: { id: '+', rawId: '+', type: 'public-key', response: {} } }],
    ['two ids', { credential: { id: 'AA', rawId: 'AB', type: 'public-key', response: {} } }],
    ['unknown fields', { credential: {}, userId: 'x' }],
  ])('what is no answer at all: %s', async (_, body) => {
    const browser = new Browser(agency);
    await browser.auth('/passkey/options');
    expect(await browser.auth('/passkey/sign-in', body)).toMatchObject({
      status: 400,
      body: { code: 'fields-invalid' },
    });
  });
  it('is audited without the person’s data', async () => {
    const { authenticator, who } = await owner();
    await signInWith(authenticator);
    const entries = await agency.database.sql<{ entry: string }>(
      `select convert_from(canonical, 'utf8') as entry from agency.audit_entry where convert_from(canonical, 'utf8') like $1`,
      [`%${who.id}%`],
    );
    const text = entries.map((e) => e.entry).join('\n');
    expect(text).toContain('"passkey.added"');
    expect(text).toContain('"method":"passkey"');
    expect(text).not.toContain(who.email);
  });
});

it('with TOTP there, the password still asks for the code: a passkey takes nothing away', async () => {
  const { who } = await owner();
  const browser = new Browser(agency);
  const asked = await browser.auth('/sign-in/email', { email: who.email, password: PASSWORD });
  expect([asked.body.twoFactorRedirect, browser.hasSession]).toEqual([true, false]);
  const proved = await browser.auth('/two-factor/verify-totp', { code: totpCode(TOTP_SECRET, Date.now(), 1) });
  expect(proved.status).toBe(200);
});
