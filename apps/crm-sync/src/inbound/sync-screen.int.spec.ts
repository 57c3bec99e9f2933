import { LeadObjected, MeetingMoved } from '@avtala/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@avtala/test-kit';
import { randomUUID } from 'node:crypto';
import { LEAD_KEY } from '../domain/words-hubspot.js';
import { CrmSyncRig } from './crm-sync.fixture.js';

type Line = Record<string, unknown> & { id: string; leadId: string; object: string; state: string };

let rig: CrmSyncRig;
let engagementId: string;
let connectionId: string;

beforeAll(async () => {
  rig = await CrmSyncRig.start();
});
afterAll(async () => {
  expect(rig.hubspot.spec.violations).toEqual([]);
  await rig.stop();
});
beforeEach(async () => {
  rig.hubspot.calm();
  rig.hubspot.invalid.clear();
  rig.hubspot.onCall = undefined;
  rig.role = 'supervisor';
  ({ engagementId, connectionId } = await rig.connected());
});

const list = async (query = '') =>
  (await rig.call('GET', `/api/v1/pushes?engagementId=${engagementId}${query}`)).body as {
    items: Line[];
    next: string | null;
  };
const lineOf = async (leadId: string, object = 'contact') =>
  (await list('&limit=500')).items.find((l) => l.leadId === leadId && l.object === object)!;
const act = (id: string, what: string, body?: object, key?: string) =>
  rig.call('POST', `/api/v1/pushes/${id}/${what}`, body, key);
const contactsOf = (leadId: string) => rig.hubspot.live('contacts').filter((r) => r.properties[LEAD_KEY] === leadId);
/** A lead whose e-mail the CRM refuses, with a meeting. */
const refused = async () => {
  const email = `${randomUUID()}@refused.example`;
  rig.hubspot.invalid.add(email);
  return rig.pushed(engagementId, { email });
};
const audited = async (action: string) =>
  (
    await rig.database.sql<{ t: string }>(
      `select convert_from(canonical, 'utf8') as t from crm_sync.audit_entry where convert_from(canonical, 'utf8') like $1`,
      [`%"${action}"%`],
    )
  ).map((r) => JSON.parse(r.t) as { engagement?: string; detail: Record<string, unknown> });

describe('what the sync screen shows', () => {
  it('queued, confirmed with names of fields and the vendor’s ids, refused with its cause; never a value (D2)', async () => {
    const waits = await rig.lead(engagementId, { name: 'Zebulon Unik' });
    await rig.meeting(engagementId, waits);
    await eventually(async () => expect(await lineOf(waits)).toMatchObject({ state: 'queued', tries: 0, rule: null }));
    const soon = rig.clock.now().add({ seconds: 10 }).toString({ fractionalSecondDigits: 3 });
    // The call asks for a push at once, which then finds that the meeting is still to wait.
    await eventually(async () =>
      expect(await lineOf(waits, 'meeting')).toMatchObject({ state: 'queued', nextTryAt: soon }),
    );

    await rig.later(0.02);
    expect(await lineOf(waits)).toMatchObject({
      state: 'confirmed',
      fields: expect.arrayContaining(['firstname', 'email']),
      recordId: contactsOf(waits)[0]!.id,
      requestId: expect.any(String),
      rule: { promises: ['B5', 'B8', 'D2'] },
      nextTryAt: null,
    });
    const bad = await refused();
    const line = await lineOf(bad.leadId);
    expect(line).toMatchObject({
      state: 'parked',
      cause: 'value-refused',
      code: 'VALIDATION_ERROR',
      refusedFields: ['email'],
      sentence: expect.stringContaining('does not take a value'),
    });
    expect(await lineOf(bad.leadId, 'meeting')).toMatchObject({ state: 'parked', cause: 'contact-failed' });
    expect((await list(`&leadId=${bad.leadId}`)).items.map((l) => [l.leadId, l.object]).sort()).toEqual([
      [bad.leadId, 'contact'],
      [bad.leadId, 'meeting'],
    ]);

    const detail = await rig.call('GET', `/api/v1/pushes/${line.id}`);
    expect(detail.body).toMatchObject({
      request: { operation: 'create', object: 'contact', properties: { email: '•••', firstname: '•••' } },
      answer: { accepted: false, code: 'VALIDATION_ERROR', fields: ['email'] },
    });
    const everything = JSON.stringify([await list('&limit=500'), detail.body]);
    expect(everything).not.toMatch(/zebulon|refused\.example|46701740605/i);
  });

  it('stopped by a rule is no failure: its own state, its promise, no retry (B5, F4, B8)', async () => {
    const leadId = randomUUID();
    rig.door.people.set(leadId, { name: 'Test Person', email: `${leadId}@waits.example` });
    rig.door.refusals.set(leadId, 'not-informed');
    await rig.meeting(engagementId, leadId);
    await rig.later(0.02);
    const line = await lineOf(leadId);
    expect(line).toMatchObject({
      state: 'blocked',
      cause: 'not-informed',
      rule: { promises: ['B8'] },
      nextTryAt: null,
    });
    for (const what of ['retry', 'park', 'skip'])
      expect(await act(line.id, what, what === 'skip' ? { reason: 'not-needed' } : undefined)).toMatchObject({
        status: 409,
        body: { code: 'push-blocked-by-rule' },
      });
  });

  it('an objection takes what was queued out of the queue at once', async () => {
    const leadId = await rig.lead(engagementId);
    await rig.meeting(engagementId, leadId);
    await eventually(async () => expect(await lineOf(leadId)).toMatchObject({ state: 'queued' }));
    const objectedAt = rig.clock.now().toString();
    await rig.event(LeadObjected, { leadId, engagementId, leadVersion: 7, objectedAt });
    await eventually(async () =>
      expect(await lineOf(leadId)).toMatchObject({ state: 'blocked', rule: { promises: ['B5', 'F5'] } }),
    );
  });

  it('beside each meeting: how far its CRM has been told, for whoever sees meetings, and of their own engagements alone', async () => {
    const told = async (query: string) => rig.call('GET', `/api/v1/pushes/of-meetings?${query}`);
    const { bookingId } = await rig.pushed(engagementId);
    const bad = await refused();
    const from = rig.clock.now().subtract({ hours: 24 }).toString();
    for (const role of ['booker', 'client', 'supervisor'] as const) {
      rig.role = role;
      const { items } = (await told(`engagementId=${engagementId}&from=${from}&days=31`)).body as { items: object[] };
      expect(items).toHaveLength(2);
      expect(items).toContainEqual({ bookingId, kind: 'hubspot', state: 'confirmed' });
      expect(items).toContainEqual({ bookingId: bad.bookingId, kind: 'hubspot', state: 'parked' });
    }
    expect(
      (
        await told(
          `from=${rig.clock
            .now()
            .subtract({ hours: 24 * 60 })
            .toString()}`,
        )
      ).body['items'],
    ).toEqual([]);
    expect((await told(`engagementId=${randomUUID()}&from=${from}`)).status).toBe(404);
    expect((await told('from=soon')).status).toBe(400);
  });

  it('pages hold each line once, what needs a person first; counts name the causes', async () => {
    for (let i = 0; i < 3; i++) await rig.pushed(engagementId);
    for (let i = 0; i < 2; i++) await refused();
    const seen: Line[] = [];
    for (let after: string | null = ''; after !== null;) {
      const page = await list(`&limit=3${after ? `&after=${after}` : ''}`);
      seen.push(...page.items);
      after = page.next;
    }
    expect(seen.map((l) => l.state)).toEqual([...Array(4).fill('parked'), ...Array(6).fill('confirmed')]);
    expect(new Set(seen.map((l) => l.id)).size).toBe(10);
    const causes = await rig.call('GET', `/api/v1/pushes/causes?engagementId=${engagementId}`);
    expect(causes.body['items']).toEqual([
      expect.objectContaining({ state: 'parked', cause: 'contact-failed', count: 2 }),
      expect.objectContaining({ state: 'parked', cause: 'value-refused', count: 2 }),
      expect.objectContaining({ state: 'confirmed', cause: null, count: 6 }),
    ]);
    expect((await list('&cause=value-refused&state=parked')).items).toHaveLength(2);
    expect((await list(`&connectionId=${randomUUID()}`)).items).toEqual([]);
    for (const after of ['6~1~nonsense', '7~1~0190ffff-0000-7000-8000-000000000001', "6~1'~x"])
      expect((await rig.call('GET', `/api/v1/pushes?after=${after}`)).status).toBe(400);
  });

  it('a page of a hundred thousand is a walk along an index', async () => {
    await rig.database.sql(
      `insert into crm_sync.crm_push (connection_id, object, external_key, engagement_id, lead_id, state, cause, at)
       select $1, 'contact', gen_random_uuid(), $2, gen_random_uuid(), case when i % 50 = 0 then 'parked' else 'confirmed' end,
         case when i % 50 = 0 then 'refused' end, timestamptz '2027-01-01' + i * interval '1 second' from generate_series(1, 100000) i`,
      [connectionId, engagementId],
    );
    await rig.database.sql('analyze crm_sync.crm_push');
    const timed = async (query: string) => {
      const from = performance.now();
      const page = await list(query);
      return { page, ms: performance.now() - from };
    };
    const first = await timed('&limit=100');
    expect(first.page.items.every((l) => l.state === 'parked')).toBe(true);
    const [deep] = await rig.database.sql<{ cursor: string }>(
      `select urgency || '~' || (extract(epoch from at) * 1000000)::bigint || '~' || id as cursor from crm_sync.crm_push
       where engagement_id = $1 and state = 'confirmed' order by at limit 1 offset 500`,
      [engagementId],
    );
    const last = await timed(`&limit=100&after=${deep!.cursor}`);
    expect(last.page.items).toHaveLength(100);
    const other = await timed(`&limit=100&connectionId=${randomUUID()}`);
    expect(other.page.items).toEqual([]);
    const causes = await timed('&limit=100&cause=refused');
    expect(causes.page.items).toHaveLength(100);
    for (const { ms } of [first, last, other, causes]) expect(ms).toBeLessThan(300); // the screen's own budget
    await rig.database.sql(`delete from crm_sync.crm_push where engagement_id = $1`, [engagementId]);
  });
});

describe('retry, park, skip', () => {
  it('retry tells what is behind, once however often it is pressed, and is audited', async () => {
    const { leadId } = await refused();
    rig.hubspot.invalid.clear();
    const { id } = await lineOf(leadId);
    const [one, two] = await Promise.all([act(id, 'retry', undefined, 'k1'), act(id, 'retry', undefined, 'k1')]);
    expect([one.status, two.status]).toEqual([200, 200]);
    await rig.rest();
    expect(contactsOf(leadId)).toHaveLength(1);
    expect(await lineOf(leadId)).toMatchObject({ state: 'confirmed', cause: null, refusedFields: [] });
    expect(await lineOf(leadId, 'meeting')).toMatchObject({ state: 'confirmed' }); // it had waited for its person only
    expect((await audited('push.retried')).filter((e) => e.detail['id'] === id)).toMatchObject([
      { engagement: engagementId, detail: { from: 'parked', to: 'queued' } },
    ]);
    expect(await act(id, 'retry')).toMatchObject({ status: 409, body: { code: 'push-not-open' } });
  });

  it('set aside by a person: news do not wake it, a retry does', async () => {
    const { leadId, bookingId } = await refused();
    const { id } = await lineOf(leadId);
    expect((await act(id, 'park')).body).toMatchObject({ state: 'parked', setAside: true, cause: 'value-refused' });
    rig.hubspot.invalid.clear();
    await rig.meeting(engagementId, leadId, MeetingMoved, { bookingId, sequence: 1 });
    await rig.later(0.02);
    expect(contactsOf(leadId)).toHaveLength(0);
    expect(await lineOf(leadId)).toMatchObject({ state: 'parked', setAside: true });
    await act(id, 'retry');
    await rig.rest();
    expect(contactsOf(leadId)).toHaveLength(1);
  });

  it('skipped with a reason: not told, but the next change is; a retry undoes it', async () => {
    const { leadId, bookingId } = await refused();
    rig.hubspot.invalid.clear();
    const { id } = await lineOf(leadId, 'meeting');
    expect((await act(id, 'skip', { reason: 'because I say so' })).status).toBe(400);
    expect((await act(id, 'skip', {})).status).toBe(400);
    expect((await act(id, 'skip', { reason: 'told-otherwise' })).body).toMatchObject({
      state: 'skipped',
      skipReason: 'told-otherwise',
    });
    expect((await act(id, 'skip', { reason: 'told-otherwise' })).status).toBe(200);
    await act((await lineOf(leadId)).id, 'retry');
    await rig.rest();
    expect(await lineOf(leadId, 'meeting')).toMatchObject({ state: 'skipped' });
    expect(rig.hubspot.live('meetings').filter((m) => m.properties['hs_i_cal_uid'] === bookingId)).toHaveLength(0);
    await act(id, 'retry');
    await rig.rest();
    expect(rig.hubspot.live('meetings').filter((m) => m.properties['hs_i_cal_uid'] === bookingId)).toHaveLength(1);
  });

  it('all of one cause, this connection’s alone; what fails again is not taken twice', async () => {
    const leads = [await refused(), await refused(), await refused()];
    const still = rig.door.people.get(leads[0]!.leadId)!.email!;
    rig.hubspot.invalid.clear();
    rig.hubspot.invalid.add(still);
    const upserts = () => rig.hubspot.calls.filter((c) => c.includes('contacts/batch/upsert')).length;
    const before = upserts();
    const path = '/api/v1/pushes/retry';
    const asked = await rig.call('POST', path, { cause: 'value-refused', connectionId });
    expect(asked).toMatchObject({ status: 202, body: { cause: 'value-refused', count: 3 } });
    await rig.rest();
    expect(leads.map((l) => contactsOf(l.leadId).length)).toEqual([0, 1, 1]);
    expect(upserts()).toBe(before + 1);
    expect(await lineOf(leads[0]!.leadId)).toMatchObject({ state: 'parked', tries: 2 });
    expect(await rig.call('POST', path, { cause: 'nonsense' })).toMatchObject({ status: 400 });
  });

  it('a park that comes while the push is being planned stops it; while the call is out it is refused', async () => {
    const leadId = await rig.lead(engagementId);
    await rig.meeting(engagementId, leadId);
    await eventually(async () => expect(await lineOf(leadId)).toMatchObject({ state: 'queued' }));
    const { id } = await lineOf(leadId);
    let answer: { status: number } | undefined;
    rig.door.onRead = async () => {
      rig.door.onRead = undefined;
      answer = await act(id, 'park');
    };
    await rig.later(0.02);
    expect(answer).toMatchObject({ status: 200 });
    expect(contactsOf(leadId)).toHaveLength(0);
    expect(await lineOf(leadId)).toMatchObject({ state: 'parked', cause: 'by-person' });

    rig.hubspot.onCall = async (where) => {
      if (!where.includes('contacts/batch/upsert')) return;
      rig.hubspot.onCall = undefined;
      answer = await act(id, 'skip', { reason: 'not-needed' });
    };
    await act(id, 'retry');
    await rig.rest();
    expect(answer).toMatchObject({ status: 409, body: { code: 'push-under-way' } });
    expect(await lineOf(leadId)).toMatchObject({ state: 'confirmed' });
  });

  it('work that failed too often is parked there too, and is taken up again from there or by news', async () => {
    const { leadId, bookingId } = await rig.pushed(engagementId);
    const broken = { read: rig.door.read };
    rig.door.read = () => Promise.reject(new TypeError('a bug'));
    await rig.meeting(engagementId, leadId, MeetingMoved, { bookingId, sequence: 1 });
    await rig.at(rig.clock.now().add({ seconds: 60 }).toString()).catch(() => undefined);
    await eventually(async () => {
      await rig.database.sql(`update crm_sync.due set not_before = '-infinity' where lead_id = $1`, [leadId]);
      expect(await lineOf(leadId, 'meeting')).toMatchObject({ state: 'parked', cause: 'given-up', nextTryAt: null });
    }, 20_000);
    rig.door.read = broken.read;
    await rig.meeting(engagementId, leadId, MeetingMoved, { bookingId, sequence: 2, startsAt: '2027-01-22T10:00:00Z' });
    await rig.later(0.02);
    expect(await lineOf(leadId, 'meeting')).toMatchObject({ state: 'confirmed' });
    const [meeting] = rig.hubspot.live('meetings').filter((m) => m.properties['hs_i_cal_uid'] === bookingId);
    expect(meeting?.properties['hs_meeting_start_time']).toBe('2027-01-22T10:00:00.000Z');
  }, 40_000);
});

it.each([
  ['supervisor', 200, 200],
  ['admin', 200, 200],
  ['dpo', 200, 403],
  ['booker', 403, 403],
  ['client', 403, 403],
] as const)('role matrix: %s reads %i, acts %i', async (role, reads, acts) => {
  const { leadId } = await refused();
  const { id } = await lineOf(leadId);
  rig.role = role;
  for (const path of ['', '/causes', `/${id}`])
    expect((await rig.call('GET', `/api/v1/pushes${path}`)).status).toBe(reads);
  expect((await act(id, 'park')).status).toBe(acts);
  expect((await act(id, 'skip', { reason: 'not-needed' })).status).toBe(acts);
  expect((await act(id, 'retry')).status).toBe(acts);
  const all = await rig.call('POST', '/api/v1/pushes/retry', { cause: 'value-refused', engagementId });
  expect(all.status).toBe(acts === 200 ? 202 : 403);
});

it('another engagement’s push is not found', async () => {
  const { leadId } = await rig.pushed(engagementId);
  const { id } = await lineOf(leadId);
  const mine = rig.engagementIds;
  rig.engagementIds = [randomUUID()];
  expect((await rig.call('GET', `/api/v1/pushes/${id}`)).status).toBe(404);
  expect((await act(id, 'retry')).status).toBe(404);
  expect((await rig.call('GET', `/api/v1/pushes?engagementId=${engagementId}`)).status).toBe(404);
  expect((await rig.call('POST', '/api/v1/pushes/retry', { cause: 'refused', engagementId })).status).toBe(404);
  rig.engagementIds = mine;
});
