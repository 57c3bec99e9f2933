import {
  EngagementErasureOrdered,
  ErasureCleared,
  LeadErasureOrdered,
  MeetingBooked,
  MeetingMoved,
} from '@avtala/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@avtala/test-kit';
import { randomUUID } from 'node:crypto';
import { BOOKING_KEY, LEAD_KEY } from '../domain/words-hubspot.js';
import { CrmSyncRig } from './crm-sync.fixture.js';

interface Receipt {
  phase: string;
  counts: Record<string, number>;
  outstanding: string[];
}

let rig: CrmSyncRig;
let engagementId: string;

beforeAll(async () => {
  rig = await CrmSyncRig.start();
  ({ engagementId } = await rig.connected());
});
afterAll(async () => {
  expect(rig.hubspot.spec.violations).toEqual([]);
  await rig.stop();
});
beforeEach(() => rig.hubspot.calm());

const all = (type: 'contacts' | 'meetings', key: string) =>
  [...rig.hubspot.records[type].values()].filter(
    (r) => r.properties[type === 'contacts' ? LEAD_KEY : BOOKING_KEY] === key,
  );
const receipts = (orderId: string) => rig.sent<Receipt>('erasure.receipt.v1', { orderId });
const phases = async (orderId: string) => (await receipts(orderId)).map((r) => r.phase);

async function order(leadId: string, of = engagementId): Promise<string> {
  const orderId = randomUUID();
  await rig.event(LeadErasureOrdered, {
    orderId,
    leadId,
    engagementId: of,
    reason: 'request',
    orderedAt: rig.clock.now().toString(),
  });
  await rig.rest();
  return orderId;
}
/** lead-intake destroys the keys with this: from now on the door knows nobody. */
async function clear(orderId: string, leadId?: string, of = engagementId): Promise<void> {
  for (const id of leadId ? [leadId] : rig.door.people.keys()) rig.door.refusals.set(id, 'erased');
  await rig.event(ErasureCleared, { orderId, engagementId: of, ...(leadId ? { leadId } : {}) });
  await rig.rest();
}
async function rowsOf(id: string): Promise<string[]> {
  const tables = [
    'lead_case',
    'meeting',
    'crm_push',
    'crm_link',
    'crm_record',
    'settlement',
    'erasure_order',
    'due',
    'crm_connection',
    'engagement_terms',
    'idempotency',
    'held',
  ];
  const found: string[] = [];
  for (const table of tables) {
    const [row] = await rig.database.sql<{ n: number }>(
      `select count(*)::int as n from crm_sync.${table} t where t::text like $1`,
      [`%${id}%`],
    );
    if (row!.n) found.push(`${table}: ${row!.n}`);
  }
  return found;
}

describe('erasing a lead at the vendor (E1, E6)', () => {
  it('ours: meetings blanked and archived, the contact deleted, read back after the purge, every row forgotten', async () => {
    const { leadId, bookingId } = await rig.pushed(engagementId);
    const orderId = await order(leadId);
    expect(await phases(orderId)).toEqual(['stopped', 'asked']);
    const [meeting] = all('meetings', bookingId);
    expect(meeting).toMatchObject({ archived: true });
    expect(meeting?.properties['hs_meeting_title']).toBeUndefined();
    expect(all('contacts', leadId)).toMatchObject([{ archived: true, deleted: true }]);

    await clear(orderId, leadId);
    expect(await phases(orderId)).toEqual(['stopped', 'asked']); // the vendor may take 30 days
    rig.hubspot.purge();
    await rig.later(24 * 30 + 2);
    const last = (await receipts(orderId)).at(-1);
    expect(last).toMatchObject({
      phase: 'verified',
      outstanding: [],
      counts: { contacts: 1, meetings: 1, withdrawn: 0, left: 0 },
    });
    expect(await rowsOf(leadId)).toEqual([]);
    expect(await rowsOf(bookingId)).toEqual([]);
    expect(await rig.database.sql(`select 1 from crm_sync.log where payload->>'leadId' = $1`, [leadId])).toEqual([]);
  });

  it('the client’s own: what we wrote is withdrawn, what was theirs stays', async () => {
    const id = rig.hubspot.edit('contacts', { email: 'theirs@lead.example', company: 'Kundens AB', city: 'Umeå' });
    const { leadId } = await rig.pushed(engagementId, { email: 'theirs@lead.example' });
    const record = rig.hubspot.records.contacts.get(id)!;
    expect(record.properties['phone']).toBe('+46701740605');
    rig.hubspot.edit('contacts', { lastname: 'Rättat' }, id); // they corrected a field that we had filled
    const orderId = await order(leadId);
    expect(record).toMatchObject({ archived: false });
    expect(record.properties).toEqual({
      email: 'theirs@lead.example',
      company: 'Kundens AB',
      city: 'Umeå',
      lastname: 'Rättat',
    });
    expect((await receipts(orderId)).at(-1)).toMatchObject({ counts: { withdrawn: 1, deleted: 0 }, outstanding: [] });
  });

  it.each<[string, (id: string) => void, Record<string, string>]>([
    ['edited by somebody', (id) => rig.hubspot.edit('contacts', { city: 'Lund' }, id), { city: 'Lund' }],
    [
      'merged into theirs',
      (id) => rig.hubspot.merge(rig.hubspot.edit('contacts', { email: `m-${id}@klient.example` }), id),
      {},
    ],
  ])('made by us, then %s: withdrawn, not deleted', async (_, takeOver, kept) => {
    const { leadId } = await rig.pushed(engagementId);
    const before = all('contacts', leadId)[0]!;
    const { email } = before.properties;
    takeOver(before.id);
    await order(leadId);
    const now = rig.hubspot
      .live('contacts')
      .filter((r) => r.id === before.id || r.properties['hs_merged_object_ids'] === before.id);
    expect(now).toHaveLength(1);
    expect(JSON.stringify(now[0]!.properties)).not.toContain(email);
    expect(now[0]!.properties).toMatchObject(kept);
    expect(now[0]!.properties['phone']).toBeUndefined();
    expect(all('contacts', leadId)).toEqual([]);
  });

  it('an engagement that lets nothing be deleted: withdrawn and blanked', async () => {
    const other = await rig.connected({ crmErasure: 'withdraw-only' });
    const { leadId, bookingId } = await rig.pushed(other.engagementId);
    const { id } = all('contacts', leadId)[0]!;
    await order(leadId, other.engagementId);
    const { properties, archived } = rig.hubspot.records.contacts.get(id)!;
    expect([archived, properties]).toEqual([false, {}]);
    expect(all('meetings', bookingId)[0]?.properties['hs_meeting_title']).toBeUndefined();
  });

  it('a push whose answer was lost is found by our key, not by a stored id', async () => {
    const leadId = await rig.lead(engagementId);
    const bookingId = await rig.meeting(engagementId, leadId);
    rig.hubspot.trouble('lost-answer', 'contacts/batch/upsert');
    const sent = new Promise<void>((done) => {
      rig.hubspot.onCall = async (where) => {
        if (!where.includes('contacts/batch/upsert')) return;
        rig.hubspot.trouble('500', 'contacts/batch/read', 1000); // no second try gets through
        done();
      };
    });
    rig.clock.set(rig.clock.now().add({ seconds: 11 }).toString());
    await sent;
    rig.hubspot.onCall = undefined;
    const orderId = randomUUID();
    const orderedAt = rig.clock.now().toString();
    await rig.event(LeadErasureOrdered, { orderId, leadId, engagementId, reason: 'request', orderedAt });
    await eventually(async () => (await phases(orderId)).includes('stopped'));
    const [link] = await rig.database.sql(`select vendor_id from crm_sync.crm_link where external_key = $1`, [leadId]);
    expect(link).toEqual({ vendor_id: null });
    rig.hubspot.calm();
    await rig.rest();
    expect(await phases(orderId)).toEqual(['stopped', 'asked']);
    expect(all('contacts', leadId)).toMatchObject([{ deleted: true }]);
    expect(all('meetings', bookingId)).toEqual([]);
  });

  it('a vendor that lies about deletion: asked again, then said by name, and looked at every day until it is true', async () => {
    const { leadId } = await rig.pushed(engagementId);
    rig.hubspot.trouble('lie', 'gdpr-delete', 100);
    const orderId = await order(leadId);
    expect((await receipts(orderId)).at(-1)).toMatchObject({ phase: 'asked', outstanding: ['hubspot'] });
    await clear(orderId, leadId);
    await rig.later(24 * 30 + 2);
    expect((await receipts(orderId)).at(-1)).toMatchObject({
      phase: 'verified',
      outstanding: ['hubspot'],
      counts: { left: 1 },
    });
    rig.hubspot.calm(); // it was told again, and does it now
    await rig.later(25);
    rig.hubspot.purge();
    await rig.later(25);
    expect((await receipts(orderId)).at(-1)).toMatchObject({ phase: 'verified', outstanding: [], counts: { left: 0 } });
    expect(await rowsOf(leadId)).toEqual([]);
  });

  it('our access was taken back: the vendor is named, nothing is claimed', async () => {
    const other = await rig.connected();
    const { leadId } = await rig.pushed(other.engagementId);
    rig.hubspot.trouble('expired-token', '/crm/', 1000);
    const orderId = await order(leadId, other.engagementId);
    expect((await receipts(orderId)).at(-1)).toMatchObject({ phase: 'asked', outstanding: ['hubspot'] });
  });

  it('a lead no vendor ever heard of is verified at once', async () => {
    const leadId = await rig.lead(engagementId);
    const orderId = await order(leadId);
    await clear(orderId, leadId);
    expect(await phases(orderId)).toEqual(['stopped', 'asked', 'verified']);
    expect(await rowsOf(leadId)).toEqual([]);
  });

  it('orders and clearances that come twice change nothing; late events bring nobody back', async () => {
    const { leadId, bookingId } = await rig.pushed(engagementId);
    const orderId = await order(leadId);
    await rig.event(LeadErasureOrdered, {
      orderId,
      leadId,
      engagementId,
      reason: 'request',
      orderedAt: rig.clock.now().toString(),
    });
    await rig.meeting(engagementId, leadId, MeetingMoved, { bookingId });
    await rig.meeting(engagementId, leadId, MeetingBooked);
    await rig.later(0.02);
    await clear(orderId, leadId);
    await clear(orderId, leadId);
    rig.hubspot.purge();
    await rig.later(24 * 30 + 2);
    expect(await phases(orderId)).toEqual(['stopped', 'asked', 'verified']);
    expect(rig.hubspot.live('contacts').filter((r) => r.properties[LEAD_KEY] === leadId)).toEqual([]);
    expect(await rowsOf(leadId)).toEqual([]);
  });
});

it('a vendor that fails between two people: the first is on record as deleted, the second is asked again', async () => {
  const own = await rig.connected();
  for (let i = 0; i < 2; i++) await rig.pushed(own.engagementId);
  let asked = 0;
  rig.hubspot.onCall = async (where) => {
    if (!where.includes('gdpr-delete') || ++asked !== 2) return;
    rig.hubspot.purge(); // nothing of the first is to be found any more
    rig.hubspot.trouble('500', 'gdpr-delete');
  };
  const orderId = randomUUID();
  const orderedAt = rig.clock.now().toString();
  await rig.event(EngagementErasureOrdered, { orderId, engagementId: own.engagementId, orderedAt });
  await rig.rest();
  rig.hubspot.onCall = undefined;
  expect(asked).toBe(3);
  expect((await receipts(orderId)).at(-1)).toMatchObject({ phase: 'asked', counts: { contacts: 2, deleted: 2 } });
});

it('erasing an engagement: everybody, the connection and the key of its tokens', async () => {
  const { engagementId: ended, connectionId } = await rig.connected();
  const theirs = rig.hubspot.edit('contacts', { email: 'kept@lead.example', city: 'Kiruna' });
  const leads = [
    await rig.pushed(ended),
    await rig.pushed(ended),
    await rig.pushed(ended, { email: 'kept@lead.example' }),
  ];
  const orderId = randomUUID();
  await rig.event(EngagementErasureOrdered, { orderId, engagementId: ended, orderedAt: rig.clock.now().toString() });
  await rig.rest();
  expect((await receipts(orderId)).at(-1)).toMatchObject({
    phase: 'asked',
    counts: { contacts: 3, meetings: 3, deleted: 2, withdrawn: 1, archived: 3, stuck: 0 },
  });
  await clear(orderId, undefined, ended);
  rig.hubspot.purge();
  await rig.later(24 * 30 + 2);
  expect((await receipts(orderId)).at(-1)).toMatchObject({
    phase: 'verified',
    counts: { contacts: 3, meetings: 3, withdrawn: 1, left: 0 },
  });
  const late = { engagementId: ended, kind: 'hubspot', region: 'eu1', refreshToken: 'good-secret-refresh-token' };
  expect((await rig.call('POST', '/api/v1/crm-connections', late)).status).toBe(404); // nobody would erase it any more
  expect(await rowsOf(ended)).toEqual([]);
  expect(await rowsOf(connectionId)).toEqual([]);
  for (const { leadId } of leads) expect(await rowsOf(leadId)).toEqual([]);
  expect(await rig.vault.remaining('connection', [connectionId])).toBe(0);
  expect(rig.hubspot.records.contacts.get(theirs)?.properties).toEqual({ email: 'kept@lead.example', city: 'Kiruna' });
});

describe('the last order of an engagement takes its connection and its key', () => {
  const ordered = async (of: string, leadId?: string): Promise<string> => {
    const order = { orderId: randomUUID(), engagementId: of, orderedAt: rig.clock.now().toString() };
    if (leadId) await rig.event(LeadErasureOrdered, { ...order, leadId, reason: 'request' });
    else await rig.event(EngagementErasureOrdered, order);
    await rig.rest();
    return order.orderId;
  };
  const left = async (connectionId: string) => [
    await rowsOf(connectionId),
    await rig.vault.remaining('connection', [connectionId]),
  ];

  it('also beside one that is forgotten and has not told yet', async () => {
    const { engagementId: ended, connectionId } = await rig.connected();
    const all = await ordered(ended);
    await rig.database.sql(
      `insert into crm_sync.erasure_order (order_id, engagement_id, lead_id, state) values ($1, $2, $3, 'forgotten')`,
      [randomUUID(), ended, randomUUID()],
    );
    await clear(all, undefined, ended);
    expect(await phases(all)).toEqual(['stopped', 'asked', 'verified']);
    expect(await left(connectionId)).toEqual([[], 0]);
  });

  it('when several end at once', async () => {
    const { engagementId: ended, connectionId } = await rig.connected();
    const leads = [await rig.lead(ended), await rig.lead(ended), await rig.lead(ended)];
    const orders: { orderId: string; leadId?: string }[] = [];
    for (const leadId of leads) orders.push({ orderId: await ordered(ended, leadId), leadId });
    orders.push({ orderId: await ordered(ended) });
    await Promise.all(orders.map((o) => rig.event(ErasureCleared, { ...o, engagementId: ended })));
    await rig.rest();
    for (const { orderId } of orders) expect(await phases(orderId)).toEqual(['stopped', 'asked', 'verified']);
    expect(await left(connectionId)).toEqual([[], 0]);
    expect(await rowsOf(ended)).toEqual([]);
  });

  it('and not before another that may still ask', async () => {
    const { engagementId: ended, connectionId } = await rig.connected();
    const leadId = await rig.lead(ended);
    const [one, all] = [await ordered(ended, leadId), await ordered(ended)];
    await rig.event(ErasureCleared, { orderId: all, engagementId: ended });
    await rig.rest();
    expect((await phases(all)).at(-1)).toBe('verified');
    expect((await left(connectionId))[1]).toBe(1);
    await clear(one, leadId, ended);
    expect((await phases(one)).at(-1)).toBe('verified');
    expect(await left(connectionId)).toEqual([[], 0]);
    expect(await rowsOf(ended)).toEqual([]);
  });
});
