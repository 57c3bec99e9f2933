import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { signIn, totpCode } from '@avtala/access';
import { accountOf, PASSWORD, RunningAgency, TOTP_SECRET } from '../running-agency.fixture.js';
import { sandboxStaff } from '../services/sandbox-staff.js';

let agency: RunningAgency;
let origin: string;
beforeAll(async () => {
  agency = await RunningAgency.start();
  origin = agency.baseUrl;
});
afterAll(() => agency?.stop());
afterEach(() => agency.database.sql('delete from agency.sign_in_failure'));

let people = 0;
const newcomer = async (role: 'booker' | 'client' = 'booker') => {
  const account = { email: `person${++people}@agency.example`, name: `Person ${people}`, password: PASSWORD };
  const [id] = await sandboxStaff(agency.database.db(), agency.authSecret, [
    { ...account, role, totpSecret: TOTP_SECRET },
  ]);
  return { ...account, id: id! };
};
const cookieOf = (headers: Headers) =>
  headers
    .getSetCookie()
    .map((line) => line.split(';', 1)[0]!)
    .join('; ');
const password = (email: string, text = PASSWORD, headers = {}) =>
  agency.ask('POST', '/api/auth/sign-in/email', { body: { email, password: text }, headers: { origin, ...headers } });
const verify = (cookie: string, code: string) =>
  agency.ask('POST', '/api/auth/two-factor/verify-totp', { body: { code }, headers: { origin, cookie } });
const me = (cookie: string) => agency.ask('GET', '/api/v1/me', { headers: { cookie } });
const enter = async (who: { email: string }, step = 0) => {
  const asked = await password(who.email);
  return verify(cookieOf(asked.headers), totpCode(TOTP_SECRET, Date.now(), step));
};
const withoutSecondFactor = async () => {
  const who = await newcomer();
  await agency.database.sql('delete from agency.auth_two_factor where "userId" = $1', [who.id]);
  await agency.database.sql('update agency.auth_user set "twoFactorEnabled" = false where id = $1', [who.id]);
  return who;
};

it('signs in with password and code, and says who it is', async () => {
  const { cookie } = await signIn({ baseUrl: origin, ...accountOf('dpo') });
  expect((await me(cookie)).body).toMatchObject({ role: 'dpo', email: 'dpo@agency.example', engagementIds: [] });
});

describe('rule 2: the origin check is on, in tests too', () => {
  it.each([['https://evil.example'], ['null'], [undefined]])('sign-in with Origin %s is refused', async (foreign) => {
    const who = await newcomer();
    const headers: Record<string, string> = foreign ? { origin: foreign } : {};
    const answer = await agency.ask('POST', '/api/auth/sign-in/email', {
      body: { email: who.email, password: PASSWORD },
      headers,
    });
    expect(answer).toMatchObject({ status: 403, body: { code: 'foreign-origin' } });
  });
  it('so is a page of another site that borrows our Origin', async () => {
    const answer = await password('x@agency.example', PASSWORD, { 'sec-fetch-site': 'cross-site' });
    expect(answer.status).toBe(403);
  });
});

describe('rule 3: a code is good once', () => {
  it('answers 401 to the second use and leaves no session behind', async () => {
    const who = await newcomer();
    const code = totpCode(TOTP_SECRET, Date.now());
    const first = await verify(cookieOf((await password(who.email)).headers), code);
    const second = await verify(cookieOf((await password(who.email)).headers), code);
    expect([first.status, second.status]).toEqual([200, 401]);
    expect(second.headers.getSetCookie().some((line) => /^__Host-avtala=[^;]/.test(line))).toBe(false);
    const sessions = await agency.database.sql('select 1 from agency.auth_session where "userId" = $1', [who.id]);
    expect(sessions).toHaveLength(1);
  });
  it('lets one of five through who use it at once', async () => {
    const who = await newcomer();
    const code = totpCode(TOTP_SECRET, Date.now());
    const challenges = [];
    for (let i = 0; i < 5; i++) challenges.push(cookieOf((await password(who.email)).headers));
    const tries = await Promise.all(challenges.map((cookie) => verify(cookie, code)));
    expect(tries.map((t) => t.status).sort()).toEqual([200, 401, 401, 401, 401]);
  });
  it('forgets used codes after five minutes', async () => {
    const who = await newcomer();
    await enter(who);
    await agency.database.sql(`update agency.totp_used set used_at = used_at - interval '6 minutes'`);
    await enter(await newcomer());
    expect(await agency.database.sql('select 1 from agency.totp_used where user_id = $1', [who.id])).toHaveLength(0);
  });
});

describe('rule 4: a stolen session table opens nothing', () => {
  it('refuses the raw token as a bearer, as a cookie, and with a wrong signature', async () => {
    const who = await newcomer();
    const cookie = cookieOf((await enter(who)).headers);
    const [row] = await agency.database.sql<{ token: string }>(
      'select token from agency.auth_session where "userId" = $1',
      [who.id],
    );
    const raw = row!.token;
    expect(cookie).toContain(raw);
    const bearer = await agency.ask('GET', '/api/v1/me', { headers: { authorization: `Bearer ${raw}` } });
    const forged = [
      bearer,
      await me(`__Host-avtala=${raw}`),
      await me(`__Host-avtala=${raw}.AAAA${'A'.repeat(39)}%3D`),
    ];
    expect(forged.map((f) => f.status)).toEqual([401, 401, 401]);
    const session = await agency.ask('GET', '/api/auth/get-session', { headers: { authorization: `Bearer ${raw}` } });
    expect(session.body).toBeNull();
  });
  it('a session that is deleted is over with the next request: nothing is cached in a cookie', async () => {
    const who = await newcomer();
    const cookie = cookieOf((await enter(who)).headers);
    expect(cookie).not.toContain('session_data');
    expect((await me(cookie)).status).toBe(200);
    await agency.database.sql('delete from agency.auth_session where "userId" = $1', [who.id]);
    expect((await me(cookie)).status).toBe(401);
  });
});

it('rule 6: the cookie is __Host-avtala, Secure, HttpOnly, Lax, for the whole host', async () => {
  const lines = (await enter(await newcomer())).headers.getSetCookie();
  const line = lines.find((l) => /^__Host-avtala=[^;]/.test(l))!;
  expect(
    line
      .split('; ')
      .slice(1)
      .map((a) => a.toLowerCase()),
  ).toEqual(expect.arrayContaining(['secure', 'httponly', 'samesite=lax', 'path=/']));
  expect(line.toLowerCase()).not.toContain('domain=');
  expect(lines.every((l) => l.startsWith('__Host-') && /; secure/i.test(l))).toBe(true);
});

describe('rule 7: nobody signs up', () => {
  it.each([
    ['POST', '/api/auth/sign-up/email'],
    ['POST', '/api/auth/two-factor/disable'],
    ['POST', '/api/auth/two-factor/send-otp'],
    ['POST', '/api/auth/two-factor/verify-backup-code'],
    ['POST', '/api/auth/request-password-reset'],
    ['POST', '/api/auth/update-user'],
    ['GET', '/api/auth/token'],
    ['GET', '/api/auth/ok'],
  ])('%s %s is not there', async (method, path) => {
    const body = { email: 'new@agency.example', password: PASSWORD, name: 'New' };
    const answer = await agency.ask(method, path, { ...(method === 'POST' ? { body } : {}), headers: { origin } });
    expect(answer.status).toBe(404);
  });
  it('there is no account that nobody made', async () => {
    const fresh = await agency.database.sql(
      `select email from agency.auth_user where email not like '%@agency.example'`,
    );
    expect(fresh).toEqual([]);
  });
});

describe('rule 8: without a second factor a sign-in reaches the enrolment only', () => {
  it('is refused everywhere else, enrols, and is in', async () => {
    const who = await withoutSecondFactor();
    const first = cookieOf((await password(who.email)).headers);
    expect(await me(first)).toMatchObject({ status: 403, body: { code: 'second-factor-required' } });
    const change = await agency.ask('POST', '/api/auth/change-password', {
      body: { currentPassword: PASSWORD, newPassword: 'another-harbour-ledger' },
      headers: { origin, cookie: first },
    });
    expect(change).toMatchObject({ status: 403, body: { code: 'second-factor-required' } });

    const enrolled = await agency.ask('POST', '/api/auth/two-factor/enable', {
      body: { password: PASSWORD },
      headers: { origin, cookie: first },
    });
    expect(enrolled.status).toBe(200);
    const secret = new URL(enrolled.body.totpURI).searchParams.get('secret')!;
    expect(enrolled.body).not.toHaveProperty('backupCodes');
    expect((await me(first)).status).toBe(403);
    const proved = await verify(first, totpCode(secret, Date.now()));
    expect(proved.status).toBe(200);
    expect((await me(cookieOf(proved.headers))).status).toBe(200);
    expect((await me(first)).status).toBe(401);
  });
  it('a device cannot be trusted past the second factor', async () => {
    const who = await newcomer();
    const challenge = cookieOf((await password(who.email)).headers);
    const answer = await agency.ask('POST', '/api/auth/two-factor/verify-totp', {
      body: { code: totpCode(TOTP_SECRET, Date.now()), trustDevice: true },
      headers: { origin, cookie: challenge },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'fields-invalid' } });
  });
});

describe('rule 9: sessions end', () => {
  const aged = async (role: 'booker' | 'client', change: string) => {
    const who = await newcomer(role);
    const cookie = cookieOf((await enter(who)).headers);
    await agency.database.sql(`update agency.auth_session set ${change} where "userId" = $1`, [who.id]);
    return cookie;
  };
  it.each([
    ['booker', '29 minutes', 200],
    ['booker', '31 minutes', 401],
    ['client', '59 minutes', 200],
    ['client', '61 minutes', 401],
  ] as const)('%s idle for %s: %d', async (role, idle, status) => {
    const cookie = await aged(role, `seen_at = clock_timestamp() - interval '${idle}'`);
    expect((await me(cookie)).status).toBe(status);
  });
  it('twelve hours after the sign-in, however busy', async () => {
    const cookie = await aged('booker', `"createdAt" = clock_timestamp() - interval '721 minutes'`);
    expect((await me(cookie)).status).toBe(401);
    const door = await agency.ask('GET', '/api/auth/list-sessions', { headers: { cookie } });
    expect(door.status).toBe(401);
  });
  it('a request keeps it alive', async () => {
    const cookie = await aged('booker', `seen_at = clock_timestamp() - interval '20 minutes'`);
    await me(cookie);
    const [row] = await agency.database.sql<{ fresh: boolean }>(
      `select max(seen_at) > clock_timestamp() - interval '1 minute' as fresh from agency.auth_session`,
    );
    expect(row!.fresh).toBe(true);
  });
  it('an account that is switched off is out at once', async () => {
    const who = await newcomer();
    const cookie = cookieOf((await enter(who)).headers);
    await agency.database.sql('update agency.auth_user set disabled_at = clock_timestamp() where id = $1', [who.id]);
    expect((await me(cookie)).status).toBe(401);
  });
  it('signing out ends it', async () => {
    const cookie = cookieOf((await enter(await newcomer())).headers);
    const out = await agency.ask('POST', '/api/auth/sign-out', { body: {}, headers: { origin, cookie } });
    expect(out.status).toBe(200);
    expect((await me(cookie)).status).toBe(401);
  });
  it('step-up: an old proof is not enough for an invitation; a new code is, and gives a new token', async () => {
    const headers = await agency.signedIn('admin');
    const id = agency.ids.get('admin');
    await agency.database.sql(
      `update agency.auth_session set auth_time = auth_time - interval '16 minutes' where "userId" = $1`,
      [id],
    );
    const invite = (cookie: string, email: string) =>
      agency.ask('POST', '/api/v1/staff/invitations', {
        body: { email, role: 'booker' },
        headers: { origin, cookie },
      });
    const early = await invite(headers['cookie']!, 'late@agency.example');
    expect(early).toMatchObject({ status: 403, body: { code: 'step-up-required' } });
    const proved = await verify(headers['cookie']!, totpCode(TOTP_SECRET, Date.now(), 1));
    expect(proved.status).toBe(200);
    const fresh = cookieOf(proved.headers);
    expect((await invite(fresh, 'late@agency.example')).status).toBe(201);
    expect((await me(headers['cookie']!)).status).toBe(401);
  });
});

describe('rule 10: passwords', () => {
  it('a change needs the old one, obeys the rules, and ends the other sessions', async () => {
    const who = await newcomer();
    const elsewhere = cookieOf((await enter(who)).headers);
    const cookie = cookieOf((await enter(who, 1)).headers);
    const change = (newPassword: string, currentPassword = PASSWORD) =>
      agency.ask('POST', '/api/auth/change-password', {
        body: { currentPassword, newPassword },
        headers: { origin, cookie },
      });
    expect((await change('short')).body.code).toBe('password-too-short');
    expect((await change('Password1234')).body.code).toBe('password-too-common');
    expect((await change('another-harbour-ledger', 'wrong-harbour-ledger')).status).toBe(400);
    expect((await change('another-harbour-ledger')).status).toBe(200);
    expect((await me(elsewhere)).status).toBe(401);
  });
});

describe('rule 11: guessing is slowed down, never locked out', () => {
  it('waits longer and longer, then lets the right person in again', async () => {
    const who = await newcomer();
    const statuses = [];
    for (let i = 0; i < 7; i++) statuses.push((await password(who.email, 'wrong-harbour-ledger')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429]);
    const blocked = await password(who.email);
    expect(blocked).toMatchObject({ status: 429, body: { code: 'sign-in-throttled' } });
    expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(0);
    await agency.database.sql(`update agency.sign_in_failure set blocked_until = clock_timestamp()`);
    expect((await enter(who)).status).toBe(200);
  });
  it('fifty guesses at once do not slip past it', async () => {
    const who = await newcomer();
    const tries = await Promise.all(Array.from({ length: 50 }, () => password(who.email, 'wrong-harbour-ledger')));
    // Five, then one after a second, two, four …: on a busy machine fifty take that long.
    expect(tries.filter((t) => t.status === 401).length).toBeLessThanOrEqual(9);
  });
  it('an address that fails all over is slowed down for everybody; many who get in are not', async () => {
    for (let i = 0; i < 32; i++) await password(`nobody${i}@agency.example`, 'wrong-harbour-ledger');
    expect((await password('somebody@agency.example')).status).toBe(429);
    const [longest] = await agency.database.sql<{ seconds: number }>(
      `select max(extract(epoch from blocked_until - last_at))::int as seconds from agency.sign_in_failure`,
    );
    expect(longest!.seconds).toBeLessThanOrEqual(900);
  });
  it('answers an unknown address like a wrong password', async () => {
    const who = await newcomer();
    const [wrong, unknown] = [await password(who.email, 'wrong-harbour-ledger'), await password('no@agency.example')];
    expect(unknown.body).toEqual(wrong.body);
    expect(JSON.stringify(wrong.body)).not.toContain(who.email);
  });
});

describe('what bad input gets at the door', () => {
  it.each([
    ['invalid JSON', '{"email":', 400, 'json-invalid'],
    ['fields of the wrong kind', '{"email":["a"],"password":{"$gt":""}}', 400, 'fields-invalid'],
    [
      'unknown fields',
      '{"email":"a@b.example","password":"x","callbackURL":"https://evil.example"}',
      400,
      'fields-invalid',
    ],
    ['too much', `{"email":"a@b.example","password":"${'x'.repeat(20_000)}"}`, 413, 'too-large'],
    ['no address', '{"email":"not an address","password":"tulip-harbour-ledger-9"}', 400, 'invalid-email'],
  ])('%s', async (_, raw, status, code) => {
    const answer = await agency.ask('POST', '/api/auth/sign-in/email', { raw, headers: { origin } });
    expect(answer).toMatchObject({ status, body: { code } });
  });
});
