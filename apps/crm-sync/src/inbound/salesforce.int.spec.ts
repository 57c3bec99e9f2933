import {
  EngagementErasureOrdered,
  ErasureCleared,
  LeadChanged,
  LeadErasureOrdered,
  LeadObjected,
  MeetingCancelled,
  MeetingMoved,
} from '@avtala/contracts';
import type { Db } from '@avtala/database';
import { eventually } from '@avtala/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { CrmSyncConfig } from '../config.js';
import { SALESFORCE_WORDS } from '../domain/words-salesforce.js';
import { ConnectionTokens } from '../services/connection-tokens.service.js';
import { Crms } from '../services/crms.service.js';
import { SalesforceRig, type Stored } from './salesforce.fixture.js';

const { leadKey: KEY, bookingKey: BOOKING } = SALESFORCE_WORDS;

let rig: SalesforceRig;
let org: string;
let engagementId: string;
let connectionId: string;

beforeAll(async () => {
  rig = await SalesforceRig.start();
  ({ org, engagementId, connectionId } = await rig.connected());
});
afterAll(async () => {
  expect(await rig.state()).toMatchObject({ contractViolations: 0, over200: 0, limitViolations: 0 });
  await rig.stop();
});
beforeEach(() => rig.calm());

const leadsOf = async (leadId: string, of = org): Promise<Stored[]> =>
  (await rig.state(of)).leads.filter((r) => r.fields[KEY] === leadId && !r.deleted);
const contactsOf = async (leadId: string, of = org): Promise<Stored[]> =>
  (await rig.state(of)).contacts.filter((r) => r.fields[KEY] === leadId && !r.deleted);
const eventsOf = async (bookingId: string, of = org): Promise<Stored[]> =>
  (await rig.state(of)).events.filter((r) => r.fields[BOOKING] === bookingId && !r.deleted);
const anyOf = async (id: string, of = org): Promise<Stored | undefined> => {
  const { leads, contacts, events } = await rig.state(of);
  return [...leads, ...contacts, ...events].find((r) => r.id === id);
};
const linkOf = async (key: string) =>
  (
    await rig.crm.database.sql<{ provenance: string; vendor_id: string; merged: boolean }>(
      `select provenance, vendor_id, merged from crm_sync.crm_link where external_key = $1`,
      [key],
    )
  )[0];
const pushOf = async (key: string) =>
  (
    await rig.crm.database.sql<{ state: string; tries: number; code: string | null; fields: string[] | null }>(
      `select state, tries, code, fields from crm_sync.crm_push where external_key = $1`,
      [key],
    )
  )[0];
const shown = async (id: string) => (await rig.crm.call('GET', `/api/v1/crm-connections/${id}`)).body;
/** The person says no, and the CRM is told. */
const object = async (leadId: string, of = engagementId) => {
  const objectedAt = rig.crm.clock.now().toString();
  await rig.crm.event(LeadObjected, { leadId, engagementId: of, leadVersion: 5, objectedAt });
  await rig.crm.rest();
};
const seed = (object: string, fields: object, of = org) =>
  rig.act<{ ids: string[] }>('seed', of, { object, records: [fields] }).then(({ ids }) => ids[0]!);

describe('connecting an org', () => {
  const post = async (body: object) =>
    rig.crm.call('POST', '/api/v1/crm-connections', {
      engagementId: await rig.crm.engagement(),
      kind: 'salesforce',
      region: 'eu',
      ...body,
    });

  it('by a user’s name and our own key; nothing secret is shown', async () => {
    expect(await shown(connectionId)).toMatchObject({ state: 'active', kind: 'salesforce', needs: [] });
    expect(JSON.stringify(await shown(connectionId))).not.toContain('integration@');
  });

  it('X of one month is enough: the recycle bin keeps 15 days (E1)', async () => {
    expect(await rig.connected({ terms: { retentionMonths: 1 } })).toMatchObject({ connectionId: expect.any(String) });
  });

  it.each<[string, object]>([
    ['neither a name nor a token', {}],
    ['both', { username: 'a@b.example', refreshToken: 'x' }],
    [
      'a login host that is not Salesforce’s',
      { username: 'a@b.example', loginHost: 'login.salesforce.com.evil.example' },
    ],
    ['a host with a path', { username: 'a@b.example', loginHost: 'evil.example/x.my.salesforce.com' }],
  ])('%s is refused', async (_, body) => {
    expect(await post(body)).toMatchObject({ status: 400, body: { code: 'credentials-invalid' } });
  });

  it('outside the EEA without a safeguard is refused (D4)', async () => {
    expect(await post({ username: 'a@b.example', region: 'other' })).toMatchObject({ status: 409 });
  });

  it('an org without our fields says what its administrator has to add, and goes on when that is done', async () => {
    const bare = rig.newOrg();
    await rig.act('settings', bare, { customFields: [] });
    const own = await rig.connected({ org: bare });
    const needs = [`Lead.${KEY}`, `Contact.${KEY}`, `Event.${BOOKING}`];
    expect(await shown(own.connectionId)).toMatchObject({ state: 'broken', code: 'fields-missing', needs });
    const leadId = await rig.crm.lead(own.engagementId);
    await rig.crm.meeting(own.engagementId, leadId);
    const field = { length: 36, externalId: true, unique: true };
    const customFields = [
      { object: 'Lead', name: KEY, ...field },
      { object: 'Contact', name: KEY, ...field },
      { object: 'Activity', name: BOOKING, ...field },
    ];
    await rig.act('settings', bare, { customFields });
    await rig.later(25);
    expect(await shown(own.connectionId)).toMatchObject({ state: 'active', needs: [] });
    expect(await leadsOf(leadId, bare)).toHaveLength(1);
  });

  it('ten who find the session ended renew it once, in two processes too: an old token is never sent again', async () => {
    const own = rig.newOrg();
    const made = await rig.connected({ org: own, body: { refreshToken: `sandbox-salesforce-${own}` } });
    const mine = rig.crm.app.get(ConnectionTokens);
    const other = new (ConnectionTokens as unknown as new (...args: unknown[]) => ConnectionTokens)(
      ...['db', 'vault', 'config'].map((name) => (mine as unknown as Record<string, unknown>)[name]),
    );
    const connection = { id: made.connectionId, engagementId: made.engagementId, kind: 'salesforce' } as const;
    const { version } = await mine.sourceOf(connection).current();
    const before = (await rig.state(own)).refreshes;
    const tokens = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? mine : other).sourceOf(connection).renew(version)),
    );
    expect(new Set(tokens.map((t) => t.value)).size).toBe(1);
    await mine.sourceOf(connection).renew(tokens[0]!.version);
    await other.sourceOf(connection).renew(tokens[0]!.version + 1);
    expect(await rig.state(own)).toMatchObject({ refreshes: before + 3, killedGrants: 0 });
  });

  it('a renewal that the database did not take is stored by the next try: the token before it is not sent again', async () => {
    const own = rig.newOrg();
    const made = await rig.connected({ org: own, body: { refreshToken: `sandbox-salesforce-${own}` } });
    const db = rig.crm.database.db('crm_sync');
    let fails = 1;
    const away: Pick<Db, 'withScope'> = {
      withScope: (scope, fn) =>
        db.withScope(scope, async (tx) => {
          const result = await fn(tx);
          if (fails-- > 0) throw new Error('the connection broke before COMMIT');
          return result;
        }),
    };
    const tokens = new ConnectionTokens(away as Db, rig.crm.vault, rig.crm.app.get(CrmSyncConfig));
    const source = tokens.sourceOf({ id: made.connectionId, engagementId: made.engagementId, kind: 'salesforce' });
    const [{ version }] = (await rig.crm.database.sql<{ version: number }>(
      'select token_version as version from crm_sync.crm_connection where id = $1',
      [made.connectionId],
    )) as [{ version: number }];
    const before = (await rig.state(own)).refreshes;
    await expect(source.renew(version)).rejects.toThrow('broke');
    await source.renew(version);
    await source.renew(version + 1);
    expect(await rig.state(own)).toMatchObject({ refreshes: before + 2, killedGrants: 0 });
  });

  it('a renewal whose answer was lost ends the connection, and that is said', async () => {
    const own = rig.newOrg();
    const made = await rig.connected({ org: own, body: { refreshToken: `sandbox-salesforce-${own}` } });
    const leadId = await rig.crm.lead(made.engagementId);
    await rig.misbehave('expired-token', '/sobjects/Lead');
    await rig.misbehave('expired-token', 'queryAll');
    await rig.misbehave('timeout-after-commit', 'oauth2', 1, { ms: 50 });
    await rig.crm.meeting(made.engagementId, leadId);
    await rig.later(0.02);
    await eventually(async () => (await shown(made.connectionId))['state'] === 'broken', 30_000);
    expect(await shown(made.connectionId)).toMatchObject({ state: 'broken', code: 'reconnect-needed' });
    expect(await leadsOf(leadId, own)).toHaveLength(0);
  });
});

describe('telling an org', () => {
  it('a booked meeting arrives with its person, by our keys', async () => {
    const { leadId, bookingId } = await rig.crm.pushed(engagementId, { name: 'Åsa Maria Ek', company: 'Exempel AB' });
    const [lead] = await leadsOf(leadId);
    const [event] = await eventsOf(bookingId);
    expect(lead?.fields).toMatchObject({ FirstName: 'Åsa', LastName: 'Maria Ek', Company: 'Exempel AB' });
    expect(event?.fields).toMatchObject({
      Subject: 'Meeting with Åsa Maria Ek',
      StartDateTime: '2027-01-20T09:00:00.000+0000',
      WhoId: lead?.id,
      ShowAs: 'Busy',
    });
    expect(await linkOf(leadId)).toEqual({ provenance: 'created', vendor_id: lead?.id, merged: false });
    expect(await pushOf(bookingId)).toMatchObject({ state: 'confirmed', tries: 1 });
  });

  it('one name is the last name; no company is no obstacle', async () => {
    const { leadId } = await rig.crm.pushed(engagementId, { name: 'Ensam', company: '' });
    expect((await leadsOf(leadId))[0]?.fields).toMatchObject({ LastName: 'Ensam', Company: '[unknown]' });
  });

  it('moved, then cancelled: the same event follows', async () => {
    const { leadId, bookingId } = await rig.crm.pushed(engagementId, { name: 'Test Person' });
    const startsAt = '2027-01-21T10:00:00Z';
    const moved = { bookingId, startsAt, endsAt: '2027-01-21T10:30:00Z', sequence: 1 };
    await rig.crm.meeting(engagementId, leadId, MeetingMoved, moved);
    await rig.later(0.02);
    expect((await eventsOf(bookingId)).map((e) => e.fields['StartDateTime'])).toEqual(['2027-01-21T10:00:00.000+0000']);
    await rig.crm.meeting(engagementId, leadId, MeetingCancelled, { ...moved, sequence: 2 });
    await rig.later(0.02);
    expect((await eventsOf(bookingId)).map((e) => e.fields)).toMatchObject([
      { Subject: 'Cancelled: Meeting with Test Person', ShowAs: 'Free' },
    ]);
  });

  it('a correction reaches what is still ours (F2)', async () => {
    const { leadId } = await rig.crm.pushed(engagementId);
    const [lead] = await leadsOf(leadId);
    await rig.act('edit', org, { id: lead!.id, fields: { Company: 'Deras namn AB' } });
    rig.crm.door.people.set(leadId, { ...rig.crm.door.people.get(leadId)!, company: 'Nytt AB', phone: '+46701740606' });
    await rig.crm.event(LeadChanged, { leadId, engagementId, leadVersion: 3, fields: ['company', 'phone'] });
    await rig.crm.rest();
    expect((await leadsOf(leadId))[0]?.fields).toMatchObject({ Company: 'Deras namn AB', Phone: '+46701740606' });
    expect(await linkOf(leadId)).toMatchObject({ merged: true }); // theirs now: our own write came last, and hides it
  });

  it('401 at once are 200, 200 and 1, and never more in a call', async () => {
    const own = await rig.connected();
    const crm = rig.crm.app.get(Crms).of({ id: own.connectionId, engagementId: own.engagementId, kind: 'salesforce' });
    const before = await rig.requests('PATCH /services/data/v{version}/composite/sobjects/{sobject}');
    const writes = Array.from({ length: 401 }, () => ({
      key: randomUUID(),
      properties: { LastName: 'Ek', Company: 'Exempel AB' },
    }));
    const outcomes = await crm.contacts.upsert(writes, { until: Date.now() + 60_000 });
    expect(outcomes.filter((o) => o.ok)).toHaveLength(401);
    expect(await rig.requests('PATCH /services/data/v{version}/composite/sobjects/{sobject}')).toBe(before + 3);
    expect((await rig.state(own.org)).leads).toHaveLength(401);
  });
});

describe('people the client knew before', () => {
  it('a lead is matched by e-mail; only empty fields and our key are written', async () => {
    const id = await seed('Lead', { LastName: 'Känd', Company: 'Kundens AB', Email: 'Known@lead.example' });
    const { leadId } = await rig.crm.pushed(engagementId, { email: 'known@lead.example', company: 'Vårt AB' });
    expect(await leadsOf(leadId)).toMatchObject([
      { id, fields: { LastName: 'Känd', Company: 'Kundens AB', Phone: '+46701740605' } },
    ]);
    expect(await linkOf(leadId)).toMatchObject({ provenance: 'matched', vendor_id: id });
  });

  it('so is a contact, which has no company', async () => {
    const id = await seed('Contact', { LastName: 'Kontakt', Email: 'contact@lead.example' });
    const { leadId, bookingId } = await rig.crm.pushed(engagementId, { email: 'contact@lead.example' });
    expect(await contactsOf(leadId)).toMatchObject([{ id, fields: { LastName: 'Kontakt', Phone: '+46701740605' } }]);
    expect((await eventsOf(bookingId))[0]?.fields['WhoId']).toBe(id);
  });

  it('an address with a quote in it is an address, not a query', async () => {
    const id = await seed('Lead', { LastName: 'Quote', Company: 'K', Email: "o'brien@lead.example" });
    const { leadId } = await rig.crm.pushed(engagementId, { email: "o'brien@lead.example" });
    expect(await leadsOf(leadId)).toMatchObject([{ id }]);
  });

  it('a converted lead is followed to its contact, and so is its next meeting', async () => {
    const { leadId } = await rig.crm.pushed(engagementId);
    const [lead] = await leadsOf(leadId);
    const { contactId } = await rig.act<{ contactId: string }>('convert', org, { id: lead!.id });
    const bookingId = await rig.crm.meeting(engagementId, leadId);
    await rig.later(0.02);
    expect((await eventsOf(bookingId))[0]?.fields['WhoId']).toBe(contactId);
    expect(await linkOf(leadId)).toMatchObject({ provenance: 'created', vendor_id: contactId, merged: true });
    expect(await contactsOf(leadId)).toMatchObject([{ id: contactId }]); // our key went along
  });

  it.each(['block', 'alert'])('a duplicate that a rule names (%s) is linked, not made again', async (action) => {
    const own = await rig.connected();
    await rig.act('settings', own.org, {
      duplicateRules: [{ object: 'Lead', action, match: ['LastName', 'Company'], against: ['Contact', 'Lead'] }],
    });
    const id = await seed('Lead', { LastName: 'Tvilling', Company: 'Exempel AB' }, own.org);
    const { leadId } = await rig.crm.pushed(own.engagementId, { name: 'Tvilling' });
    expect((await rig.state(own.org)).leads).toHaveLength(1);
    expect(await leadsOf(leadId, own.org)).toMatchObject([{ id }]);
    expect(await linkOf(leadId)).toMatchObject({ provenance: 'matched' });
  });

  it('a lead the client deleted is not made again', async () => {
    const { leadId, bookingId } = await rig.crm.pushed(engagementId);
    await rig.act('edit', org, { id: (await leadsOf(leadId))[0]!.id, act: 'delete' });
    await rig.crm.meeting(engagementId, leadId, MeetingMoved, { bookingId, sequence: 1 });
    await rig.later(0.02);
    expect(await leadsOf(leadId)).toHaveLength(0);
    expect(await pushOf(leadId)).toMatchObject({ code: 'deleted-by-client' });
  });
});

describe('bad days', () => {
  it.each(['500', '503', 'expired-token', 'row-lock', '403-limit'])('%s: told of later, once', async (kind) => {
    const leadId = await rig.crm.lead(engagementId);
    await rig.misbehave(kind, 'composite/sobjects/Lead');
    const bookingId = await rig.crm.meeting(engagementId, leadId);
    await rig.later(0.02);
    if (kind === '403-limit') {
      expect(await pushOf(leadId)).toMatchObject({ code: 'daily-limit' });
      await rig.later(2);
    }
    expect([(await leadsOf(leadId)).length, (await eventsOf(bookingId)).length]).toEqual([1, 1]);
  });

  it('a time-out after the lead was made makes no second one', async () => {
    const leadId = await rig.crm.lead(engagementId);
    await rig.misbehave('timeout-after-commit', 'composite/sobjects/Lead', 1, { ms: 100 });
    const bookingId = await rig.crm.meeting(engagementId, leadId);
    await rig.later(0.02);
    expect([(await leadsOf(leadId)).length, (await eventsOf(bookingId)).length]).toEqual([1, 1]);
    expect(await linkOf(leadId)).toMatchObject({ provenance: 'created', merged: false });
  });

  it('a meeting the org will not show with its person is not confirmed', async () => {
    const own = await rig.connected();
    const rule = { object: 'Event', field: 'WhoId', pattern: '^(?!.)', message: 'Nobody is met here' };
    await rig.act('settings', own.org, { validationRules: [rule] });
    const { leadId, bookingId } = await rig.crm.pushed(own.engagementId);
    const code = 'FIELD_CUSTOM_VALIDATION_EXCEPTION';
    expect(await pushOf(bookingId)).toMatchObject({ state: 'parked', code });
    await rig.act('settings', own.org, { validationRules: [] });
    await rig.crm.meeting(own.engagementId, leadId, MeetingMoved, { bookingId, sequence: 1 });
    await rig.later(0.02);
    expect(await pushOf(bookingId)).toMatchObject({ state: 'confirmed' });
    const [event] = await eventsOf(bookingId, own.org);
    expect(event?.fields['WhoId']).toBe((await leadsOf(leadId, own.org))[0]?.id);
  });

  it('a meeting that is locked while it is shown with its person is told of again', async () => {
    const own = await rig.connected();
    const crm = rig.crm.app.get(Crms).of({ id: own.connectionId, engagementId: own.engagementId, kind: 'salesforce' });
    const { leadId, bookingId } = await rig.crm.pushed(own.engagementId);
    const [event, lead] = [(await eventsOf(bookingId, own.org))[0]!, (await leadsOf(leadId, own.org))[0]!];
    await rig.misbehave('row-lock', 'composite/sobjects');
    const pairs = [{ meetingId: event.id, contactId: lead.id }];
    const o = { until: Date.now() + 30_000 };
    expect(await crm.meetings.join(pairs, o)).toEqual([{ meetingId: event.id, code: null }]);
    expect(await crm.meetings.join(pairs, o)).toEqual([]);
  });

  it('our access is taken back between the lead and its meeting: said, and nothing is lost', async () => {
    const own = rig.newOrg();
    const made = await rig.connected({ org: own, body: { refreshToken: `sandbox-salesforce-${own}` } });
    await rig.misbehave('revoked', 'composite/sobjects/Event');
    const leadId = await rig.crm.lead(made.engagementId);
    const bookingId = await rig.crm.meeting(made.engagementId, leadId);
    await rig.later(0.02);
    expect(await shown(made.connectionId)).toMatchObject({ state: 'broken', code: 'reconnect-needed' });
    expect([(await leadsOf(leadId, own)).length, (await eventsOf(bookingId, own)).length]).toEqual([1, 0]);
    expect(await pushOf(bookingId)).not.toMatchObject({ state: 'confirmed' });
  });

  it.each<[string, object, object, string[]]>([
    ['too long a name', { name: `A ${'b'.repeat(81)}` }, { code: 'STRING_TOO_LONG' }, ['LastName']],
    ['an address that is none', { email: 'not an address' }, { code: 'INVALID_EMAIL_ADDRESS' }, ['Email']],
  ])('%s is that record’s failure alone, by code and field', async (_, person, expected, fields) => {
    const bad = await rig.crm.lead(engagementId, person);
    const good = await rig.crm.lead(engagementId);
    for (const leadId of [bad, good]) await rig.crm.meeting(engagementId, leadId);
    await rig.later(0.02);
    expect(await leadsOf(good)).toHaveLength(1);
    expect(await pushOf(bad)).toMatchObject({ state: 'parked', ...expected, fields });
  });

  it('the org’s own validation rule is said by its field, never by its words', async () => {
    const own = await rig.connected();
    const rule = { object: 'Lead', field: 'Title', pattern: '.', message: 'Test Person needs a title' };
    await rig.act('settings', own.org, { validationRules: [rule] });
    const { leadId } = await rig.crm.pushed(own.engagementId);
    expect(await pushOf(leadId)).toMatchObject({ code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', fields: ['Title'] });
    const [row] = await rig.crm.database.sql<{ t: string }>(
      `select string_agg(p::text, '') as t from crm_sync.crm_push p where lead_id = $1`,
      [leadId],
    );
    expect(row?.t).not.toContain('needs a title');
  });

  it('a mapping to a field the org does not have is said, and costs nobody else anything', async () => {
    const own = await rig.connected();
    const fields = { name: 'FirstName LastName', company: 'Company', email: 'Email', social: 'LinkedIn__c' };
    const path = `/api/v1/crm-connections/${own.connectionId}/mapping`;
    expect((await rig.crm.call('PUT', path, { fields })).status).toBe(200);
    const { leadId } = await rig.crm.pushed(own.engagementId, { social: 'in/test' });
    expect(await pushOf(leadId)).toMatchObject({ code: 'INVALID_FIELD', fields: ['LinkedIn__c'] });
  });

  it('the last fifth of the day’s calls is left to the client’s other apps', async () => {
    const own = await rig.connected();
    await rig.act('settings', own.org, { dailyLimit: 1_000, usedByOthers: 790 });
    const leads = await Promise.all(Array.from({ length: 3 }, () => rig.crm.lead(own.engagementId)));
    for (const leadId of leads) {
      await rig.crm.meeting(own.engagementId, leadId);
      await rig.later(0.02);
    }
    expect((await rig.state(own.org)).callsUsed).toBeLessThan(815); // one batch may end what it began
    expect(await pushOf(leads[2]!)).toMatchObject({ state: 'queued', code: 'daily-limit' });
    await rig.act('settings', own.org, { usedByOthers: 0 });
    await rig.later(2);
    expect(await leadsOf(leads[2]!, own.org)).toHaveLength(1);
  });
});

describe('erasing at an org (E1, E6)', () => {
  interface Receipt {
    phase: string;
    counts: Record<string, number>;
    outstanding: string[];
  }
  const receipts = (orderId: string) => rig.crm.sent<Receipt>('erasure.receipt.v1', { orderId });
  const order = async (leadId: string, of = engagementId): Promise<string> => {
    const orderId = randomUUID();
    const orderedAt = rig.crm.clock.now().toString();
    await rig.crm.event(LeadErasureOrdered, { orderId, leadId, engagementId: of, reason: 'request', orderedAt });
    await rig.crm.rest();
    return orderId;
  };
  const clear = async (orderId: string, leadId: string, of = engagementId): Promise<void> => {
    rig.crm.door.refusals.set(leadId, 'erased');
    await rig.crm.event(ErasureCleared, { orderId, engagementId: of, leadId });
    await rig.crm.rest();
  };

  it('ours: events and lead are deleted and out of the recycle bin at once; read back after 15 days', async () => {
    const { leadId, bookingId } = await rig.crm.pushed(engagementId);
    const ids = [(await leadsOf(leadId))[0]!.id, (await eventsOf(bookingId))[0]!.id];
    const orderId = await order(leadId);
    expect(await Promise.all(ids.map((id) => anyOf(id)))).toEqual([undefined, undefined]);
    expect((await receipts(orderId)).at(-1)).toMatchObject({ phase: 'asked', outstanding: [], counts: { deleted: 1 } });
    await clear(orderId, leadId);
    expect((await receipts(orderId)).map((r) => r.phase)).toEqual(['stopped', 'asked']);
    await rig.later(24 * 15 + 2); // not HubSpot's 30
    expect((await receipts(orderId)).at(-1)).toMatchObject({
      phase: 'verified',
      outstanding: [],
      counts: { contacts: 1, meetings: 1, left: 0 },
    });
  });

  it('the client’s own: what we wrote is withdrawn, what was theirs stays', async () => {
    const id = await seed('Contact', { LastName: 'Deras', Email: 'theirs@lead.example', Department: 'Inköp' });
    const { leadId } = await rig.crm.pushed(engagementId, { email: 'theirs@lead.example' });
    expect((await anyOf(id))?.fields['Phone']).toBe('+46701740605');
    const orderId = await order(leadId);
    expect((await anyOf(id))?.fields).toEqual({ LastName: 'Deras', Email: 'theirs@lead.example', Department: 'Inköp' });
    expect((await receipts(orderId)).at(-1)).toMatchObject({ counts: { withdrawn: 1, deleted: 0 }, outstanding: [] });
  });

  it('made by us, then worked on by somebody: withdrawn; what may not be empty is overwritten', async () => {
    const { leadId } = await rig.crm.pushed(engagementId, { name: 'Test Person', company: 'Exempel AB' });
    const { id } = (await leadsOf(leadId))[0]!;
    await rig.act('edit', org, { id, fields: { City: 'Lund' } });
    await order(leadId);
    expect((await anyOf(id))?.fields).toEqual({
      LastName: '[erased]',
      Company: '[erased]',
      City: 'Lund',
      Status: undefined,
    });
  });

  it('made by us and converted: withdrawn from the contact, and the lead it was is gone', async () => {
    const { leadId } = await rig.crm.pushed(engagementId, { name: 'Test Person', email: 'conv@lead.example' });
    const lead = (await leadsOf(leadId))[0]!;
    const { contactId } = await rig.act<{ contactId: string }>('convert', org, { id: lead.id });
    const orderId = await order(leadId);
    expect(await anyOf(lead.id)).toBeUndefined();
    const contact = await anyOf(contactId);
    expect(JSON.stringify(contact?.fields)).not.toMatch(/conv@|Person|\+4670/);
    expect((await receipts(orderId)).at(-1)).toMatchObject({ counts: { withdrawn: 1 }, outstanding: [] });
  });

  it('theirs, filled by us and converted: the lead cannot be written, and that is said until their administrator lets us', async () => {
    const id = await seed('Lead', { LastName: 'Deras', Company: 'K', Email: 'frozen@lead.example' });
    const { leadId } = await rig.crm.pushed(engagementId, { email: 'frozen@lead.example' });
    await rig.act('convert', org, { id });
    const orderId = await order(leadId);
    expect((await receipts(orderId)).at(-1)).toMatchObject({ phase: 'asked', outstanding: ['salesforce'] });
    await clear(orderId, leadId);
    await rig.act('settings', org, { editConverted: true });
    await rig.later(24 * 15 + 2);
    await rig.later(25);
    await rig.act('settings', org, { editConverted: false });
    expect((await anyOf(id))?.fields[KEY]).toBeUndefined();
  });

  it('made by us and merged into theirs: withdrawn there, and not left in the recycle bin', async () => {
    const winner = await seed('Lead', { LastName: 'Vinnare', Company: 'K' });
    const { leadId } = await rig.crm.pushed(engagementId, { email: 'merged@lead.example' });
    const loser = (await leadsOf(leadId))[0]!.id;
    await rig.act('merge', org, { winner, loser });
    await order(leadId);
    expect(await anyOf(loser)).toBeUndefined();
    expect((await anyOf(winner))?.fields).toEqual({ LastName: 'Vinnare', Company: 'K' });
  });

  it('in the client’s recycle bin: taken out of it for good', async () => {
    const { leadId, bookingId } = await rig.crm.pushed(engagementId);
    const { id } = (await leadsOf(leadId))[0]!;
    const event = (await eventsOf(bookingId))[0]!.id;
    await rig.act('edit', org, { id, act: 'delete' });
    const orderId = await order(leadId);
    expect(await Promise.all([id, event].map((x) => anyOf(x)))).toEqual([undefined, undefined]);
    expect((await receipts(orderId)).at(-1)).toMatchObject({ outstanding: [] });
  });

  it('where we may not empty the recycle bin, past it by hard delete; where neither is permitted, said until the 15 days are over', async () => {
    const own = await rig.connected();
    await rig.act('settings', own.org, { emptyBin: false, hardDelete: true });
    const first = await rig.crm.pushed(own.engagementId);
    await order(first.leadId, own.engagementId);
    expect((await rig.state(own.org)).leads).toEqual([]);
    await rig.act('settings', own.org, { hardDelete: false });
    const second = await rig.crm.pushed(own.engagementId);
    const orderId = await order(second.leadId, own.engagementId);
    expect((await receipts(orderId)).at(-1)).toMatchObject({ phase: 'asked', outstanding: ['salesforce'] });
    await clear(orderId, second.leadId, own.engagementId);
    await rig.later(24 * 15 + 2);
    await rig.later(25);
    expect((await receipts(orderId)).at(-1)).toMatchObject({ phase: 'verified', outstanding: [], counts: { left: 0 } });
  });

  it('a push whose answer was lost is found by our key', async () => {
    const leadId = await rig.crm.lead(engagementId);
    await rig.misbehave('timeout-after-commit', 'composite/sobjects/Lead', 1, { ms: 50 });
    await rig.misbehave('503', 'composite/sobjects/Event', 100);
    await rig.crm.meeting(engagementId, leadId);
    rig.crm.clock.set(rig.crm.clock.now().add({ seconds: 11 }).toString());
    await eventually(async () => (await leadsOf(leadId)).length === 1, 20_000);
    const orderId = await order(leadId);
    await rig.calm();
    await rig.crm.rest();
    expect((await receipts(orderId)).at(-1)).toMatchObject({ phase: 'asked', outstanding: [] });
    expect(await leadsOf(leadId)).toEqual([]);
  });

  it('an org that lies about deletion: asked again, then said by name, and looked at every day until it is true', async () => {
    const { leadId } = await rig.crm.pushed(engagementId);
    await rig.misbehave('lies', 'DELETE', 1_000);
    const orderId = await order(leadId);
    expect((await receipts(orderId)).at(-1)).toMatchObject({ phase: 'asked', outstanding: ['salesforce'] });
    await clear(orderId, leadId);
    await rig.later(24 * 15 + 2);
    expect((await receipts(orderId)).at(-1)).toMatchObject({ phase: 'verified', counts: { left: 2 } });
    await rig.calm();
    await rig.later(25);
    await rig.later(25);
    expect((await receipts(orderId)).at(-1)).toMatchObject({ phase: 'verified', outstanding: [], counts: { left: 0 } });
    expect(await leadsOf(leadId)).toEqual([]);
  });

  it('an engagement: everybody, the connection and the key of its tokens', async () => {
    const own = await rig.connected();
    for (let i = 0; i < 3; i++) await rig.crm.pushed(own.engagementId);
    const orderId = randomUUID();
    const orderedAt = rig.crm.clock.now().toString();
    await rig.crm.event(EngagementErasureOrdered, { orderId, engagementId: own.engagementId, orderedAt });
    await rig.crm.rest();
    expect(await rig.state(own.org)).toMatchObject({ leads: [], events: [] });
    await rig.crm.event(ErasureCleared, { orderId, engagementId: own.engagementId });
    await rig.crm.rest();
    await rig.later(24 * 15 + 2);
    expect((await receipts(orderId)).at(-1)).toMatchObject({ phase: 'verified', counts: { left: 0 } });
    expect(await rig.crm.vault.remaining('connection', [own.connectionId])).toBe(0);
  });
});

it('an objection is marked where the org has fields for it, and nothing else is told (F5)', async () => {
  const private_ = rig.newOrg();
  await rig.act('settings', private_, { privacy: true });
  const own = await rig.connected({ org: private_ });
  const IndividualId = await seed('Individual', { LastName: 'Nej' }, own.org);
  const id = await seed('Contact', { LastName: 'Nej', Email: 'nej@lead.example', IndividualId }, own.org);
  const { leadId } = await rig.crm.pushed(own.engagementId, { email: 'nej@lead.example' });
  const before = (await anyOf(id, own.org))!.fields;
  const objectedAt = rig.crm.clock.now().toString();
  await rig.crm.event(LeadObjected, { leadId, engagementId: own.engagementId, leadVersion: 5, objectedAt });
  await rig.crm.rest();
  expect((await anyOf(id, own.org))?.fields).toEqual({ ...before, HasOptedOutOfEmail: true, DoNotCall: true });
  const { individuals } = await rig.state(own.org);
  expect(individuals[0]?.fields).toMatchObject({ HasOptedOutSolicit: true, HasOptedOutProcessing: true });
});

it('an objection does not wait for the next day’s calls', async () => {
  const private_ = rig.newOrg();
  await rig.act('settings', private_, { privacy: true });
  const own = await rig.connected({ org: private_ });
  const { leadId } = await rig.crm.pushed(own.engagementId);
  await rig.act('settings', own.org, { dailyLimit: 1_000, usedByOthers: 850 });
  for (let i = 0; i < 2; i++) await rig.crm.pushed(own.engagementId); // the first hears of it
  await object(leadId, own.engagementId);
  expect((await leadsOf(leadId, own.org))[0]?.fields).toMatchObject({ HasOptedOutOfEmail: true, DoNotCall: true });
});

it('an objection whose record is locked at the moment is marked later', async () => {
  const private_ = rig.newOrg();
  await rig.act('settings', private_, { privacy: true });
  const own = await rig.connected({ org: private_ });
  const { leadId } = await rig.crm.pushed(own.engagementId);
  await rig.misbehave('row-lock', 'composite/sobjects', 2);
  await object(leadId, own.engagementId);
  expect((await leadsOf(leadId, own.org))[0]?.fields).toMatchObject({ HasOptedOutOfEmail: true, DoNotCall: true });
});

it('an objection the org will not have marked is said where the connection is shown', async () => {
  const private_ = rig.newOrg();
  await rig.act('settings', private_, { privacy: true });
  const own = await rig.connected({ org: private_ });
  const { leadId } = await rig.crm.pushed(own.engagementId);
  const rule = { object: 'Lead', field: 'Title', pattern: '.', message: 'A title first' };
  await rig.act('settings', own.org, { validationRules: [rule] });
  await object(leadId, own.engagementId);
  expect(await shown(own.connectionId)).toMatchObject({ lastErrorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION' });
});

it('an objection finds by our key the lead whose making was never answered', async () => {
  const private_ = rig.newOrg();
  await rig.act('settings', private_, { privacy: true });
  const own = await rig.connected({ org: private_ });
  const { leadId } = await rig.crm.pushed(own.engagementId);
  await rig.crm.database.sql(`update crm_sync.crm_link set vendor_id = null where external_key = $1`, [leadId]);
  await object(leadId, own.engagementId);
  expect((await leadsOf(leadId, own.org))[0]?.fields).toMatchObject({ HasOptedOutOfEmail: true, DoNotCall: true });
});

it('an objection in an org without such fields changes nothing there', async () => {
  const { leadId } = await rig.crm.pushed(engagementId);
  const before = (await leadsOf(leadId))[0]?.fields;
  await rig.crm.event(LeadObjected, { leadId, engagementId, leadVersion: 5, objectedAt: '2027-01-11T08:00:00Z' });
  await rig.crm.rest();
  expect((await leadsOf(leadId))[0]?.fields).toEqual(before);
});

it('what the client changes and deletes is heard of', async () => {
  const own = await rig.connected();
  const first = await rig.crm.pushed(own.engagementId);
  const second = await rig.crm.pushed(own.engagementId);
  const crm = rig.crm.app.get(Crms).of({ id: own.connectionId, engagementId: own.engagementId, kind: 'salesforce' });
  const ask = (cursor: string | null) => crm.changes!(cursor, { now: rig.crm.clock.now(), until: Date.now() + 30_000 });
  const { cursor, records } = await ask(null);
  expect(records).toEqual([]);
  await rig.later(0.1);
  const edited = (await leadsOf(first.leadId, own.org))[0]!.id;
  const deleted = (await leadsOf(second.leadId, own.org))[0]!.id;
  await rig.act('edit', own.org, { id: edited, fields: { City: 'Lund' } });
  await rig.act('edit', own.org, { id: deleted, act: 'delete' });
  await rig.later(0.1);
  const heard = await ask(cursor);
  expect(
    heard.records
      .filter((r) => r.object === 'contact')
      .map((r) => r.id)
      .toSorted(),
  ).toEqual([edited, deleted].toSorted());
  expect((await ask(heard.cursor)).records).toEqual([]);
});

it('what the client emptied stays empty, what it deleted stays deleted: heard of within minutes', async () => {
  const own = await rig.connected();
  const emptied = await rig.crm.pushed(own.engagementId);
  const deleted = await rig.crm.pushed(own.engagementId);
  await rig.later(0.5);
  const cursor = async () =>
    (
      await rig.crm.database.sql<{ cursor: string | null }>(
        `select changes_cursor as cursor from crm_sync.crm_connection where id = $1`,
        [own.connectionId],
      )
    )[0]!.cursor;
  await eventually(async () => (await cursor()) !== null, 20_000); // work in the background: nobody's rest waits for it
  const idOf = async (leadId: string) => (await leadsOf(leadId, own.org))[0]!.id;
  await rig.act('edit', own.org, { id: await idOf(emptied.leadId), fields: { Phone: null } });
  await rig.act('edit', own.org, { id: await idOf(deleted.leadId), act: 'delete' });
  await rig.later(0.5);
  await eventually(async () => (await pushOf(deleted.leadId))?.code === 'deleted-by-client', 20_000);
  await rig.crm.event(LeadChanged, {
    ...{ leadId: emptied.leadId, engagementId: own.engagementId, leadVersion: 3, fields: ['title'] },
  });
  rig.crm.door.people.set(emptied.leadId, { ...rig.crm.door.people.get(emptied.leadId)!, title: 'VD' });
  await rig.crm.rest();
  const [lead] = await leadsOf(emptied.leadId, own.org);
  expect([lead?.fields['Title'], lead?.fields['Phone']]).toEqual(['VD', undefined]);
});

it('whether we may write is tried without leaving anything', async () => {
  const own = await rig.connected();
  const crm = rig.crm.app.get(Crms).of({ id: own.connectionId, engagementId: own.engagementId, kind: 'salesforce' });
  await crm.check!({ until: Date.now() + 30_000 });
  expect((await rig.state(own.org)).leads).toEqual([]);
});
