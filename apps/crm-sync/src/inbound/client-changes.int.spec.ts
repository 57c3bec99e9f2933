import { LeadChanged, LeadErasureOrdered, MeetingMoved } from '@avtala/contracts';
import { scopeOf } from '@avtala/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@avtala/test-kit';
import { LEAD_KEY } from '../domain/words-hubspot.js';
import { STUB_CLIENT, type StubRecord } from '../outbound/hubspot/hubspot-stub.fixture.js';
import { signatureOf } from '../outbound/hubspot/signature.js';
import { randomUUID } from 'node:crypto';
import { ClientChanges } from '../services/client-changes.service.js';
import { watchedLinks } from '../storage/client-changes.js';
import { findConnection } from '../storage/connections.js';
import { CrmSyncRig } from './crm-sync.fixture.js';

let rig: CrmSyncRig;
let engagementId: string;
let connectionId: string;
let events = 0;

beforeAll(async () => {
  rig = await CrmSyncRig.start();
  ({ engagementId, connectionId } = await rig.connected());
});
afterAll(async () => {
  expect(rig.hubspot.spec.violations).toEqual([]);
  await rig.stop();
});
beforeEach(() => rig.hubspot.calm());

const PATH = '/api/v1/webhooks/hubspot';
const contactOf = (leadId: string): StubRecord =>
  [...rig.hubspot.records.contacts.values()].find((r) => r.properties[LEAD_KEY] === leadId)!;
const event = (subscriptionType: string, objectId: string, more: object = {}) => ({
  eventId: ++events,
  subscriptionId: 7,
  portalId: 1001,
  appId: 54_321,
  occurredAt: Date.now(),
  subscriptionType,
  attemptNumber: 0,
  objectId: Number(objectId),
  changeSource: 'CRM_UI',
  ...more,
});
/** As HubSpot sends it. */
const send = async (body: string | object[], more: { headers?: Record<string, string>; method?: string } = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const timestamp = String(Date.now());
  const signature = signatureOf(STUB_CLIENT.clientSecret, {
    method: 'POST',
    uri: rig.url + PATH,
    body: Buffer.from(text),
    timestamp,
  });
  return fetch(rig.url + PATH, {
    method: more.method ?? 'POST',
    headers: {
      'content-type': 'application/json',
      'x-hubspot-request-timestamp': timestamp,
      'x-hubspot-signature-v3': signature,
      ...more.headers,
    },
    body: text,
  });
};
const tell = async (...sent: object[]) => {
  expect((await send(sent)).status).toBe(204);
  await rig.rest();
};
const linkOf = async (key: string) =>
  (
    await rig.database.sql<{ vendor_id: string; gone: boolean; gone_why: string; merged: boolean; theirs: string[] }>(
      `select vendor_id, gone, gone_why, merged, theirs from crm_sync.crm_link where external_key = $1`,
      [key],
    )
  )[0]!;
const lineOf = async (leadId: string, object = 'contact') => {
  const { body } = await rig.call('GET', `/api/v1/pushes?engagementId=${engagementId}&limit=500`);
  return (body['items'] as Record<string, unknown>[]).find((l) => l['leadId'] === leadId && l['object'] === object)!;
};
const moved = async (leadId: string, bookingId: string, sequence = 1) => {
  await rig.meeting(engagementId, leadId, MeetingMoved, { bookingId, sequence });
  await rig.later(0.02);
};

describe('who calls', () => {
  it.each<[string, Record<string, string>]>([
    ['no signature', { 'x-hubspot-signature-v3': '' }],
    ['a wrong one', { 'x-hubspot-signature-v3': Buffer.alloc(32).toString('base64') }],
    ['no time', { 'x-hubspot-request-timestamp': '' }],
    ['an old time', { 'x-hubspot-request-timestamp': String(Date.now() - 301_000) }],
  ])('%s: not accepted, without a word why, and nothing happens', async (_, headers) => {
    const { leadId } = await rig.pushed(engagementId);
    const record = contactOf(leadId);
    record.archived = true;
    const answer = await send([event('contact.deletion', record.id)], { headers });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'webhook-refused', detail: 'Not accepted' });
    await rig.rest();
    expect(await linkOf(leadId)).toMatchObject({ gone: false });
  });

  it.each<[string, string, number]>([
    ['no JSON', 'no json', 401],
    ['no list', '{"eventId":1}', 401],
    ['more than a hundred', JSON.stringify(Array.from({ length: 101 }, () => event('contact.deletion', '1'))), 401],
    ['more than a megabyte', JSON.stringify([{ x: 'x'.repeat(1_100_000) }]), 413],
    ['nothing', '[]', 204],
    ['types and accounts nobody knows', JSON.stringify([{ subscriptionType: 'deal.creation' }, 7, null, 'x']), 204],
    ['an id that is none', JSON.stringify([event('contact.deletion', '1', { objectId: "1' or 1=1" })]), 204],
    [
      'a hundred and fifty kilobytes',
      JSON.stringify([event('contact.creation', '1', { x: 'x'.repeat(150_000) })]),
      204,
    ],
  ])('signed, and holds %s', async (_, body, status) => {
    expect((await send(body)).status).toBe(status);
  });

  it('another method is no route', async () => {
    expect((await send([event('contact.deletion', '1')], { method: 'PUT' })).status).toBe(404);
  });
});

describe('a record the client deleted', () => {
  it('is not made again, and costs no call; told twice and late it is the same', async () => {
    const { leadId, bookingId } = await rig.pushed(engagementId);
    const record = contactOf(leadId);
    record.archived = true;
    const deletion = event('contact.deletion', record.id);
    await tell(deletion, deletion);
    await tell({ ...deletion, attemptNumber: 1 });
    expect(await linkOf(leadId)).toMatchObject({ gone: true, gone_why: 'deleted' });
    expect(await lineOf(leadId)).toMatchObject({
      state: 'blocked',
      cause: 'deleted-by-client',
      rule: { promises: ['D1'] },
    });
    expect(await rig.sent('crm.sync-failed.v1', { leadId })).toMatchObject([{ code: 'deleted-by-client' }]);

    const calls = rig.hubspot.calls.length;
    await moved(leadId, bookingId);
    expect(rig.hubspot.calls.length).toBe(calls);
    expect(rig.hubspot.live('contacts').filter((r) => r.properties[LEAD_KEY] === leadId)).toHaveLength(0);
    expect(await lineOf(leadId, 'meeting')).toMatchObject({ state: 'blocked', cause: 'deleted-by-client' });
  });

  it('and restored is told of again when a person says so, and only then', async () => {
    const { leadId, bookingId } = await rig.pushed(engagementId);
    const record = contactOf(leadId);
    record.archived = true;
    await tell(event('contact.deletion', record.id));
    const id = String((await lineOf(leadId))['id']);
    await rig.call('POST', `/api/v1/pushes/${id}/link-anew`);
    await rig.rest();
    expect(await lineOf(leadId)).toMatchObject({ state: 'blocked', cause: 'deleted-by-client' }); // it is not there yet
    record.archived = false;
    await moved(leadId, bookingId);
    expect(await lineOf(leadId)).toMatchObject({ state: 'blocked' });
    const again = await rig.call('POST', `/api/v1/pushes/${id}/link-anew`);
    expect(again).toMatchObject({ status: 200, body: { state: 'queued' } });
    await rig.rest();
    expect(await lineOf(leadId)).toMatchObject({ state: 'confirmed', recordId: record.id });
    expect(rig.hubspot.live('contacts').filter((r) => r.properties[LEAD_KEY] === leadId)).toHaveLength(1);
  });

  it('is found without a call of the vendor’s as well, half a day later at most', async () => {
    const { leadId } = await rig.pushed(engagementId);
    contactOf(leadId).archived = true;
    for (let i = 0; i < 14; i++) await rig.later(1);
    // The walk is background work, which no move of the clock waits for.
    await eventually(
      async () => expect(await linkOf(leadId)).toMatchObject({ gone: true, gone_why: 'deleted' }),
      20_000,
    );
  });

  it('a late word of a deletion that was undone changes nothing', async () => {
    const { leadId } = await rig.pushed(engagementId);
    await tell(event('contact.deletion', contactOf(leadId).id));
    expect(await linkOf(leadId)).toMatchObject({ gone: false });
  });
});

it('a person the client erased for good: told to the others, and never linked anew by us (B5)', async () => {
  const { leadId } = await rig.pushed(engagementId);
  const record = contactOf(leadId);
  Object.assign(record, { archived: true, deleted: true });
  const erased = event('contact.privacyDeletion', record.id);
  await tell(event('contact.deletion', record.id), erased);
  await tell(erased);
  const told = await rig.sent('crm.person-erased.v1', { leadId });
  expect(told).toMatchObject([{ leadId, engagementId, connectionId }]);
  const line = await lineOf(leadId);
  expect(line).toMatchObject({ state: 'blocked', cause: 'erased-by-client', rule: { promises: ['B5', 'D1'] } });
  rig.role = 'dpo';
  const flagged = await rig.call('GET', `/api/v1/pushes?cause=erased-by-client`);
  expect((flagged.body['items'] as object[]).length).toBeGreaterThan(0);
  rig.role = 'supervisor';
  expect(await rig.call('POST', `/api/v1/pushes/${String(line['id'])}/link-anew`)).toMatchObject({
    status: 409,
    body: { code: 'push-blocked-by-rule' },
  });
});

it('a person whose erasure for good is heard of after the deletion is told of all the same (B5)', async () => {
  const { leadId, bookingId } = await rig.pushed(engagementId);
  const record = contactOf(leadId);
  Object.assign(record, { archived: true, deleted: true });
  await tell(event('contact.deletion', record.id));
  await moved(leadId, bookingId);
  expect(await lineOf(leadId, 'meeting')).toMatchObject({ cause: 'deleted-by-client' });
  expect(await rig.sent('crm.person-erased.v1', { leadId })).toEqual([]);
  for (let i = 0; i < 2; i++) await tell(event('contact.privacyDeletion', record.id));
  expect(await linkOf(leadId)).toMatchObject({ gone: true, gone_why: 'erased' });
  expect(await rig.sent('crm.person-erased.v1', { leadId })).toMatchObject([{ leadId, engagementId, connectionId }]);
  for (const object of ['contact', 'meeting'])
    expect(await lineOf(leadId, object)).toMatchObject({ state: 'blocked', cause: 'erased-by-client' });
});

it('what is said of a record restored since its deletion does not bring its link back', async () => {
  const { leadId } = await rig.pushed(engagementId);
  const record = contactOf(leadId);
  record.archived = true;
  await tell(event('contact.deletion', record.id));
  record.archived = false;
  rig.hubspot.edit('contacts', { company: 'Deras AB' }, record.id);
  await tell(event('contact.privacyDeletion', record.id));
  expect(await linkOf(leadId)).toMatchObject({ gone: true, gone_why: 'deleted', theirs: [] });
});

it('the erasure we ordered ourselves is no news of the client’s', async () => {
  const { leadId } = await rig.pushed(engagementId);
  const { id } = contactOf(leadId);
  const orderedAt = rig.clock.now().toString();
  await rig.event(LeadErasureOrdered, { orderId: randomUUID(), leadId, engagementId, reason: 'request', orderedAt });
  await rig.rest();
  expect(await linkOf(leadId)).toMatchObject({ gone: true });
  await tell(event('contact.privacyDeletion', id));
  expect(await rig.sent('crm.person-erased.v1', { leadId })).toEqual([]);
});

it('what is heard while the connection is broken is looked at when it works again', async () => {
  const { leadId } = await rig.pushed(engagementId);
  const record = contactOf(leadId);
  Object.assign(record, { archived: true, deleted: true });
  const state = (to: string) =>
    rig.database.sql(`update crm_sync.crm_connection set state = $2 where id = $1`, [connectionId, to]);
  await state('broken');
  await tell(event('contact.privacyDeletion', record.id));
  expect(await linkOf(leadId)).toMatchObject({ gone: false });
  await state('active');
  await rig.later(1.1);
  expect(await linkOf(leadId)).toMatchObject({ gone: true, gone_why: 'erased' });
});

it('a field the client changed is theirs, also when our value stands there again; an empty one is filled', async () => {
  const { leadId } = await rig.pushed(engagementId);
  const { id } = contactOf(leadId);
  rig.hubspot.edit('contacts', { company: 'Deras AB' }, id);
  const change = { propertyName: 'company', propertyValue: 'Hemligt Deras AB' };
  await tell(event('contact.propertyChange', id, change));
  expect(await linkOf(leadId)).toMatchObject({ theirs: ['company'] });
  rig.hubspot.edit('contacts', { company: 'Exempel AB', phone: '' }, id);
  rig.door.people.set(leadId, { ...rig.door.people.get(leadId)!, company: 'Nytt AB', phone: '+46701740612' });
  await rig.event(LeadChanged, { leadId, engagementId, leadVersion: 3, fields: ['company', 'phone'] });
  await rig.rest();
  expect(contactOf(leadId).properties).toMatchObject({ company: 'Exempel AB', phone: '+46701740612' });
  for (const table of ['due', 'inbox', 'crm_link', 'crm_push', 'outbox', 'log']) {
    const kept = await rig.database.sql<{ t: string }>(`select t::text from crm_sync.${table} t`);
    expect(kept.map((r) => r.t).join('\n')).not.toMatch(/hemligt|deras ab/i);
  }
});

it('our own changes, and those of records we know nothing of, cost no call', async () => {
  const { leadId } = await rig.pushed(engagementId);
  const ours = { changeSource: 'INTEGRATION', sourceId: STUB_CLIENT.clientId, propertyName: 'company' };
  const calls = rig.hubspot.calls.length;
  await tell(event('contact.propertyChange', contactOf(leadId).id, ours), event('contact.deletion', '999999'));
  await tell(event('contact.deletion', contactOf(leadId).id, { portalId: 4711 }));
  expect(rig.hubspot.calls.length).toBe(calls);
});

it('a merge: our link follows to the record that stays, which is the client’s', async () => {
  const { leadId, bookingId } = await rig.pushed(engagementId);
  const gone = contactOf(leadId).id;
  const primary = rig.hubspot.edit('contacts', { email: 'primary@kund.example', company: 'Kundens AB' });
  rig.hubspot.merge(primary, gone);
  const merge = event('contact.merge', primary, { primaryObjectId: Number(primary), mergedObjectIds: [Number(gone)] });
  await tell(event('contact.deletion', gone), merge, merge); // HubSpot may speak of the merged one as deleted
  expect(await linkOf(leadId)).toMatchObject({ vendor_id: primary, merged: true, gone: false });
  await moved(leadId, bookingId);
  expect(rig.hubspot.records.contacts.get(primary)?.properties['company']).toBe('Kundens AB');
  expect(await lineOf(leadId, 'meeting')).toMatchObject({ state: 'confirmed' });
});

it('an order to erase that comes while the vendor is asked: nothing is written of the person any more', async () => {
  const { leadId } = await rig.pushed(engagementId);
  const { id } = contactOf(leadId);
  const changes = rig.app.get(ClientChanges);
  const db = rig.database.db('crm_sync');
  const { connection, links } = await db.withScope(scopeOf(engagementId), async (tx) => ({
    connection: (await findConnection(tx, connectionId))!,
    links: await watchedLinks(tx, connectionId, 'contact', [id]),
  }));
  expect(links).toHaveLength(1);
  const orderedAt = rig.clock.now().toString();
  await rig.event(LeadErasureOrdered, { orderId: randomUUID(), leadId, engagementId, reason: 'request', orderedAt });
  await rig.rest();
  for (const change of [{ what: 'moved', to: '987654' }, { what: 'erased' }] as const)
    await db.withScope(scopeOf(engagementId), (tx) =>
      changes.apply(tx, connection, 'contact', links, new Map([[leadId, change]])),
    );
  expect(await rig.database.sql(`select 1 from crm_sync.crm_record where vendor_id = '987654'`)).toEqual([]);
  expect(await rig.sent('crm.person-erased.v1', { leadId })).toEqual([]);
});
