import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@avtala/test-kit';
import { TestMailbox } from '../mailbox.fixture.js';
import { PASSWORD, RunningAgency } from '../running-agency.fixture.js';
import { Browser, codesForgotten, personOf, type Person, proofTooOld } from '../signing-in.fixture.js';
import { SoftwareAuthenticator } from '../software-authenticator.fixture.js';

const mail = new TestMailbox();
let agency: RunningAgency;
beforeAll(async () => {
  agency = await RunningAgency.start({ environment: { SMTP_URL: await mail.start() } });
});
afterAll(async () => {
  await agency?.stop();
  await mail.stop();
});
afterEach(() => agency.database.sql('delete from agency.sign_in_failure'));

const addPasskey = async (browser: Browser, name: string) => {
  const options = (await browser.auth('/passkey/enrolment')).body;
  return (
    await browser.auth('/passkey/add', { name, credential: new SoftwareAuthenticator(agency.baseUrl).create(options) })
  ).body.id as string;
};

describe('own sessions (7.5.2)', () => {
  const list = async (browser: Browser) => (await browser.ask('GET', '/api/v1/me/sessions')).body.sessions;
  it('are listed with how and roughly from where; one, or all others, can be ended', async () => {
    const who = await personOf(agency);
    const [here, there] = [await new Browser(agency).enter(who), await new Browser(agency).enter(who, 1)];
    const sessions = await list(here);
    expect(sessions).toHaveLength(2);
    expect(sessions.filter((s: { current: boolean }) => s.current)).toHaveLength(1);
    expect(sessions[0]).toMatchObject({ secondFactor: true, method: 'password', lastSeenAt: expect.any(String) });
    expect(JSON.stringify(sessions)).not.toContain('token');
    const other = sessions.find((s: { current: boolean }) => !s.current);
    expect((await here.ask('DELETE', `/api/v1/me/sessions/${other.id}`)).status).toBe(204);
    expect((await there.me()).status).toBe(401);
    expect((await here.ask('DELETE', `/api/v1/me/sessions/${other.id}`)).status).toBe(404);
    await codesForgotten(agency, who);
    const third = await new Browser(agency).enter(who);
    expect((await here.ask('POST', '/api/v1/me/sessions/end-others', {})).body).toEqual({ ended: 1 });
    expect([(await here.me()).status, (await third.me()).status]).toEqual([200, 401]);
  });
  it('of somebody else are not there', async () => {
    const mine = await new Browser(agency).enter(await personOf(agency));
    const theirs = await new Browser(agency).enter(await personOf(agency));
    const [session] = await list(theirs);
    expect((await mine.ask('DELETE', `/api/v1/me/sessions/${session.id}`)).status).toBe(404);
    expect((await theirs.me()).status).toBe(200);
  });
});

describe('own passkeys', () => {
  it('are listed, renamed and removed; the last second factor is not; others’ are not there', async () => {
    const who = await personOf(agency);
    const browser = await new Browser(agency).enter(who);
    const [one, two] = [await addPasskey(browser, 'Ett'), await addPasskey(browser, 'Två')];
    expect((await browser.ask('PATCH', `/api/v1/me/passkeys/${two}`, { name: 'Telefon' })).status).toBe(204);
    const { passkeys, totp } = (await browser.ask('GET', '/api/v1/me/factors')).body;
    expect([totp, passkeys.map((p: { name: string }) => p.name)]).toEqual([true, ['Ett', 'Telefon']]);
    const stranger = await new Browser(agency).enter(await personOf(agency));
    for (const method of ['PATCH', 'DELETE'])
      expect(
        (await stranger.ask(method, `/api/v1/me/passkeys/${one}`, method === 'PATCH' ? { name: 'x' } : undefined))
          .status,
      ).toBe(404);
    await proofTooOld(agency, who);
    expect((await browser.ask('DELETE', `/api/v1/me/passkeys/${one}`)).body.code).toBe('step-up-required');
    await agency.database.sql('update agency.auth_session set auth_time = now() where "userId" = $1', [who.id]);
    expect((await browser.ask('DELETE', `/api/v1/me/passkeys/${one}`)).status).toBe(204);
    await agency.database.sql('delete from agency.auth_two_factor where "userId" = $1', [who.id]);
    expect(await browser.ask('DELETE', `/api/v1/me/passkeys/${two}`)).toMatchObject({
      status: 409,
      body: { code: 'last-factor' },
    });
  });
  it('two removed at once leave one', async () => {
    const who = await personOf(agency);
    const browser = await new Browser(agency).enter(who);
    const ids = [await addPasskey(browser, 'Ett'), await addPasskey(browser, 'Två')];
    await agency.database.sql('delete from agency.auth_two_factor where "userId" = $1', [who.id]);
    const both = await Promise.all(ids.map((id) => browser.ask('DELETE', `/api/v1/me/passkeys/${id}`)));
    expect(both.map((b) => b.status).sort()).toEqual([204, 409]);
  });
});

describe('what an admin does to an account (7.4)', () => {
  const act = (id: string, what: string, body: object = {}, key?: string) =>
    agency.ask('POST', `/api/v1/staff/${id}/${what}`, {
      as: 'admin',
      body,
      headers: key ? { 'idempotency-key': key } : {},
    });
  it('ends all sessions; a repeat of the request ends nothing new', async () => {
    const who = await personOf(agency);
    const browser = await new Browser(agency).enter(who);
    expect((await act(who.id, 'end-sessions', {}, 'end-1')).body).toEqual({ sessionsEnded: 1 });
    expect((await browser.me()).status).toBe(401);
    const back = await new Browser(agency).enter(who, 1);
    expect((await act(who.id, 'end-sessions', {}, 'end-1')).body).toEqual({ sessionsEnded: 0 });
    expect((await back.me()).status).toBe(200);
  });
  it('switches it off and on again: at once, also for half a sign-in and a link in a mail', async () => {
    const who = await personOf(agency);
    const browser = await new Browser(agency).enter(who);
    expect((await act(who.id, 'disable')).status).toBe(200);
    expect((await browser.me()).status).toBe(401);
    await expect(new Browser(agency).enter(who, 1)).rejects.toThrow();
    expect((await act(who.id, 'enable')).status).toBe(200);
    await codesForgotten(agency, who);
    expect((await (await new Browser(agency).enter(who)).me()).status).toBe(200);
  });
  it('takes lost factors away: the next sign-in enrols, and the audit says how the person was known', async () => {
    const who = await personOf(agency);
    await addPasskey(await new Browser(agency).enter(who), 'Borttappad');
    expect((await act(who.id, 'reset-factors', { identityCheck: 'because' })).status).toBe(400);
    expect((await act(who.id, 'reset-factors', { identityCheck: 'video-call' })).status).toBe(200);
    const browser = new Browser(agency);
    await browser.auth('/sign-in/email', { email: who.email, password: PASSWORD });
    expect((await browser.me()).body.code).toBe('second-factor-required');
    await addPasskey(browser, 'Ny');
    expect((await browser.me()).status).toBe(200);
    const [entry] = await agency.database.sql<{ said: string }>(
      `select convert_from(canonical, 'utf8') as said from agency.audit_entry where convert_from(canonical, 'utf8') like '%account.factors-reset%'`,
    );
    expect(entry!.said).toContain('video-call');
  });
  it('not to oneself, not to the last admin, not by others, not without a fresh proof', async () => {
    const admin = agency.ids.get('admin')!;
    expect((await act(admin, 'disable')).body.code).toBe('own-account');
    expect((await act(admin, 'reset-factors', { identityCheck: 'in-person' })).body.code).toBe('own-account');
    const other = await personOf(agency, 'admin');
    const theirs = await new Browser(agency).enter(other);
    await agency.database.sql(
      `update agency.auth_user set disabled_at = now() where role = 'admin' and id <> all($1)`,
      [[admin, other.id]],
    );
    const both = await Promise.all([
      theirs.ask('POST', `/api/v1/staff/${admin}/disable`, {}),
      act(other.id, 'disable'),
    ]);
    expect(both.filter((b) => b.status === 200)).toHaveLength(1);
    await agency.database.sql(`update agency.auth_user set disabled_at = null`);
    const mine = await personOf(agency);
    const booker = await new Browser(agency).enter(mine);
    expect((await booker.ask('POST', `/api/v1/staff/${admin}/end-sessions`, {})).status).toBe(403);
  });
});

describe('accounts that nobody uses are deleted (E2)', () => {
  const due = (who: Person) =>
    agency.database.sql<{ due_at: Date; payload: object }>(
      `select due_at, payload from agency.due where kind = 'account-idle' and key = $1`,
      [who.id],
    );
  const months = async (who: Person, n: number) => {
    const day = Temporal.Instant.fromEpochMilliseconds(Date.now() + agency.clock.offsetMs).toZonedDateTimeISO(
      'Europe/Stockholm',
    );
    const at = day.subtract({ months: n, days: 1 }).toInstant().toString();
    await agency.database.sql('update agency.auth_user set active_at = $2 where id = $1', [who.id, at]);
    await agency.database.sql(
      `update agency.due set due_at = now() - interval '1 minute' where kind = 'account-idle' and key = $1`,
      [who.id],
    );
  };
  const gone = async (who: Person) =>
    (await agency.database.sql('select 1 from agency.auth_user where id = $1', [who.id])).length === 0;
  /** Somebody who signed in once and left. */
  const left = async () => {
    const who = await personOf(agency);
    await (await new Browser(agency).enter(who)).auth('/sign-out');
    return who;
  };

  it('a sign-in begins the two years anew', async () => {
    const who = await left();
    const [row] = await due(who);
    const days = (row!.due_at.getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(690);
    expect(days).toBeLessThan(705);
  });
  it('a reminder at 23 months, with the day; deletion at 24, with everything of theirs', async () => {
    const who = await left();
    await months(who, 23);
    const letter = await eventually(() => {
      expect(mail.to(who.email)).toHaveLength(1);
      return mail.to(who.email)[0]!;
    });
    expect(letter.text).toMatch(/tas bort den \d{4}-\d\d-\d\d/);
    await eventually(async () => expect((await due(who))[0]!.payload).toEqual({ reminded: true }));
    expect(await gone(who)).toBe(false);
    await months(who, 24);
    await eventually(async () => expect(await gone(who)).toBe(true));
    for (const table of ['auth_account', 'auth_two_factor', 'auth_session'])
      expect(await agency.database.sql(`select 1 from agency.${table} where "userId" = $1`, [who.id])).toEqual([]);
    expect(await due(who)).toEqual([]);
  });
  it('nobody is deleted without a reminder before, nor while they are here', async () => {
    const late = await left();
    await months(late, 30);
    await eventually(() => expect(mail.to(late.email)).toHaveLength(1));
    const here = await personOf(agency);
    const browser = await new Browser(agency).enter(here);
    await months(here, 30);
    await eventually(async () => expect((await due(here))[0]!.due_at.getTime()).toBeGreaterThan(Date.now()));
    expect((await browser.me()).status).toBe(200);
    expect(mail.to(here.email)).toEqual([]);
  });
  it('whoever signs in after the reminder stays', async () => {
    const who = await left();
    await months(who, 23);
    await eventually(() => expect(mail.to(who.email)).toHaveLength(1));
    await (await new Browser(agency).enter(who, 1)).auth('/sign-out');
    expect((await due(who))[0]!.payload).toEqual({});
    expect(await gone(who)).toBe(false);
  });
});
