import type { Db } from '@avtala/database';
import { eventually } from '@avtala/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CrmSyncConfig } from '../config.js';
import { LEAD_KEY } from '../domain/words-hubspot.js';
import { Connections } from '../services/connections.service.js';
import { ConnectionTokens } from '../services/connection-tokens.service.js';
import { CrmSyncRig } from './crm-sync.fixture.js';

let rig: CrmSyncRig;
beforeAll(async () => {
  rig = await CrmSyncRig.start();
});
afterAll(async () => {
  expect(rig.hubspot.spec.violations).toEqual([]);
  await rig.stop();
});

const asked = (engagementId: string, more: object = {}) => ({
  engagementId,
  kind: 'hubspot',
  region: 'eu1',
  refreshToken: 'good-secret-refresh-token',
  ...more,
});
const post = (body: object, key?: string) => rig.call('POST', '/api/v1/crm-connections', body, key);

describe('connecting a CRM', () => {
  it('X of one month is refused with the smallest X that holds (E1)', async () => {
    const engagementId = await rig.engagement({ retentionMonths: 1 });
    const refused = await post(asked(engagementId));
    expect(refused).toMatchObject({ status: 409, body: { code: 'retention-too-short', facts: { smallestMonths: 2 } } });
  });

  it('outside the EEA without a safeguard from the closed list is refused (D4)', async () => {
    const engagementId = await rig.engagement();
    expect(await post(asked(engagementId, { region: 'na1' }))).toMatchObject({
      status: 409,
      body: { code: 'safeguard-missing' },
    });
    expect(await post(asked(engagementId, { region: 'na1', safeguard: 'privacy-shield' }))).toMatchObject({
      status: 400,
      body: { code: 'request-invalid' },
    });
    const made = await post(asked(engagementId, { region: 'na1', safeguard: 'standard-contractual-clauses' }));
    expect(made.status).toBe(201);
  });

  it('another engagement’s is not found, and neither is one nobody knows', async () => {
    expect((await post(asked('0190ffff-0000-7000-8000-000000000001'))).status).toBe(404);
    expect((await rig.call('GET', '/api/v1/crm-connections/0190ffff-0000-7000-8000-000000000001')).status).toBe(404);
    expect((await rig.call('GET', '/api/v1/crm-connections/nonsense/pushes')).status).toBe(404);
  });

  it('one of a kind for each engagement; the same key answers the same', async () => {
    const engagementId = await rig.engagement();
    const [first, twin] = await Promise.all([
      post(asked(engagementId), 'same-key'),
      post(asked(engagementId), 'same-key'),
    ]);
    expect([first.status, twin.status]).toEqual([201, 201]);
    expect(twin.body['id']).toBe(first.body['id']);
    expect(await post(asked(engagementId))).toMatchObject({ status: 409, body: { code: 'already-connected' } });
    expect(await post(asked(engagementId, { portalId: '7' }), 'same-key')).toMatchObject({ status: 422 });
  });

  it('a repeated request and a later look are answered: a field mapping names properties, and nobody (G3)', async () => {
    const engagementId = await rig.engagement();
    const first = await post(asked(engagementId), 'again');
    await rig.rest();
    expect(first.body).toMatchObject({ mapping: { email: 'email' } });
    expect(await post(asked(engagementId), 'again')).toMatchObject({ status: 201, body: { id: first.body['id'] } });
    expect((await rig.call('GET', `/api/v1/crm-connections/${String(first.body['id'])}`)).status).toBe(200);
    expect((await rig.call('GET', '/api/v1/crm-connections')).status).toBe(200);
  });

  it('whoever books is told which fields go to the client, and nothing else of the connection (D2)', async () => {
    const { connectionId, engagementId } = await rig.connected();
    const path = `/api/v1/crm-connections/outgoing?engagementId=${engagementId}`;
    const fields = { name: 'firstname lastname', email: 'email', phone: null };
    expect((await rig.call('PUT', `/api/v1/crm-connections/${connectionId}/mapping`, { fields })).status).toBe(200);
    rig.role = 'booker';
    expect((await rig.call('GET', path)).body).toEqual({
      items: [{ kind: 'hubspot', broken: false, fields: ['name', 'email'] }],
    });
    rig.engagementIds = rig.engagementIds.filter((e) => e !== engagementId);
    expect((await rig.call('GET', path)).status).toBe(404);
    rig.engagementIds.push(engagementId);
    rig.role = 'supervisor';
  });

  it('tokens are sealed under the connection’s own key, and shown to nobody', async () => {
    const { connectionId } = await rig.connected();
    const shown = await rig.call('GET', `/api/v1/crm-connections/${connectionId}`);
    expect(shown.body).toMatchObject({ state: 'active', portalId: '1001', kind: 'hubspot' });
    const [row] = await rig.database.sql<{ t: string }>(
      `select c::text as t from crm_sync.crm_connection c where id = $1`,
      [connectionId],
    );
    for (const text of [JSON.stringify(shown.body), row!.t]) expect(text).not.toMatch(/good-|access-/);
    expect(await rig.vault.remaining('connection', [connectionId])).toBe(1);
    const keys = await rig.vault.open('connection', [connectionId], 'test');
    expect(keys.size).toBe(1);
  });

  it('a refresh token that is not valid is said where the connection is shown', async () => {
    const engagementId = await rig.engagement();
    const made = await post(asked(engagementId, { refreshToken: 'revoked' }));
    await rig.rest();
    const shown = await rig.call('GET', `/api/v1/crm-connections/${String(made.body['id'])}`);
    expect(shown.body).toMatchObject({ state: 'broken', code: 'reconnect-needed' });
  });

  it('who waited for the connection is told of when it is there', async () => {
    const engagementId = await rig.engagement();
    const leadId = await rig.lead(engagementId);
    await rig.meeting(engagementId, leadId);
    await rig.later(0.1);
    await post(asked(engagementId));
    await rig.rest();
    expect(rig.hubspot.live('contacts').filter((r) => r.properties[LEAD_KEY] === leadId)).toHaveLength(1);
  });

  it('a booking of the moment in which the connection becomes active is told of as well', async () => {
    const { engagementId, connectionId } = await rig.connected();
    const state = (to: string) =>
      rig.database.sql(`update crm_sync.crm_connection set state = $2 where id = $1`, [connectionId, to]);
    const leadId = await rig.lead(engagementId);
    await rig.rest();
    await state('connecting');
    await rig.meeting(engagementId, leadId);
    rig.clock.set(rig.clock.now().add({ seconds: 30 }).toString());
    const tries = () =>
      rig.database.sql(`select tries from crm_sync.due where kind = 'push' and lead_id = $1 and tries > 0`, [leadId]);
    await eventually(async () => expect(await tries()).toHaveLength(1));
    const lines = await rig.call('GET', `/api/v1/pushes?connectionId=${connectionId}`);
    expect(lines.body['items']).toMatchObject([{ state: 'queued' }, { state: 'queued' }]);
    await state('active'); // without another look at whom to tell
    await rig.rest();
    expect(rig.hubspot.live('contacts').filter((r) => r.properties[LEAD_KEY] === leadId)).toHaveLength(1);
    const shown = await rig.call('GET', `/api/v1/crm-connections/${connectionId}`);
    expect(shown.body).toMatchObject({ lastErrorCode: null });
  });

  it('a mapping to something that is no property is refused, and names the field', async () => {
    const { connectionId } = await rig.connected();
    const path = `/api/v1/crm-connections/${connectionId}/mapping`;
    const refused = await rig.call('PUT', path, { fields: { company: 'Not A Property' } });
    expect(refused).toMatchObject({ status: 400, body: { code: 'mapping-invalid', facts: { field: 'company' } } });
    expect((await rig.call('PUT', path, { fields: { birthday: 'date_of_birth' } })).status).toBe(400); // no category of B1
  });
});

it('one whose COMMIT was not heard of keeps the key of its tokens, and answers a repeat', async () => {
  const engagementId = await rig.engagement();
  const service = rig.app.get(Connections);
  const { db } = service as unknown as { db: Db };
  let broken = false;
  const away: Pick<Db, 'withScope'> = {
    withScope: async (scope, fn) => {
      const result = await db.withScope(scope, fn);
      if (broken || typeof result !== 'string') return result;
      broken = true;
      throw new Error('the connection broke during COMMIT');
    },
  };
  Object.assign(service, { db: away });
  expect((await post(asked(engagementId), 'unheard')).status).toBe(500);
  Object.assign(service, { db });
  await rig.rest();
  const again = await post(asked(engagementId), 'unheard');
  expect(again).toMatchObject({ status: 201, body: { state: 'active' } });
});

it('ten who find the token expired refresh it once, in two processes too', async () => {
  const { engagementId, connectionId } = await rig.connected();
  const mine = rig.app.get(ConnectionTokens);
  // a second process: its own memory, the same row
  const other = new ConnectionTokens(rig.database.db('crm_sync'), rig.vault, rig.app.get(CrmSyncConfig));
  const connection = { id: connectionId, engagementId, kind: 'hubspot' } as const;
  const { version } = await mine.sourceOf(connection).current();
  const before = rig.hubspot.refreshes;
  const tokens = await Promise.all(
    Array.from({ length: 10 }, (_, i) => (i % 2 ? mine : other).sourceOf(connection).renew(version)),
  );
  expect(rig.hubspot.refreshes - before).toBe(1);
  expect(new Set(tokens.map((t) => t.value)).size).toBe(1);
});

describe('how a connection fares', () => {
  const path = (id: string, what = '') => `/api/v1/crm-connections/${id}${what}`;
  const shown = async (id: string) => (await rig.call('GET', path(id))).body;

  it('state, place, last read and write, what went wrong last and the vendor’s day; never a token', async () => {
    const { engagementId, connectionId } = await rig.connected();
    await rig.pushed(engagementId);
    rig.hubspot.trouble('500', 'contacts/batch/read');
    await rig.pushed(engagementId);
    const list = await rig.call('GET', `/api/v1/crm-connections?engagementId=${engagementId}`);
    expect(list.body['items']).toEqual([
      expect.objectContaining({
        id: connectionId,
        state: 'active',
        region: 'eu1',
        safeguard: null,
        lastReadAt: expect.any(String),
        lastWriteAt: expect.any(String),
        lastErrorCode: 'hubspot-unavailable',
        dailyLimit: { limit: 250_000, used: 10_000, seenAt: expect.any(String) },
      }),
    ]);
    expect(JSON.stringify(list.body)).not.toMatch(/good-|access-|sealed/);
    expect((await rig.call('GET', `/api/v1/crm-connections?engagementId=${crypto.randomUUID()}`)).status).toBe(404);
  });

  it('a check reads and writes, and leaves nothing', async () => {
    const { connectionId } = await rig.connected();
    const before = JSON.stringify([...rig.hubspot.records.contacts.values()]);
    const works = await rig.call('POST', path(connectionId, '/check'));
    expect(works).toMatchObject({ status: 200, body: { works: true, code: null, connection: { state: 'active' } } });
    expect(rig.hubspot.calls.some((c) => c.startsWith('PATCH /crm/objects/2026-09/contacts/'))).toBe(true);
    expect(JSON.stringify([...rig.hubspot.records.contacts.values()])).toBe(before);
    rig.hubspot.trouble('500', 'PATCH');
    const fails = await rig.call('POST', path(connectionId, '/check'));
    expect(fails.body).toMatchObject({ works: false, code: 'hubspot-unavailable', connection: { state: 'active' } });
    rig.hubspot.calm();
  });

  it('broken, and connected again: who waited is told of; another account is refused', async () => {
    const engagementId = await rig.engagement();
    const made = await post(asked(engagementId, { refreshToken: 'good-portal-1001' }));
    const id = String(made.body['id']);
    await rig.rest();
    rig.hubspot.expireTokens();
    await rig.database.sql(
      `update crm_sync.crm_connection set state = 'broken', code = 'reconnect-needed' where id = $1`,
      [id],
    );
    const { leadId } = await rig.pushed(engagementId);
    const lines = await rig.call('GET', `/api/v1/pushes?connectionId=${id}`);
    expect(lines.body['items']).toMatchObject([
      { state: 'parked', cause: 'reconnect-needed' },
      { state: 'parked', cause: 'reconnect-needed' },
    ]);
    expect(await rig.call('POST', path(id, '/reconnect'), {})).toMatchObject({ status: 400 });
    await rig.call('POST', path(id, '/reconnect'), { refreshToken: 'good-portal-2002' });
    await rig.rest();
    expect(await shown(id)).toMatchObject({ state: 'broken', code: 'other-account', portalId: '1001' });
    const again = await rig.call('POST', path(id, '/reconnect'), { refreshToken: 'good-new' });
    expect(again).toMatchObject({ status: 200, body: { state: 'connecting' } });
    await rig.rest();
    expect(await shown(id)).toMatchObject({ state: 'active', code: null });
    expect(rig.hubspot.live('contacts').filter((r) => r.properties[LEAD_KEY] === leadId)).toHaveLength(1);
  });

  it('what stands in the CRM by our hand: kind, fields and record, nothing of whom, and nothing that did not arrive', async () => {
    const engagementId = await rig.engagement();
    const made = await post(asked(engagementId));
    const id = String(made.body['id']);
    await rig.rest();
    const { leadId } = await rig.pushed(engagementId);
    const waiting = await rig.pushed(engagementId);
    await rig.database.sql(`update crm_sync.crm_push set state = 'parked', cause = 'by-person' where lead_id = $1`, [
      waiting.leadId,
    ]);
    rig.role = 'client';
    const first = await rig.call('GET', path(id, '/written?limit=1'));
    const rest = await rig.call('GET', path(id, `/written?after=${String(first.body['next'])}`));
    rig.role = 'supervisor';
    const items = [first, rest].flatMap((page) => page.body['items'] as Record<string, unknown>[]);
    expect(items.map((i) => i['object']).sort()).toEqual(['contact', 'meeting']);
    expect(items).toContainEqual({
      ...{ object: 'contact', operation: 'create', at: expect.any(String) },
      fields: expect.arrayContaining(['email']),
      recordId: rig.hubspot.live('contacts').find((r) => r.properties[LEAD_KEY] === leadId)!.id,
    });
    for (const page of [first, rest]) {
      expect(JSON.stringify(page.body['items'])).not.toContain(leadId);
      expect(JSON.stringify(page.body)).not.toContain(waiting.leadId);
    }
    rig.engagementIds = rig.engagementIds.filter((e) => e !== engagementId);
    expect((await rig.call('GET', path(id, '/written'))).status).toBe(404);
    rig.engagementIds.push(engagementId);
  });

  it.each([
    ['admin', 200, 200, 200, 200],
    ['dpo', 200, 403, 403, 403],
    ['client', 200, 403, 200, 403],
    ['booker', 403, 403, 403, 200],
  ] as const)(
    'role matrix: %s reads %i, checks %i, lets us in again %i, sees what goes out %i',
    async (...expected) => {
      const [role, reads, checks, reconnects, outgoing] = expected;
      const { connectionId, engagementId } = await rig.connected();
      rig.role = role;
      expect((await rig.call('GET', `/api/v1/crm-connections/outgoing?engagementId=${engagementId}`)).status).toBe(
        outgoing,
      );
      expect((await rig.call('GET', path(connectionId))).status).toBe(reads);
      expect((await rig.call('GET', '/api/v1/crm-connections')).status).toBe(reads);
      expect((await rig.call('POST', path(connectionId, '/check'))).status).toBe(checks);
      expect((await rig.call('GET', path(connectionId, '/written'))).status).toBe(reads);
      const again = await rig.call('POST', path(connectionId, '/reconnect'), { refreshToken: 'good-x' });
      expect(again.status).toBe(reconnects);
      rig.role = 'supervisor';
    },
  );
});
