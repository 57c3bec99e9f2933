import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { ApiKeys } from '@avtala/access';
import { RunningAgency } from '../running-agency.fixture.js';

let agency: RunningAgency;
let engagementId: string;
beforeAll(async () => {
  agency = await RunningAgency.start();
  const client = await agency.ask('POST', '/api/v1/clients', {
    as: 'admin',
    body: { name: 'Klienten AB', organisationNumber: '556016-0680' },
  });
  const opened = await agency.ask('POST', '/api/v1/engagements', {
    as: 'admin',
    body: {
      clientId: client.body.id,
      name: 'Vårens möten',
      controller: { name: 'Klienten AB', organisationNumber: '556016-0680' },
      retentionMonths: 6,
      startsOn: '2026-01-01',
      timeZone: 'Europe/Stockholm',
    },
  });
  engagementId = opened.body.id;
});
afterAll(() => agency.stop());

const BODY = {
  name: 'Leverantörens nyckel',
  verbs: ['leads:write'],
  source: 'Branschregistret',
  supplier: 'Leverantören AB',
  ground: 'legitimate-interest',
};
const path = () => `/api/v1/engagements/${engagementId}/api-keys`;
const make = (over: object = {}, headers: Record<string, string> = {}) =>
  agency.ask('POST', path(), { as: 'admin', body: { ...BODY, ...over }, headers });
/** Keys are resolved by the services, each through its own role. */
const holder = (key: string) => new ApiKeys(agency.database.db()).principalOf(key);

describe('a supplier’s API key', () => {
  it('is shown once, listed without it, and says whose it is', async () => {
    const made = await make();
    expect(made.status).toBe(201);
    expect(made.body.key).toMatch(/^avt_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}$/);
    expect(made.body.key.startsWith(`avt_${made.body.publicPart}_`)).toBe(true);
    expect(await holder(made.body.key)).toEqual({
      kind: 'key',
      keyId: made.body.id,
      engagementIds: [engagementId],
      verbs: ['leads:write'],
      provenance: { source: 'Branschregistret', supplier: 'Leverantören AB', ground: 'legitimate-interest' },
    });
    const list = await agency.ask('GET', path(), { as: 'admin' });
    expect(JSON.stringify(list.body)).not.toContain(made.body.key.slice(13));
    expect(list.body.items).toContainEqual(
      expect.objectContaining({ id: made.body.id, state: 'active', lastUsedOn: expect.stringMatching(/^\d{4}-/) }),
    );
    const [{ t }] = (await agency.database.sql(`select k::text as t from agency.api_key k where key_id = $1`, [
      made.body.id,
    ])) as [{ t: string }];
    expect(t).not.toContain(made.body.key.slice(13));
  });

  it('is not shown again to a repeat of the request that made it', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await make({}, headers);
    const again = await make({}, headers);
    expect(again).toMatchObject({ status: 201, body: { id: first.body.id, key: null } });
  });

  it('opens nothing once it is revoked, at once', async () => {
    const { body } = await make();
    await holder(body.key);
    const revoked = await agency.ask('POST', `${path()}/${body.id}/revoke`, { as: 'admin', body: {} });
    expect(revoked).toMatchObject({ status: 200, body: { state: 'revoked' } });
    await expect(holder(body.key)).rejects.toMatchObject({ code: 'key-invalid' });
    expect(await agency.ask('POST', `${path()}/${body.id}/revoke`, { as: 'admin', body: {} })).toMatchObject({
      status: 200,
    });
    const audited = await agency.database.sql(
      `select 1 from agency.audit_entry where convert_from(canonical, 'UTF8') like '%api-key.revoked%' and convert_from(canonical, 'UTF8') like $1`,
      [`%${body.id}%`],
    );
    expect(audited).toHaveLength(1);
  });

  it('and when it has expired, at the latest after a year', async () => {
    const { body } = await make({ expiresInDays: 1 });
    await agency.database.sql(`update agency.api_key set expires_at = now() where key_id = $1`, [body.id]);
    await expect(holder(body.key)).rejects.toMatchObject({ code: 'key-invalid' });
    expect(await make({ expiresInDays: 366 })).toMatchObject({ status: 400 });
  });

  test.each(['avt_', 'avt_aaaaaaaa_bbb', `avt_aaaaaaaa_${'b'.repeat(43)}`, `avt_aaaaaaaa_${"'".repeat(43)}`])(
    '%s opens nothing',
    async (key) => {
      await expect(holder(key)).rejects.toMatchObject({ code: 'key-invalid', kind: 'unauthenticated' });
    },
  );

  it('asks so much and no more', async () => {
    const { body } = await make();
    const keys = new ApiKeys(agency.database.db(), { burst: 3, perSecond: 0.01 });
    for (let i = 0; i < 3; i++) await keys.principalOf(body.key);
    await expect(keys.principalOf(body.key)).rejects.toMatchObject({
      code: 'too-many-requests',
      facts: { retryAfterSeconds: expect.any(Number) },
    });
  });

  it('does not reach agency itself', async () => {
    const { body } = await make();
    const answer = await agency.ask('GET', path(), { headers: { authorization: `Bearer ${body.key}` } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'not-allowed' } });
    const unknown = await agency.ask('GET', path(), {
      headers: { authorization: `Bearer avt_aaaaaaaa_${'b'.repeat(43)}` },
    });
    expect(unknown).toMatchObject({ status: 401, body: { code: 'key-invalid' } });
  });
});

test.each([
  ['no verb', { verbs: [] }],
  ['another verb', { verbs: ['leads:read'] }],
  ['no ground', { ground: 'because' }],
  ['a person as source', { source: 'Åsa, asa@bolaget.example' }],
  ['an identity number as supplier', { supplier: 'Åsa 900101-9802' }],
  ['a name of blanks', { name: '   ' }],
])('a key with %s is refused', async (_, over) => {
  expect(await make(over)).toMatchObject({ status: 400, body: { code: 'request-invalid' } });
});

test.each(['supervisor', 'booker', 'dpo', 'client'] as const)('a %s makes and sees none', async (as) => {
  expect((await agency.ask('POST', path(), { as, body: BODY })).status).toBe(403);
  expect((await agency.ask('GET', path(), { as })).status).toBe(403);
});

it('another engagement is not there, nor is another’s key', async () => {
  const nowhere = `/api/v1/engagements/${randomUUID()}/api-keys`;
  expect((await agency.ask('POST', nowhere, { as: 'admin', body: BODY })).status).toBe(404);
  expect((await agency.ask('POST', `${path()}/${randomUUID()}/revoke`, { as: 'admin', body: {} })).status).toBe(404);
});

it('needs a fresh proof of who makes it', async () => {
  await agency.database.sql(`update agency.auth_session set auth_time = now() - interval '20 minutes'`);
  expect(await make()).toMatchObject({ status: 403, body: { code: 'step-up-required' } });
});
