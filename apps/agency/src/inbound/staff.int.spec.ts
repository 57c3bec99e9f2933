import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { AccountExists } from '../domain/errors.js';
import { RunningAgency } from '../running-agency.fixture.js';
import { inviteFirstAdmin } from '../services/first-admin.js';
import { sandboxStaff } from '../services/sandbox-staff.js';

const PASSWORD = 'a tulip in every harbour';
let agency: RunningAgency;
beforeAll(async () => {
  agency = await RunningAgency.start();
});
afterAll(() => agency?.stop());

const invite = (email: string, role = 'booker', headers = {}) =>
  agency.ask('POST', '/api/v1/staff/invitations', { as: 'admin', body: { email, role }, headers });
const tokenOf = (link: string) => link.split('#')[1]!;
const accept = (token: string, over: object = {}) =>
  agency.ask('POST', '/api/v1/staff/invitations/accept', {
    body: { token, name: 'Ny Bokare', password: PASSWORD, ...over },
  });

describe('rule 7: accounts are made by invitation', () => {
  it('one accepts, may sign in with the password, and the link is used up', async () => {
    const { status, body } = await invite('New.Booker@agency.example');
    expect(status).toBe(201);
    expect(Date.parse(body.expiresAt) - Date.now()).toBeGreaterThan(71.9 * 3_600_000);
    const token = tokenOf(body.link);
    expect((await accept(token)).status).toBe(201);
    expect(await accept(token)).toMatchObject({ status: 404, body: { code: 'invitation-not-usable' } });
    const entered = await agency.ask('POST', '/api/auth/sign-in/email', {
      body: { email: 'new.booker@agency.example', password: PASSWORD },
      headers: { origin: agency.baseUrl },
    });
    expect(entered.status).toBe(200);
    expect(await invite('new.booker@agency.example')).toMatchObject({ status: 409, body: { code: 'account-exists' } });
  });

  it('ten accept at once: one account', async () => {
    const token = tokenOf((await invite('race@agency.example')).body.link);
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(token)));
    expect(answers.map((a) => a.status).sort()).toEqual([201, ...Array(9).fill(404)]);
  });

  it('is good for 72 hours', async () => {
    const { body } = await invite('late@agency.example');
    await agency.database.sql(
      `update agency.invitation set expires_at = expires_at - interval '72 hours' where invitation_id = $1`,
      [body.id],
    );
    expect((await accept(tokenOf(body.link))).status).toBe(404);
  });

  it.each([
    ['an id alone', (token: string) => token.split('.')[0]!],
    ['another id', (token: string) => `${randomUUID()}.${token.split('.')[1]}`],
    ['a forged end', (token: string) => `${token.slice(0, -4)}AAAA`],
    ['nothing', () => ''],
  ])('a forged link opens nothing: %s', async (_, forge) => {
    const token = tokenOf((await invite(`forged${randomUUID()}@agency.example`)).body.link);
    expect((await accept(forge(token))).status).toBe(404);
  });

  it('the table holds nothing that opens a door', async () => {
    const { body } = await invite('stolen@agency.example');
    const [row] = await agency.database.sql<{ all: string }>(
      `select i::text as all from agency.invitation i where invitation_id = $1`,
      [body.id],
    );
    expect(row!.all).not.toContain(tokenOf(body.link).split('.')[1]);
  });

  it('inviting an address again makes a new link and ends the old one', async () => {
    const [old, fresh] = [await invite('again@agency.example'), await invite('again@agency.example', 'supervisor')];
    expect((await accept(tokenOf(old.body.link))).status).toBe(404);
    expect((await accept(tokenOf(fresh.body.link))).status).toBe(201);
  });

  it('a withdrawn invitation opens nothing, is in no list, and a repeat of either act changes nothing', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const { body } = await invite('wrong.person@agency.example', 'admin', headers);
    const withdraw = (as: 'admin' | 'supervisor' | 'dpo', id = body.id as string) =>
      agency.ask('POST', `/api/v1/staff/invitations/${id}/withdraw`, { as });
    for (const as of ['supervisor', 'dpo'] as const) expect((await withdraw(as)).status).toBe(403);
    expect((await withdraw('admin')).status).toBe(204);
    expect((await accept(tokenOf(body.link))).status).toBe(404);
    expect(await invite('wrong.person@agency.example', 'admin', headers)).toMatchObject({
      status: 404,
      body: { code: 'invitation-not-usable' },
    });
    expect((await withdraw('admin')).status).toBe(404);
    expect((await withdraw('admin', randomUUID())).status).toBe(404);
    const { invitations } = (await agency.ask('GET', '/api/v1/staff', { as: 'admin' })).body;
    expect(JSON.stringify(invitations)).not.toContain('wrong.person@');
    const audited = await agency.database.sql<{ n: number }>(
      `select count(*)::int as n from agency.audit_entry where act = 'invitation.withdrawn'`,
    );
    expect(audited).toEqual([{ n: 1 }]);
  });

  it('one that ran out is shown as such, for a month', async () => {
    const { body } = await invite('too.late@agency.example');
    const age = (how: string) =>
      agency.database.sql(
        `update agency.invitation set expires_at = expires_at - interval '${how}' where invitation_id = $1`,
        [body.id],
      );
    const shown = async () =>
      (await agency.ask('GET', '/api/v1/staff', { as: 'admin' })).body.invitations.find(
        (i: { id: string }) => i.id === body.id,
      );
    expect(await shown()).toMatchObject({ state: 'pending' });
    await age('73 hours');
    expect(await shown()).toMatchObject({ state: 'expired' });
    await age('30 days');
    expect(await shown()).toBeUndefined();
  });

  it('a repeat under the same key shows the same link and makes no second invitation', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const [one, two] = [
      await invite('twice@agency.example', 'booker', headers),
      await invite('twice@agency.example', 'booker', headers),
    ];
    expect(two.body).toEqual(one.body);
  });

  it.each([
    ['password-too-short', 'tulip'],
    ['password-too-common', 'Password2027!'],
    ['password-like-account', 'like.person1'],
  ])('rule 10: %s is refused and the invitation stays good', async (code, password) => {
    const token = tokenOf((await invite(`like.person${randomUUID().slice(0, 8)}@agency.example`)).body.link);
    expect(await accept(token, { password, name: 'Like Person' })).toMatchObject({ status: 400, body: { code } });
    expect((await accept(token)).status).toBe(201);
  });

  it.each([
    ['supervisor', 'dpo'],
    ['booker', 'admin'],
  ] as const)('a %s cannot invite', async (as, role) => {
    const body = { email: 'x@agency.example', role };
    expect((await agency.ask('POST', '/api/v1/staff/invitations', { as, body })).status).toBe(403);
  });

  it.each([
    ['no address', { email: 'nobody', role: 'booker' }],
    ['an unknown role', { email: 'x@agency.example', role: 'root' }],
    ['an unknown field', { email: 'x@agency.example', role: 'booker', aal: 2 }],
  ])('400: %s', async (_, body) => {
    const answer = await agency.ask('POST', '/api/v1/staff/invitations', { as: 'admin', body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'request-invalid' } });
  });
});

describe('who works here', () => {
  const list = (as: 'admin' | 'supervisor' | 'dpo' | 'booker') => agency.ask('GET', '/api/v1/staff', { as });

  it('the admin sees everybody, and who was invited; each look is written down (G3)', async () => {
    await invite('late.booker@agency.example');
    const { status, body } = await list('admin');
    expect(status).toBe(200);
    expect(body.items).toContainEqual(
      expect.objectContaining({ role: 'dpo', state: 'active', email: expect.stringContaining('@') }),
    );
    expect(body.invitations).toContainEqual(
      expect.objectContaining({ email: 'late.booker@agency.example', role: 'booker' }),
    );
    expect(JSON.stringify(body)).not.toMatch(/password|secret|token/i);
    const audited = await agency.database.sql<{ n: number }>(
      `select count(*)::int as n from agency.audit_entry where act = 'staff.listed'`,
    );
    expect(audited[0]!.n).toBeGreaterThan(0);
  });

  it('others see no address and no invitation, a supervisor only whoever shares an engagement, a booker nobody', async () => {
    const dpo = (await list('dpo')).body;
    expect(dpo.items.every((p: { email: unknown }) => p.email === null)).toBe(true);
    expect(dpo.invitations).toEqual([]);
    const mine = (await list('supervisor')).body.items as { id: string }[];
    expect(mine.map((p) => p.id)).toEqual([agency.ids.get('supervisor')]);
    expect((await list('booker')).status).toBe(403);
  });
});

describe('the first admin', () => {
  it('is refused while there is one, and invited by the console when there is none', async () => {
    const db = agency.database.db();
    const again = inviteFirstAdmin(db, agency.authSecret, 'first@agency.example');
    await expect(again).rejects.toBeInstanceOf(AccountExists);
    await agency.database.sql(`update agency.auth_user set disabled_at = clock_timestamp() where role = 'admin'`);
    try {
      const lost = await inviteFirstAdmin(db, agency.authSecret, 'first@agency.example');
      const token = await inviteFirstAdmin(db, agency.authSecret, ' First@agency.example');
      expect((await accept(lost)).status).toBe(404); // a second link withdraws the first
      expect((await accept(token)).status).toBe(201);
      const [admin] = await agency.database.sql(
        `select role from agency.auth_user where email = 'first@agency.example'`,
      );
      expect(admin).toEqual({ role: 'admin' });
    } finally {
      await agency.database.sql(`update agency.auth_user set disabled_at = null where role = 'admin'`);
    }
  });
});

describe('ready-made accounts (ASVS 6.3.2)', () => {
  const { NODE_ENV, AVTALA_TEST_CLOCK } = process.env;
  afterEach(() => {
    process.env.NODE_ENV = NODE_ENV;
    if (AVTALA_TEST_CLOCK === undefined) delete process.env.AVTALA_TEST_CLOCK;
  });
  const ready = () =>
    sandboxStaff(agency.database.db(), agency.authSecret, [
      { email: 'ready@agency.example', name: 'R', role: 'booker', password: PASSWORD, totpSecret: 'JBSWY3DPEHPK3PXP' },
    ]);

  it('are refused outside the sandbox and tests', async () => {
    process.env.NODE_ENV = 'production';
    await expect(ready()).rejects.toThrow('sandbox');
  });
  it('are made once, however often asked for, also at once', async () => {
    const ids = await Promise.all([ready(), ready(), ready()]);
    expect(new Set(ids.flat()).size).toBe(1);
    expect(await ready()).toEqual(ids[0]);
  });
});
