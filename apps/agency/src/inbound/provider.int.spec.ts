import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { totpCode } from '@avtala/access';
import { type Lie, LyingProvider } from '../lying-provider.fixture.js';
import { PASSWORD, RunningAgency, TOTP_SECRET } from '../running-agency.fixture.js';
import { Browser, personOf, type Person, proofTooOld, withPasswordOnly } from '../signing-in.fixture.js';

let provider: LyingProvider;
let agency: RunningAgency;
const start = async () => {
  agency = await RunningAgency.start({ environment: provider.environment });
};
beforeAll(async () => {
  provider = await LyingProvider.start();
  await start();
});
afterAll(async () => {
  await agency?.stop();
  await provider?.stop();
});
afterEach(async () => {
  provider.lie = undefined;
  await agency.database.sql('delete from agency.sign_in_failure');
});

let subjects = 0;
/** An account that is bound to somebody at the provider. */
async function known(make: (agency: RunningAgency) => Promise<Person> = personOf) {
  const who = await make(agency);
  const sub = `subject-${++subjects}`;
  await agency.database.sql('insert into agency.external_identity (issuer, subject, user_id) values ($1, $2, $3)', [
    provider.issuer,
    sub,
    who.id,
  ]);
  return { who, sub };
}
const begin = async (browser: Browser, body: object = {}) => {
  const asked = await browser.auth('/provider/start', body);
  if (asked.status !== 200) throw new Error(JSON.stringify(asked.body));
  return asked.body.url as string;
};
const back = (browser: Browser, url: URL, headers = {}) =>
  fetch(url, { redirect: 'manual', headers: { cookie: browser.cookieHeader, ...headers } }).then(async (response) => {
    browser.keep(response.headers);
    const text = await response.text();
    return {
      status: response.status,
      location: response.headers.get('location'),
      body: text ? JSON.parse(text) : undefined,
    };
  });
async function through(person: { sub: string; [claim: string]: unknown }, browser = new Browser(agency), body = {}) {
  provider.person = person;
  const answer = await back(browser, provider.authorize(await begin(browser, body)));
  return { browser, answer };
}
const sessionCount = async () => (await agency.database.sql('select 1 from agency.auth_session')).length;

describe('the way there', () => {
  it('has PKCE S256, state, nonce, and our own address to come back to', async () => {
    const browser = new Browser(agency);
    expect((await browser.ask('GET', '/api/auth/provider')).body).toEqual({ name: 'Byråns inloggning' });
    const query = new URL(await begin(browser)).searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: `${agency.baseUrl}/api/auth/provider/callback`,
      client_id: 'avtala',
      acr_values: 'two-factors',
    });
    for (const name of ['state', 'nonce', 'code_challenge']) expect(query.get(name)!.length).toBeGreaterThanOrEqual(43);
  });
  it('is not there from another page, nor for made-up purposes', async () => {
    const browser = new Browser(agency);
    const foreign = await browser.ask('POST', '/api/auth/provider/start', {}, { origin: 'https://evil.example' });
    expect(foreign.status).toBe(403);
    for (const body of [
      { purpose: 'admin' },
      { purpose: 'invitation' },
      { invitation: 'x' },
      { redirect: 'https://evil.example' },
    ])
      expect((await browser.auth('/provider/start', body)).body.code).toBe('fields-invalid');
    expect((await browser.auth('/provider/start', { purpose: 'link' })).status).toBe(401);
  });
});

describe('a person the provider knows', () => {
  it('with two factors there is in', async () => {
    const { who, sub } = await known();
    const { browser, answer } = await through({ sub, acr: 'two-factors' });
    expect(answer).toMatchObject({ status: 303, location: `${agency.baseUrl}/` });
    expect((await browser.me()).body).toMatchObject({ id: who.id });
  });
  it('with one factor there is asked for ours (6.3.3)', async () => {
    const { who, sub } = await known();
    const { browser, answer } = await through({ sub, amr: ['pwd'] });
    expect(answer.location).toBe(`${agency.baseUrl}/second-factor`);
    expect((await browser.me()).body.code).toBe('second-factor-required');
    const enable = await browser.auth('/two-factor/enable', { password: PASSWORD });
    expect(enable.body.code).toBe('second-factor-required'); // it has one: no way round it by a new one
    expect((await browser.auth('/two-factor/verify-totp', { code: totpCode(TOTP_SECRET, Date.now()) })).status).toBe(
      200,
    );
    expect((await browser.me()).body.id).toBe(who.id);
  });
  it('by nothing but issuer and subject: an address of somebody here opens nothing', async () => {
    const who = await personOf(agency);
    const before = await sessionCount();
    const { browser, answer } = await through({
      sub: 'a stranger',
      email: who.email,
      email_verified: true,
      acr: 'two-factors',
    });
    expect(answer).toMatchObject({ status: 403, body: { code: 'not-invited' } });
    expect([browser.hasSession, await sessionCount()]).toEqual([false, before]);
  });
  it('an account that is switched off stays out', async () => {
    const { who, sub } = await known();
    await agency.database.sql('update agency.auth_user set disabled_at = now() where id = $1', [who.id]);
    expect((await through({ sub, acr: 'two-factors' })).answer.body.code).toBe('sign-in-refused');
  });
  it('a browser is sent to a page of ours with what went wrong, other clients get the problem', async () => {
    const browser = new Browser(agency);
    provider.person = { sub: 'nobody' };
    const answer = await back(browser, provider.authorize(await begin(browser)), { accept: 'text/html,*/*' });
    expect(answer).toMatchObject({ status: 303, location: `${agency.baseUrl}/sign-in#refused=not-invited` });
  });
});

describe('a provider that lies', () => {
  const refused: [Lie, number, string][] = [
    ['wrong-key', 401, 'identity-provider-answer-refused'],
    ['alg-none', 401, 'identity-provider-answer-refused'],
    ['alg-hs256', 401, 'identity-provider-answer-refused'],
    ['alg-es256', 401, 'identity-provider-answer-refused'],
    ['other-issuer', 401, 'identity-provider-answer-refused'],
    ['other-audience', 401, 'identity-provider-answer-refused'],
    ['more-audiences', 401, 'identity-provider-answer-refused'],
    ['expired', 401, 'identity-provider-answer-refused'],
    ['not-yet', 401, 'identity-provider-answer-refused'],
    ['wrong-nonce', 401, 'identity-provider-answer-refused'],
    ['no-nonce', 401, 'identity-provider-answer-refused'],
    ['no-subject', 401, 'identity-provider-answer-refused'],
    ['kid-unknown', 401, 'identity-provider-answer-refused'],
    ['no-id-token', 401, 'identity-provider-answer-refused'],
    ['not-json', 401, 'identity-provider-answer-refused'],
    ['token-huge', 503, 'identity-provider-unavailable'],
    ['token-never-ends', 503, 'identity-provider-unavailable'],
    ['token-redirects', 503, 'identity-provider-unavailable'],
  ];
  it.each(refused)('%s → %i %s, and no session', async (lie, status, code) => {
    const { sub } = await known();
    const before = await sessionCount();
    provider.lie = lie;
    const { browser, answer } = await through({ sub, acr: 'two-factors' });
    expect(answer).toMatchObject({ status, body: { code } });
    expect([browser.hasSession, await sessionCount()]).toEqual([false, before]);
    expect(provider.trapped).toBe(0);
  });
  it.each<Lie>(['metadata-of-another', 'metadata-huge', 'metadata-never-ends', 'metadata-redirects'])(
    '%s: nobody is sent there',
    async (lie) => {
      await agency.stop();
      await start(); // forgets what it said before
      provider.lie = lie;
      const answer = await new Browser(agency).auth('/provider/start');
      expect(answer).toMatchObject({ status: 503, body: { code: 'identity-provider-unavailable' } });
      provider.lie = undefined;
      expect((await new Browser(agency).auth('/provider/start')).status).toBe(200); // and not remembered
    },
  );
  it.each<Lie>(['keys-on-loopback', 'keys-redirect'])('%s: not asked', async (lie) => {
    await agency.stop();
    await start();
    const { sub } = await known();
    provider.lie = lie;
    const { browser, answer } = await through({ sub, acr: 'two-factors' });
    expect(answer).toMatchObject({ status: 503, body: { code: 'identity-provider-unavailable' } });
    expect([browser.hasSession, provider.trapped]).toEqual([false, 0]);
  });
});

describe('the way back', () => {
  const refusedBack = async (change: (url: URL) => void) => {
    const { sub } = await known();
    const browser = new Browser(agency);
    provider.person = { sub, acr: 'two-factors' };
    const url = provider.authorize(await begin(browser));
    change(url);
    const answer = await back(browser, url);
    expect(browser.hasSession).toBe(false);
    return answer;
  };
  it.each<[string, (url: URL) => void, number, string]>([
    ['another state', (u) => u.searchParams.set('state', 'x'), 401, 'identity-provider-answer-refused'],
    ['no state', (u) => u.searchParams.delete('state'), 401, 'identity-provider-answer-refused'],
    ['two states', (u) => u.searchParams.append('state', 'x'), 401, 'identity-provider-answer-refused'],
    [
      'another issuer',
      (u) => u.searchParams.set('iss', 'https://login.example'),
      401,
      'identity-provider-answer-refused',
    ],
    ['no issuer', (u) => u.searchParams.delete('iss'), 401, 'identity-provider-answer-refused'],
    ['no code', (u) => u.searchParams.delete('code'), 401, 'identity-provider-answer-refused'],
    ['a code nobody gave', (u) => u.searchParams.set('code', 'x'), 401, 'identity-provider-answer-refused'],
    ['an error', (u) => u.searchParams.set('error', 'access_denied'), 401, 'identity-provider-denied'],
  ])('%s', async (_, change, status, code) => {
    expect(await refusedBack(change)).toMatchObject({ status, body: { code } });
  });
  it('counts once, also when it comes twice at once; not in another browser; not late', async () => {
    const { sub } = await known();
    const browser = new Browser(agency);
    provider.person = { sub, acr: 'two-factors' };
    const url = provider.authorize(await begin(browser));
    expect((await back(new Browser(agency), url)).body.code).toBe('challenge-unusable');
    const cookie = browser.cookieHeader;
    const both = await Promise.all([0, 1].map(() => back(new Browser(agency), url, { cookie })));
    expect(both.map((a) => a.status).sort()).toEqual([303, 400]);
    expect((await back(new Browser(agency), url, { cookie })).body.code).toBe('challenge-unusable');
    const late = provider.authorize(await begin(browser));
    await agency.database.sql('update agency.sign_in_challenge set expires_at = now()');
    expect((await back(browser, late)).body.code).toBe('challenge-unusable');
  });
  it('a code that was used up there is refused here', async () => {
    const { sub } = await known();
    provider.person = { sub, acr: 'two-factors' };
    const [first, second] = [new Browser(agency), new Browser(agency)];
    const used = provider.authorize(await begin(first));
    await back(first, used);
    const url = provider.authorize(await begin(second));
    url.searchParams.set('code', used.searchParams.get('code')!);
    expect((await back(second, url)).body.code).toBe('identity-provider-answer-refused');
  });
});

describe('rule 7: an invitation is the only way to an account, also through the provider', () => {
  const invite = async (email: string) => {
    const made = await agency.ask('POST', '/api/v1/staff/invitations', {
      as: 'admin',
      body: { email, role: 'booker' },
    });
    return (made.body.link as string).split('#')[1]!;
  };
  it('binds who comes back, without a password; works once', async () => {
    const token = await invite('anna@agency.example');
    const { browser, answer } = await through(
      { sub: 'anna', name: 'Anna Ö', acr: 'two-factors', email: 'other@elsewhere.example' },
      undefined,
      { purpose: 'invitation', invitation: token },
    );
    expect(answer.location).toBe(`${agency.baseUrl}/`);
    expect((await browser.me()).body).toMatchObject({ name: 'Anna Ö', email: 'anna@agency.example', role: 'booker' });
    expect((await through({ sub: 'anna', acr: 'two-factors' })).answer.status).toBe(303);
    expect(
      (await new Browser(agency).auth('/provider/start', { purpose: 'invitation', invitation: token })).body.code,
    ).toBe('invitation-not-usable');
    expect(
      (await new Browser(agency).auth('/sign-in/email', { email: 'anna@agency.example', password: PASSWORD })).status,
    ).toBe(401);
  });
  it('two browsers with one invitation: one account', async () => {
    const token = await invite('twice@agency.example');
    const purpose = { purpose: 'invitation', invitation: token };
    const browsers = [new Browser(agency), new Browser(agency)];
    const urls: string[] = [];
    for (const [i, browser] of browsers.entries()) {
      provider.person = { sub: `twice-${i}` };
      urls.push(await begin(browser, purpose));
    }
    const answers = await Promise.all(browsers.map((b, i) => back(b, provider.authorize(urls[i]!))));
    expect(answers.map((a) => a.status).sort()).toEqual([303, 404]);
  });
  it('an identity that has an account takes no second one: the invitation stays usable', async () => {
    const { sub } = await known();
    const token = await invite('second@agency.example');
    const { answer } = await through({ sub }, undefined, { purpose: 'invitation', invitation: token });
    expect(answer).toMatchObject({ status: 409, body: { code: 'identity-taken' } });
    expect(
      (await new Browser(agency).auth('/provider/start', { purpose: 'invitation', invitation: token })).status,
    ).toBe(200);
  });
  it('somebody without a password enrols a second factor of ours', async () => {
    const token = await invite('bo@agency.example');
    const { browser } = await through({ sub: 'bo' }, undefined, { purpose: 'invitation', invitation: token });
    const enrolled = await browser.auth('/two-factor/enable', {});
    const secret = new URL(enrolled.body.totpURI).searchParams.get('secret')!;
    expect((await browser.auth('/two-factor/verify-totp', { code: totpCode(secret, Date.now()) })).status).toBe(200);
    expect((await browser.me()).body.email).toBe('bo@agency.example');
  });
});

describe('an account that is there', () => {
  it('is bound by its owner, freshly proved, in the session that asked', async () => {
    const who = await personOf(agency);
    const browser = await new Browser(agency).enter(who);
    const { answer } = await through({ sub: 'linked' }, browser, { purpose: 'link' });
    expect(answer.status).toBe(303);
    expect((await through({ sub: 'linked', acr: 'two-factors' })).browser.hasSession).toBe(true);

    await proofTooOld(agency, who);
    expect((await browser.auth('/provider/start', { purpose: 'link' })).body.code).toBe('step-up-required');
    const other = await new Browser(agency).enter(await personOf(agency));
    expect((await through({ sub: 'linked' }, other, { purpose: 'link' })).answer.body.code).toBe('identity-taken');
  });
  it('a fresh proof there is a fresh proof here; an old one, or of one factor, or of somebody else, is not', async () => {
    const { who, sub } = await known();
    const browser = await new Browser(agency).enter(who);
    const age = async () => (await browser.auth('/passkey/enrolment')).status;
    const hourAgo = Math.floor(Date.now() / 1000) - 3600;
    await proofTooOld(agency, who);
    const stepUp = { purpose: 'step-up' };
    expect(new URL(await begin(browser, stepUp)).searchParams.get('prompt')).toBe('login');
    await through({ sub, acr: 'two-factors', auth_time: hourAgo }, browser, stepUp);
    expect(await age()).toBe(403);
    expect((await through({ sub }, browser, stepUp)).answer.status).toBe(403);
    const other = await known();
    expect((await through({ sub: other.sub, acr: 'two-factors' }, browser, stepUp)).answer.body.code).toBe(
      'signed-in-as-other',
    );
    expect(await age()).toBe(403);
    await through({ sub, acr: 'two-factors' }, browser, stepUp);
    expect(await age()).toBe(200);
  });
  it('a password alone binds nothing', async () => {
    const who = await withPasswordOnly(agency);
    const browser = new Browser(agency);
    await browser.auth('/sign-in/email', { email: who.email, password: PASSWORD });
    expect((await browser.auth('/provider/start', { purpose: 'link' })).body.code).toBe('second-factor-required');
  });
});

describe('signing out', () => {
  it('ends ours, and says where to end the provider’s', async () => {
    const { sub } = await known();
    const { browser } = await through({ sub, acr: 'two-factors' });
    const cookie = browser.cookieHeader;
    const out = await browser.auth('/sign-out');
    const there = new URL(out.body.logoutUrl);
    expect(`${there.origin}${there.pathname}`).toBe(`${provider.issuer}/logout`);
    expect(there.searchParams.get('post_logout_redirect_uri')).toBe(`${agency.baseUrl}/sign-in`);
    expect(there.searchParams.get('id_token_hint')!.split('.')).toHaveLength(3);
    expect(out.headers.get('clear-site-data')).toContain('cache');
    expect((await browser.ask('GET', '/api/v1/me', undefined, { cookie })).status).toBe(401);
    expect(browser.hasSession).toBe(false);
  });
  it('ours ends also when the provider is away', async () => {
    const { sub } = await known();
    const { browser } = await through({ sub, acr: 'two-factors' });
    const cookie = browser.cookieHeader;
    await agency.database.sql(`update agency.auth_session set provider_hint = 'not what we sealed'`);
    const out = await browser.auth('/sign-out');
    expect(out).toMatchObject({ status: 200, body: { success: true, logoutUrl: null } });
    expect((await browser.ask('GET', '/api/v1/me', undefined, { cookie })).status).toBe(401);
  });
  it('the ID token is not readable in the table', async () => {
    const { sub } = await known();
    await through({ sub, acr: 'two-factors', name: 'Canary Kanariefågel' });
    const [row] = await agency.database.sql<{ provider_hint: string }>(
      'select provider_hint from agency.auth_session where provider_hint is not null order by "createdAt" desc limit 1',
    );
    expect(row!.provider_hint).not.toContain('.');
    expect(Buffer.from(row!.provider_hint, 'hex').toString()).not.toContain('Canary');
  });
});
