import {
  InviteDelivered,
  LeadChanged,
  LeadObjected,
  LeadReleased,
  LeadRestricted,
  MeetingBooked,
  MeetingCancelled,
  MeetingMissed,
  MeetingMoved,
} from '@avtala/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { catalogProblems } from '@avtala/database';
import { BOOKING_KEY, LEAD_KEY } from '../domain/words-hubspot.js';
import { CrmSyncRig } from './crm-sync.fixture.js';

let rig: CrmSyncRig;
let engagementId: string;
let connectionId: string;

beforeAll(async () => {
  rig = await CrmSyncRig.start();
  ({ engagementId, connectionId } = await rig.connected());
});
afterAll(async () => {
  expect(rig.hubspot.spec.violations).toEqual([]);
  await rig.stop();
});
beforeEach(() => {
  rig.hubspot.calm();
  rig.door.onRead = undefined;
});

const contactOf = (leadId: string) => rig.hubspot.live('contacts').filter((r) => r.properties[LEAD_KEY] === leadId);
const meetingOf = (bookingId: string) =>
  rig.hubspot.live('meetings').filter((r) => r.properties[BOOKING_KEY] === bookingId);
const pushOf = async (key: string) =>
  (
    await rig.database.sql<{ state: string; tries: number; code: string | null }>(
      `select state, tries, code from crm_sync.crm_push where external_key = $1`,
      [key],
    )
  )[0];
const linkOf = async (key: string) =>
  (
    await rig.database.sql<{ provenance: string; marks: Record<string, string[]>; vendor_id: string }>(
      `select provenance, marks, vendor_id from crm_sync.crm_link where external_key = $1`,
      [key],
    )
  )[0];

describe('telling a CRM', () => {
  it('a booked meeting arrives with its person, ten seconds after the decision, once', async () => {
    const leadId = await rig.lead(engagementId);
    const bookingId = await rig.meeting(engagementId, leadId);
    await rig.later(5 / 3600);
    expect(contactOf(leadId)).toHaveLength(0); // the undo window
    await rig.later(0.01);
    const [contact] = contactOf(leadId);
    const [meeting] = meetingOf(bookingId);
    expect(contact?.properties).toMatchObject({ company: 'Exempel AB', phone: '+46701740605' });
    expect(meeting?.properties).toMatchObject({ hs_meeting_outcome: 'SCHEDULED', hs_i_cal_uid: bookingId });
    expect(rig.hubspot.joined).toContain(`${meeting?.id}-${contact?.id}`);
    expect(await rig.sent('crm.record-synced.v1', { leadId })).toHaveLength(2);
    expect(await pushOf(leadId)).toMatchObject({ state: 'confirmed', tries: 1 });
  });

  it('keeps no value of the person, only marks', async () => {
    const { leadId } = await rig.pushed(engagementId, { name: 'Zebulon Unik', phone: '+46701740699' });
    expect(Object.keys((await linkOf(leadId))!.marks).toSorted()).toEqual([
      'company',
      'email',
      'firstname',
      'lastname',
      'phone',
    ]);
    const tables = ['crm_push', 'crm_link', 'crm_record', 'lead_case', 'meeting', 'due', 'outbox', 'log', 'inbox'];
    for (const table of tables) {
      const rows = await rig.database.sql<{ t: string }>(`select t::text from crm_sync.${table} t`);
      expect(rows.map((r) => r.t).join('\n')).not.toMatch(/zebulon|46701740699/i);
    }
  });

  it('moved, missed: the same record follows; the last state wins', async () => {
    const { leadId, bookingId } = await rig.pushed(engagementId);
    await rig.meeting(engagementId, leadId, MeetingMoved, { bookingId, startsAt: '2027-01-21T10:00:00Z', sequence: 1 });
    await rig.meeting(engagementId, leadId, MeetingMissed, {
      bookingId,
      startsAt: '2027-01-21T10:00:00Z',
      sequence: 1,
    });
    await rig.later(0.02);
    expect(meetingOf(bookingId)).toHaveLength(1);
    expect(meetingOf(bookingId)[0]?.properties).toMatchObject({
      hs_meeting_start_time: '2027-01-21T10:00:00.000Z',
      hs_meeting_outcome: 'NO_SHOW',
    });
  });

  it('booked and cancelled within the undo window: never mentioned', async () => {
    const leadId = await rig.lead(engagementId);
    const bookingId = await rig.meeting(engagementId, leadId);
    await rig.meeting(engagementId, leadId, MeetingCancelled, { bookingId, sequence: 1 });
    await rig.later(0.02);
    expect(contactOf(leadId)).toHaveLength(0);
    expect(await pushOf(bookingId)).toBeUndefined();
  });

  it('an event that is delivered twice makes no second record', async () => {
    const { leadId, bookingId } = await rig.pushed(engagementId);
    await rig.meeting(engagementId, leadId, MeetingBooked, { bookingId }); // another id, so the inbox lets it through
    await rig.later(0.02);
    expect(contactOf(leadId)).toHaveLength(1);
    expect(meetingOf(bookingId)).toHaveLength(1);
  });

  it('a correction reaches the CRM, where the value is still ours (F2)', async () => {
    const { leadId } = await rig.pushed(engagementId);
    const [contact] = contactOf(leadId);
    rig.hubspot.edit('contacts', { company: 'Deras namn AB' }, contact!.id);
    rig.door.people.set(leadId, { ...rig.door.people.get(leadId)!, company: 'Nytt AB', phone: '+46701740606' });
    await rig.event(LeadChanged, { leadId, engagementId, leadVersion: 3, fields: ['company', 'phone'] });
    await rig.rest();
    expect(contactOf(leadId)[0]?.properties).toMatchObject({ company: 'Deras namn AB', phone: '+46701740606' });
  });

  it('interest without a meeting is told of; a call alone is not', async () => {
    const warm = await rig.lead(engagementId);
    const cold = await rig.lead(engagementId);
    await rig.told(engagementId, warm, { outcome: 'interested', leadVersion: 3 });
    await rig.rest();
    expect(contactOf(warm)).toHaveLength(1);
    expect(contactOf(cold)).toHaveLength(0);
  });
});

describe('people the client knew before', () => {
  it('are matched by e-mail; only empty fields and our key are written', async () => {
    const id = rig.hubspot.edit('contacts', { email: 'known@lead.example', company: 'Kundens AB' });
    const { leadId } = await rig.pushed(engagementId, { email: 'Known@Lead.example', company: 'Vårt AB' });
    expect(contactOf(leadId)).toMatchObject([{ id, properties: { company: 'Kundens AB', phone: '+46701740605' } }]);
    expect(await linkOf(leadId)).toMatchObject({ provenance: 'matched', vendor_id: id });
    expect(Object.keys((await linkOf(leadId))!.marks)).not.toContain('company');
  });

  it('a secondary address is found through the conflict', async () => {
    const one = rig.hubspot.edit('contacts', { email: 'first@lead.example' });
    const two = rig.hubspot.edit('contacts', { email: 'second@lead.example' });
    rig.hubspot.merge(one, two);
    const { leadId } = await rig.pushed(engagementId, { email: 'second@lead.example' });
    expect(contactOf(leadId).map((r) => r.id)).toEqual([one]);
    expect(await linkOf(leadId)).toMatchObject({ provenance: 'matched' });
  });

  it('a contact the client deleted is not made again, and says so', async () => {
    const { leadId, bookingId } = await rig.pushed(engagementId);
    contactOf(leadId)[0]!.archived = true;
    await rig.meeting(engagementId, leadId, MeetingMoved, { bookingId, sequence: 1 });
    await rig.later(0.02);
    expect(contactOf(leadId)).toHaveLength(0);
    expect(await rig.sent('crm.sync-failed.v1', { leadId })).toContainEqual(
      expect.objectContaining({ object: 'contact', code: 'deleted-by-client' }),
    );
  });

  it('a meeting their calendar wrote first gets our key, not a twin', async () => {
    const leadId = await rig.lead(engagementId);
    const bookingId = '0190bbbb-0000-7000-8000-000000000042';
    const id = rig.hubspot.edit('meetings', { hs_i_cal_uid: bookingId, hs_meeting_title: 'Deras' });
    await rig.meeting(engagementId, leadId, MeetingBooked, { bookingId });
    await rig.later(0.02);
    expect(meetingOf(bookingId)).toMatchObject([{ id, properties: { hs_meeting_title: 'Deras' } }]);
  });
});

describe('who may not be told of', () => {
  it.each(['objected', 'restricted', 'erased'] as const)(
    'contact-read gate: %s at the last moment, nothing leaves (B5, F4)',
    async (status) => {
      const leadId = await rig.lead(engagementId);
      rig.door.refusals.set(leadId, status);
      await rig.meeting(engagementId, leadId);
      await rig.later(0.02);
      expect(contactOf(leadId)).toHaveLength(0);
      expect(await pushOf(leadId)).toMatchObject({ state: 'blocked', tries: 0, code: status });
    },
  );

  it('not told yet: waits for the invite that carries the notice (B8)', async () => {
    const leadId = '0190dddd-0000-7000-8000-000000000001';
    rig.door.people.set(leadId, { name: 'Test Person', email: 'waits@lead.example' });
    rig.door.refusals.set(leadId, 'not-informed');
    const bookingId = await rig.meeting(engagementId, leadId);
    await rig.later(0.02);
    expect(await pushOf(leadId)).toMatchObject({ state: 'blocked', code: 'not-informed' });
    rig.door.refusals.delete(leadId);
    await rig.event(InviteDelivered, {
      bookingId,
      leadId,
      engagementId,
      sequence: 0,
      deliveredAt: rig.clock.now().toString(),
    });
    await rig.rest();
    expect(contactOf(leadId)).toHaveLength(1);
  });

  it('an objection that comes while we ask stops the push; a release replayed late does not undo it', async () => {
    const leadId = await rig.lead(engagementId);
    const objection = { leadId, engagementId, leadVersion: 7, objectedAt: rig.clock.now().toString() };
    rig.door.onRead = async () => {
      rig.door.onRead = undefined;
      await rig.event(LeadObjected, objection);
      await new Promise((done) => setTimeout(done, 1_500)); // the log is polled each half second
    };
    await rig.meeting(engagementId, leadId);
    await rig.later(0.02);
    await rig.event(LeadReleased, { leadId, engagementId, leadVersion: 5 });
    await rig.rest();
    expect(contactOf(leadId)).toHaveLength(0);
  });

  it('restricted and released: told of then', async () => {
    const leadId = await rig.lead(engagementId);
    await rig.event(LeadRestricted, { leadId, engagementId, leadVersion: 3 });
    await rig.meeting(engagementId, leadId);
    await rig.later(0.02);
    expect(contactOf(leadId)).toHaveLength(0);
    await rig.event(LeadReleased, { leadId, engagementId, leadVersion: 4 });
    await rig.rest();
    expect(contactOf(leadId)).toHaveLength(1);
  });
});

describe('bad days', () => {
  it('intent before call: an attempt whose answer was lost is on record, and the repeat makes no second record', async () => {
    const leadId = await rig.lead(engagementId);
    rig.hubspot.trouble('lost-answer', 'contacts/batch/upsert');
    let intended: unknown;
    const upserts = () => rig.hubspot.calls.filter((c) => c.includes('contacts/batch/upsert')).length;
    const before = upserts();
    rig.hubspot.onCall = async (where) => {
      if (where.includes('contacts/batch/upsert') && !intended) intended = [await pushOf(leadId), await linkOf(leadId)];
    };
    const bookingId = await rig.meeting(engagementId, leadId);
    await rig.later(0.02);
    rig.hubspot.onCall = undefined;
    expect(intended).toMatchObject([
      { state: 'sent', tries: 1 },
      { provenance: 'created', vendor_id: null },
    ]);
    expect(upserts()).toBe(before + 1); // the second time it was found by our key
    expect(contactOf(leadId)).toHaveLength(1);
    expect(meetingOf(bookingId)).toHaveLength(1);
    expect(await linkOf(leadId)).toMatchObject({ provenance: 'created' });
    expect(await pushOf(leadId)).toMatchObject({ state: 'confirmed', tries: 2 });
  });

  it.each(['429', '500', 'expired-token'] as const)('%s: told of later, once', async (kind) => {
    const leadId = await rig.lead(engagementId);
    rig.hubspot.trouble(kind, 'batch/', 2);
    const bookingId = await rig.meeting(engagementId, leadId);
    if (kind === 'expired-token') rig.hubspot.calm();
    await rig.later(0.02);
    expect([contactOf(leadId).length, meetingOf(bookingId).length]).toEqual([1, 1]);
  });

  it('a worker whose lease ran out while it waited undoes nothing, and makes nothing twice', async () => {
    const leadId = await rig.lead(engagementId);
    rig.hubspot.onCall = async (where) => {
      if (!where.includes('meetings/batch/upsert')) return;
      rig.hubspot.onCall = undefined;
      await rig.database.sql(`update crm_sync.due set lease_until = now() - interval '1 second' where lead_id = $1`, [
        leadId,
      ]);
      await new Promise((done) => setTimeout(done, 800)); // meanwhile somebody else takes it over
    };
    const bookingId = await rig.meeting(engagementId, leadId);
    await rig.later(0.02);
    expect([contactOf(leadId).length, meetingOf(bookingId).length]).toEqual([1, 1]);
    expect(await pushOf(bookingId)).toMatchObject({ state: 'confirmed' });
  });

  it('one record the vendor cannot take does not hold up the others (207)', async () => {
    rig.hubspot.invalid.add('refused@lead.example');
    const bad = await rig.lead(engagementId, { email: 'refused@lead.example' });
    const good = await rig.lead(engagementId);
    for (const leadId of [bad, good]) await rig.meeting(engagementId, leadId);
    await rig.later(0.02);
    expect(contactOf(good)).toHaveLength(1);
    expect(await rig.sent('crm.sync-failed.v1', { leadId: bad, object: 'contact' })).toMatchObject([
      { code: 'VALIDATION_ERROR' },
    ]);
    const pushes = await rig.call('GET', `/api/v1/crm-connections/${connectionId}/pushes?limit=500`);
    const shown = (pushes.body['items'] as Record<string, unknown>[]).find(
      (p) => p['leadId'] === bad && p['object'] === 'contact',
    );
    expect(shown).toMatchObject({
      state: 'parked',
      cause: 'value-refused',
      code: 'VALIDATION_ERROR',
      refusedFields: ['email'],
    });
    expect(JSON.stringify(pushes.body)).not.toContain('refused@');

    rig.hubspot.invalid.clear();
    await rig.call('PUT', `/api/v1/crm-connections/${connectionId}/mapping`, {
      fields: { name: 'firstname lastname', email: 'email' },
    });
    await rig.rest();
    expect(contactOf(bad)[0]?.properties['company']).toBeUndefined(); // not on the allow-list any more (D2)
  });

  it('a meeting that cannot be shown with its person is not confirmed, and holds up no other', async () => {
    const people = await Promise.all([1, 2, 3].map(() => rig.pushed(engagementId)));
    const [bad, ...good] = people.map((p) => ({ ...p, contactId: contactOf(p.leadId)[0]!.id }));
    rig.hubspot.unjoinable.add(bad!.contactId);
    const second = new Map<string, string>();
    for (const { leadId } of [bad!, ...good]) second.set(leadId, await rig.meeting(engagementId, leadId));
    await rig.later(0.02);
    expect(await pushOf(second.get(bad!.leadId)!)).toMatchObject({ state: 'parked', code: 'OBJECT_NOT_FOUND' });
    for (const { leadId, contactId } of good) {
      expect(await pushOf(second.get(leadId)!)).toMatchObject({ state: 'confirmed' });
      expect(rig.hubspot.joined).toContain(`${meetingOf(second.get(leadId)!)[0]!.id}-${contactId}`);
    }
    rig.hubspot.unjoinable.clear();
    await rig.meeting(engagementId, bad!.leadId); // whatever is told of the person next takes it along
    await rig.later(0.02);
    expect(await pushOf(second.get(bad!.leadId)!)).toMatchObject({ state: 'confirmed' });
    expect(meetingOf(second.get(bad!.leadId)!)).toHaveLength(1);
  });

  it('a mapping that is changed while a push under the old one fails is not missed by it', async () => {
    const own = await rig.connected();
    const leadId = await rig.lead(own.engagementId, { email: 'unmappable@lead.example' });
    rig.hubspot.invalid.add('unmappable@lead.example');
    rig.hubspot.onCall = async (where) => {
      if (!where.includes('contacts/batch/upsert')) return;
      rig.hubspot.onCall = undefined;
      const fields = { name: 'firstname lastname' };
      await rig.call('PUT', `/api/v1/crm-connections/${own.connectionId}/mapping`, { fields });
    };
    await rig.meeting(own.engagementId, leadId);
    await rig.later(0.02);
    rig.hubspot.invalid.clear();
    expect(contactOf(leadId)).toMatchObject([{ properties: { firstname: expect.any(String) } }]);
  });

  it('twenty leads at once cost one refresh and a handful of calls', async () => {
    rig.hubspot.expireTokens();
    const [refreshes, calls] = [rig.hubspot.refreshes, rig.hubspot.calls.length];
    const leads = await Promise.all(Array.from({ length: 20 }, () => rig.lead(engagementId)));
    for (const leadId of leads) await rig.meeting(engagementId, leadId);
    await rig.rest();
    await rig.later(0.02);
    expect(leads.map((l) => contactOf(l).length)).toEqual(leads.map(() => 1));
    expect(rig.hubspot.refreshes - refreshes).toBe(1);
    expect(rig.hubspot.calls.length - calls).toBeLessThan(60); // one by one it would be 120
  });
});

it('no table lets rows of one engagement reach another', async () => {
  expect(await catalogProblems(rig.database.adminUrl, 'crm_sync')).toEqual([]);
});
