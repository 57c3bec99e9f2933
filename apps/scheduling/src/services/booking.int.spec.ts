import {
  EngagementChanged,
  EngagementEnded,
  EngagementStarted,
  LeadObjected,
  LeadChanged,
  LeadRegistered,
  LeadReleased,
  LeadRestricted,
} from '@avtala/contracts';
import { catalogProblems, scopeOf } from '@avtala/database';
import { eventually } from '@avtala/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { insertBooking, moveSlot, type Booking } from '../storage/bookings.js';
import { lockCase } from '../storage/lead-cases.js';
import { NOW, World } from './world.fixture.js';

let world: World;
let hostId = '';
let typeId = '';
beforeAll(async () => {
  world = await World.create();
  await world.engagement(world.engagementId);
});
afterAll(() => world.close());
beforeEach(async () => {
  world.clock.set(NOW);
  ({ hostId, typeId } = await world.hostAndType());
});

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const at = (hhmm: string, day = '2027-03-02') => `${day}T${hhmm}:00+01:00`;
const book = async (startsAt: string, more: object = {}, as: Parameters<World['call']>[3] = {}) =>
  world.call('POST', '/bookings', { meetingTypeId: typeId, leadId: await world.lead(), startsAt, ...more }, as);
const overlaps = async () => {
  const [row] = await world.sql<{ n: number }>(
    `select count(*)::int as n from scheduling.host_slot a join scheduling.host_slot b
       on a.host_id = b.host_id and a.booking_id < b.booking_id and a.blocked && b.blocked`,
  );
  return row!.n;
};
const rowOf = (leadId: string, startsAt: string): Booking => ({
  id: randomUUID(),
  engagementId: world.engagementId,
  leadId,
  hostId,
  meetingTypeId: typeId,
  startsAt: Temporal.Instant.from(startsAt),
  endsAt: Temporal.Instant.from(startsAt).add({ minutes: 30 }),
  timeZone: 'Europe/Stockholm',
  state: 'booked',
  sequence: 0,
  decidedAt: world.clock.now(),
  bookedBy: null,
});
const spanFrom = (startsAt: string) => {
  const from = Temporal.Instant.from(startsAt).epochMilliseconds / 60_000;
  return { from, to: from + 30 };
};

describe('one winner', () => {
  // The test of the exclusion constraint: both transactions are open at once, so only the constraint can tell them apart.
  it('exclusion constraint: the second of two open transactions waits, and gets nothing', async () => {
    const [one, two] = [await world.lead(), await world.lead()];
    const scope = scopeOf(world.engagementId);
    const startsAt = at('10:00');
    let inserted!: () => void;
    let commit!: () => void;
    const firstInserted = new Promise<void>((resolve) => (inserted = resolve));
    const mayCommit = new Promise<void>((resolve) => (commit = resolve));
    const first = world.db.withScope(scope, async (tx) => {
      const won = await insertBooking(tx, rowOf(one, startsAt), spanFrom(startsAt));
      inserted();
      await mayCommit;
      return won;
    });
    await firstInserted;
    const second = world.db.withScope(scope, (tx) => insertBooking(tx, rowOf(two, startsAt), spanFrom(startsAt)));
    setTimeout(commit, 200);
    expect(await first).toBe(true);
    expect(await second).toBe(false);
    expect(await overlaps()).toBe(0);
  });

  it('gives the slot to one of ten who press together', async () => {
    const tries = await Promise.all(range(10).map(() => book(at('11:00'))));
    expect(tries.map((t) => t.status).sort()).toEqual([201, ...range(9).map(() => 409)]);
    expect(tries.filter((t) => t.status === 409).map((t) => t.body.code)).toEqual(range(9).map(() => 'slot-taken'));
    const winner = tries.find((t) => t.status === 201)!;
    const told = await world.sql(
      `select 1 from (select payload from scheduling.outbox union all select payload from scheduling.log) e
       where payload->>'hostId' = $1 and payload->>'bookingId' = $2`,
      [hostId, winner.body.id],
    );
    expect(told).toHaveLength(1);
  });

  it('50 at once over contended ranges: no two of a host overlap', async () => {
    const types = [
      typeId,
      ...(await Promise.all(
        [45, 60].map(async (lengthMinutes) => {
          const type = await world.call('POST', '/meeting-types', {
            engagementId: world.engagementId,
            name: 'Annat',
            lengthMinutes,
            bufferAfterMinutes: 10,
            stepMinutes: 15,
            hostIds: [hostId],
          });
          return type.body.id;
        }),
      )),
    ];
    const tries = await Promise.all(
      range(50).map((i) => {
        const hour = String(12 + (i % 4)).padStart(2, '0');
        return book(at(`${hour}:${i % 2 ? '30' : '00'}`), { meetingTypeId: types[i % 3] });
      }),
    );
    expect(new Set(tries.map((t) => t.status))).toEqual(new Set([201, 409]));
    expect(tries.filter((t) => t.status === 201).length).toBeGreaterThanOrEqual(3);
    expect(await overlaps()).toBe(0);
  });

  it('two meetings that move into each other’s place: nobody loses theirs', async () => {
    const [a, b] = [await book(at('10:00')), await book(at('11:00'))];
    const moves = await Promise.all([
      world.call('POST', `/bookings/${a.body.id}/move`, { startsAt: at('11:00') }),
      world.call('POST', `/bookings/${b.body.id}/move`, { startsAt: at('10:00') }),
    ]);
    for (const m of moves) expect([200, 409]).toContain(m.status);
    expect(await overlaps()).toBe(0);
    const slots = await world.sql('select 1 from scheduling.host_slot where host_id = $1', [hostId]);
    expect(slots).toHaveLength(2);
  });

  it('a move that loses changes nothing', async () => {
    const [a, b] = [await book(at('10:00')), await book(at('11:00'))];
    const lost = await world.call('POST', `/bookings/${a.body.id}/move`, { startsAt: at('11:00') });
    expect(lost).toMatchObject({ status: 409, body: { code: 'slot-taken' } });
    expect((await world.call('GET', `/bookings/${a.body.id}`)).body).toMatchObject({
      sequence: 0,
      startsAt: '2027-03-02T09:00:00Z',
    });
    expect(b.status).toBe(201);
    const gone = world.db.withScope(scopeOf(world.engagementId), async (tx) => {
      if (!(await moveSlot(tx, { id: a.body.id, hostId }, spanFrom(at('11:00'))))) throw new Error('taken');
    });
    await expect(gone).rejects.toThrow('taken');
    expect(await world.sql('select 1 from scheduling.host_slot where booking_id = $1', [a.body.id])).toHaveLength(1);
  });
});

// The lock is taken before anything is decided: without it the outbox could hold a lead's later event first.
it('lead lock: two changes of one lead are told in the order they were decided', async () => {
  const leadId = await world.lead();
  const booked = await book(at('10:00'), { leadId });
  let locked!: () => void;
  let release!: () => void;
  const isLocked = new Promise<void>((resolve) => (locked = resolve));
  const mayEnd = new Promise<void>((resolve) => (release = resolve));
  const holder = world.db.withScope(scopeOf(world.engagementId), async (tx) => {
    await lockCase(tx, leadId);
    locked();
    await mayEnd;
  });
  await isLocked;
  let moved = false;
  const move = world.call('POST', `/bookings/${booked.body.id}/move`, { startsAt: at('12:00') }).then((a) => {
    moved = true;
    return a;
  });
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(moved).toBe(false);
  release();
  await holder;
  expect((await move).status).toBe(200);
});

describe('what is refused', () => {
  test.each([
    ['a past slot', '2027-02-26T10:00:00+01:00', 422, 'start-in-past'],
    ['outside hours', at('19:00'), 422, 'outside-hours'],
    ['off the grid', at('10:10'), 422, 'not-on-grid'],
    ['beyond the horizon', '2027-06-02T10:00:00+02:00', 422, 'beyond-horizon'],
    ['a local time that does not exist', '2027-03-28T02:30', 400, 'local-time-nonexistent'],
    ['no time at all', 'tomorrow', 400, 'local-time-malformed'],
  ])('%s', async (_, startsAt, status, code) => {
    const timeZone = 'Europe/Stockholm';
    expect(await book(startsAt, { timeZone })).toMatchObject({ status, body: { code } });
  });

  it('too soon for the meeting type', async () => {
    const type = await world.hostAndType({ noticeMinutes: 60 * 24 });
    expect(await book(at('08:30'), { meetingTypeId: type.typeId })).toMatchObject({
      status: 422,
      body: { code: 'too-soon' },
    });
  });

  test.each([
    ['objected', 409, 'lead-objected'],
    ['restricted', 409, 'lead-restricted'],
    ['erased', 409, 'lead-erased'],
    ['unknown', 404, 'not-found'],
  ] as const)('B5: a lead of whom the door says %s', async (status, http, code) => {
    const leadId = await world.lead();
    world.door.set(leadId, status);
    expect(await book(at('10:00'), { leadId })).toMatchObject({ status: http, body: { code } });
  });

  it('ids that are unknown, or another engagement’s: 404 alike', async () => {
    const other = await world.engagement();
    const theirs = await world.lead(other);
    world.door.set(theirs, 'objected');
    const nobody = randomUUID();
    world.door.set(nobody, 'unknown');
    for (const leadId of [theirs, nobody]) {
      expect(await book(at('10:00'), { leadId })).toMatchObject({ status: 404, body: { code: 'not-found' } });
    }
    expect(await book(at('10:00'), { meetingTypeId: randomUUID() })).toMatchObject({ status: 404 });
    expect(await book(at('10:00'), { hostId: randomUUID() })).toMatchObject({ status: 404 });
    const mine = await book(at('10:00'));
    for (const [method, path] of [
      ['GET', `/bookings/${mine.body.id}`],
      ['POST', `/bookings/${mine.body.id}/cancel`],
      ['POST', `/bookings/${mine.body.id}/move`],
      ['GET', `/meeting-types/${typeId}/slots?from=2027-03-02T00:00Z&to=2027-03-03T00:00Z`],
      ['GET', `/bookings?engagementId=${world.engagementId}`],
    ] as const) {
      const body = method === 'POST' ? { ...(path.endsWith('move') ? { startsAt: at('15:00') } : {}) } : undefined;
      expect((await world.call(method, path, body, { engagements: [other] })).status).toBe(404);
    }
    expect((await world.call('GET', '/bookings/17')).status).toBe(404);
  });

  it('A5: from the instant access ends, and what was booked before stands', async () => {
    const engagementId = await world.engagement();
    const before = world.engagementId;
    world.engagementId = engagementId;
    const { typeId: type } = await world.hostAndType();
    const booked = await book(at('10:00'), { meetingTypeId: type });
    await world.sql('update scheduling.engagement set ended_at = $2 where engagement_id = $1', [engagementId, NOW]);
    expect(await book(at('11:00'), { meetingTypeId: type })).toMatchObject({
      status: 409,
      body: { code: 'engagement-ended' },
    });
    expect(await world.call('POST', `/bookings/${booked.body.id}/move`, { startsAt: at('12:00') })).toMatchObject({
      status: 409,
      body: { code: 'engagement-ended' },
    });
    expect((await world.call('GET', `/bookings/${booked.body.id}`)).body.state).toBe('booked');
    expect((await world.call('POST', `/bookings/${booked.body.id}/cancel`, {})).status).toBe(200);
    world.engagementId = before;
  });

  it('tombstone check: a buried lead is not booked, whatever the door said a moment ago', async () => {
    const leadId = await world.lead();
    await world.sql(
      `insert into scheduling.tombstone (kind, id, engagement_id, order_id) values ('lead', $1, $2, $3)`,
      [leadId, world.engagementId, randomUUID()],
    );
    expect(await book(at('10:00'), { leadId })).toMatchObject({ status: 409, body: { code: 'lead-erased' } });
    expect(await world.sql('select 1 from scheduling.booking where lead_id = $1', [leadId])).toHaveLength(0);
  });

  test.each(['client', 'dpo'])('by somebody who is a %s', async (role) => {
    expect((await book(at('10:00'), {}, { role })).status).toBe(403);
  });

  test.each<[string, string, object, number, string]>([
    [
      'hours that run backwards',
      '/hosts',
      { weeklyHours: [{ day: 1, from: '17:00', to: '09:00' }] },
      400,
      'hours-backwards',
    ],
    ['an unknown zone', '/hosts', { timeZone: 'Europe/Atlantis' }, 400, 'request-invalid'],
    ['an unknown field', '/hosts', { phone: '1' }, 400, 'request-invalid'],
    ['another’s engagement', '/hosts', { engagementIds: [randomUUID()] }, 404, 'not-found'],
  ])('%s', async (_, path, change, status, code) => {
    const host = {
      name: 'H',
      email: 'h@client.example',
      timeZone: 'UTC',
      engagementIds: [world.engagementId],
      weeklyHours: [{ day: 1, from: '09:00', to: '17:00' }],
    };
    expect(await world.call('POST', path, { ...host, ...change })).toMatchObject({ status, body: { code } });
  });

  test.each([
    ['from=2027-03-03T00:00Z&to=2027-03-02T00:00Z', 'range-backwards'],
    ['from=2027-03-01T00:00Z&to=2027-06-02T00:00Z', 'range-too-long'],
    ['from=2027-03-28T02:30&to=2027-03-29T00:00&timeZone=Europe/Stockholm', 'local-time-nonexistent'],
    ['from=2026-10-25T02:30&to=2026-10-29T00:00&timeZone=Europe/Stockholm', 'local-time-ambiguous'],
    ['from=2027-03-02T00:00&to=2027-03-03T00:00', 'local-time-malformed'],
    ['from=2027-03-02T00:00&to=2027-03-03T00:00&timeZone=Mars/Base', 'local-time-unknown-zone'],
  ])('slots %s: %s', async (query, code) => {
    expect(await world.call('GET', `/meeting-types/${typeId}/slots?${query}`)).toMatchObject({
      status: 400,
      body: { code },
    });
  });
});

describe('idempotency', () => {
  it('a repeat gets the first answer, although its own slot is taken by then', async () => {
    const leadId = await world.lead();
    const first = await book(at('10:00'), { leadId }, { key: 'k-1' });
    const again = await book(at('10:00'), { leadId }, { key: 'k-1' });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(await book(at('11:00'), { leadId }, { key: 'k-1' })).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
    expect((await book(at('12:00'), {}, { key: null })).body.code).toBe('idempotency-key-missing');
  });

  it('twins pressed at once make one booking', async () => {
    const leadId = await world.lead();
    const twins = await Promise.all(range(5).map(() => book(at('13:00'), { leadId }, { key: 'k-2' })));
    expect(new Set(twins.map((t) => `${t.status} ${t.body.id}`)).size).toBe(1);
    expect(twins[0]!.status).toBe(201);
  });
});

describe('slots and hosts', () => {
  const slots = async (query = 'from=2027-03-02T00:00&to=2027-03-03T00:00&timeZone=Europe/Stockholm') => {
    const answer = await world.call('GET', `/meeting-types/${typeId}/slots?${query}`);
    return answer.body as unknown as { slots: { local: string; hostId: string }[]; unreadable: string[] };
  };

  it('lists what is free, in the zone that was asked for', async () => {
    await book(at('08:30'));
    const found = (await slots()).slots.map((s) => s.local.slice(11));
    expect(found.slice(0, 3)).toEqual(['08:00:00+01:00', '09:00:00+01:00', '09:30:00+01:00']);
    expect(found).toHaveLength(19);
  });

  it('without a host the type’s hosts are tried in their order', async () => {
    const second = await world.hostAndType();
    const type = await world.call('POST', '/meeting-types', {
      engagementId: world.engagementId,
      name: 'Båda',
      lengthMinutes: 30,
      hostIds: [hostId, second.hostId],
    });
    const tries = await Promise.all(range(4).map(() => book(at('10:00'), { meetingTypeId: type.body.id })));
    expect(tries.map((t) => t.status).sort()).toEqual([201, 201, 409, 409]);
    const won = tries.filter((t) => t.status === 201).map((t) => (t.body as unknown as { hostId: string }).hostId);
    expect(new Set(won)).toEqual(new Set([hostId, second.hostId]));
  });

  it('an own calendar that is busy is in the way, and one that cannot be read is busy and named', async () => {
    ({ hostId, typeId } = await world.hostAndType({}, true));
    world.google.busy = [{ start: at('10:00'), end: at('10:15') }];
    await world.quiet(); // the first reading has ended, and does not meet the next one
    world.pass(301); // what was read before is too old to go by
    let local: string[] = [];
    // While another reading is under way the calendar counts as unreadable.
    await eventually(async () => (local = (await slots()).slots.map((s) => s.local.slice(11, 16))).length > 0);
    expect(local).not.toContain('10:00');
    expect(local).toContain('10:30');
    expect(await book(at('10:00'))).toMatchObject({ status: 409, body: { code: 'slot-taken' } });
    world.google.busy = [];
    for (const fault of ['unreadable', 'down'] as const) {
      ({ hostId, typeId } = await world.hostAndType({}, true));
      world.google.fault = fault;
      world.pass(301); // what was read before is too old to go by
      expect(await slots()).toMatchObject({ slots: [], unreadable: [hostId] });
      expect(await book(at('10:00'))).toMatchObject({ status: 409, body: { code: 'calendar-unreadable' } });
    }
    world.google.fault = 'none';
  });

  it('pages through an engagement’s bookings by start', async () => {
    const engagementId = await world.engagement();
    const before = world.engagementId;
    world.engagementId = engagementId;
    ({ typeId } = await world.hostAndType());
    for (const t of ['12:00', '10:00', '11:00']) await book(at(t));
    type Page = { items: { startsAt: string; leadId: string }[]; next: string | null };
    const one = (await world.call('GET', `/bookings?engagementId=${engagementId}&limit=2`)).body as unknown as Page;
    const two = (await world.call('GET', `/bookings?engagementId=${engagementId}&limit=2&after=${one.next}`))
      .body as unknown as Page;
    expect([...one.items, ...two.items].map((b) => b.startsAt.slice(11, 16))).toEqual(['09:00', '10:00', '11:00']);
    expect(two.next).toBeNull();
    const { leadId } = one.items[1]!;
    const hers = (await world.call('GET', `/bookings?engagementId=${engagementId}&leadId=${leadId}`))
      .body as never as Page;
    expect(hers.items).toEqual([one.items[1]]);
    world.engagementId = before;
  });

  it('says whose booking it is, whoever changes it later; a client is not told', async () => {
    const user = randomUUID();
    const { body } = await book(at('15:00', '2027-03-05'), {}, { role: 'booker', user });
    expect(body['bookedBy']).toBe(user);
    await world.call('POST', `/bookings/${body.id}/cancel`, {});
    const seenBy = async (role: 'supervisor' | 'client') =>
      (await world.call('GET', `/bookings/${body.id}`, undefined, { role })).body;
    expect(await seenBy('supervisor')).toMatchObject({ state: 'cancelled', bookedBy: user });
    expect(await seenBy('client')).toMatchObject({ state: 'cancelled', bookedBy: null });
  });

  it('narrows by time, host and state, over all of the caller’s engagements and none of another’s', async () => {
    const engagementId = await world.engagement();
    const before = world.engagementId;
    world.engagementId = engagementId;
    let hostId: string;
    ({ typeId, hostId } = await world.hostAndType());
    const made = [];
    for (const t of ['10:00', '11:00', '12:00']) made.push((await book(at(t))).body['id']);
    await world.call('POST', `/bookings/${made[2]}/cancel`, {});
    const ids = async (query: string) =>
      ((await world.call('GET', `/bookings?${query}`)).body as unknown as { items: { id: string }[] }).items.map(
        (b) => b.id,
      );
    const day = at('10:00').slice(0, 10);
    const mine = await ids(`from=${day}T00:00:00Z&to=${day}T23:00:00Z&hostId=${hostId}`);
    expect(mine).toEqual(made);
    expect(await ids(`engagementId=${engagementId}&from=${day}T09:30:00Z&to=${day}T10:30:00Z`)).toEqual([made[1]]);
    expect(await ids(`engagementId=${engagementId}&state=cancelled`)).toEqual([made[2]]);
    expect(await world.call('GET', '/bookings?state=gone')).toMatchObject({ status: 400 });
    expect(await world.call('GET', '/bookings?from=soon')).toMatchObject({ status: 400 });
    world.engagementId = before;
  });
});

describe('held, missed, cancelled', () => {
  it('each end is final and told', async () => {
    const leadId = await world.lead();
    const { body } = await book(at('10:00'), { leadId });
    expect(await world.call('POST', `/bookings/${body.id}/held`)).toMatchObject({
      body: { code: 'meeting-not-started' },
    });
    world.clock.set('2027-03-02T09:30:00Z');
    expect(await world.call('POST', `/bookings/${body.id}/missed`)).toMatchObject({
      status: 200,
      body: { state: 'missed' },
    });
    expect(await world.call('POST', `/bookings/${body.id}/held`)).toMatchObject({
      status: 409,
      body: { code: 'booking-missed' },
    });
    expect(await world.told('meeting.missed.v1', leadId)).toMatchObject([{ bookingId: body.id }]);
  });

  it('a cancelled meeting’s time is free again', async () => {
    const { body } = await book(at('10:00'));
    expect(await world.call('POST', `/bookings/${body.id}/cancel`, { reason: 'lead-asked' })).toMatchObject({
      body: { state: 'cancelled', sequence: 1 },
    });
    expect((await book(at('10:00'))).status).toBe(201);
    expect((await world.call('POST', `/bookings/${body.id}/cancel`, { reason: 'Anna ringde' })).body.code).toBe(
      'request-invalid',
    );
  });
});

describe('what others tell', () => {
  const facts = (engagementId: string, version: number) => ({
    engagementId,
    clientId: randomUUID(),
    version,
    retentionMonths: 2,
    timeZone: 'Europe/Stockholm',
    assessed: true,
    eraseOnReply: false,
    crmErasure: 'delete-created' as const,
    memberIds: [],
  });

  it('an engagement starts, changes and ends; leads come in, say no, are released; twice and in any order of versions', async () => {
    const engagementId = randomUUID();
    const leadId = randomUUID();
    const started = { ...facts(engagementId, 1), startedAt: '2027-01-01T00:00:00Z' };
    for (let i = 0; i < 2; i++) await world.publish(EngagementStarted, started);
    await world.publish(EngagementChanged, { ...facts(engagementId, 3), timeZone: 'Asia/Kolkata' });
    await world.publish(EngagementChanged, facts(engagementId, 2));
    const registered = {
      leadId,
      engagementId,
      leadVersion: 1,
      timeZone: 'Asia/Kolkata',
      ground: 'consent' as const,
      obtainedAt: NOW,
    };
    for (let i = 0; i < 2; i++) await world.publish(LeadRegistered, registered);
    const changed = { leadId, engagementId, leadVersion: 2, fields: ['phone'] };
    await world.publish(LeadChanged, { ...changed, timeZone: 'Europe/Helsinki' });
    await world.publish(LeadChanged, { ...changed, fields: ['title'] });
    await world.publish(LeadRestricted, { leadId, engagementId, leadVersion: 4 });
    await world.publish(LeadReleased, { leadId, engagementId, leadVersion: 3 });
    await world.publish(LeadObjected, { leadId, engagementId, leadVersion: 5, objectedAt: NOW });
    await world.publish(EngagementEnded, {
      engagementId,
      clientId: randomUUID(),
      version: 4,
      endedAt: '2027-04-01T00:00:00Z',
      retentionMonths: 2,
    });
    await eventually(async () => {
      const [e] = await world.sql<{ ended_at: Date | null; time_zone: string }>(
        'select ended_at, time_zone from scheduling.engagement where engagement_id = $1',
        [engagementId],
      );
      const [c] = await world.sql(
        'select time_zone, objected, restricted from scheduling.lead_case where lead_id = $1',
        [leadId],
      );
      expect(e).toEqual({ ended_at: new Date('2027-04-01T00:00:00Z'), time_zone: 'Asia/Kolkata' });
      expect(c).toEqual({ time_zone: 'Europe/Helsinki', objected: true, restricted: true });
    });
  });
});

it('every table of an engagement has its policy, and slots are read without names', async () => {
  expect(await catalogProblems(world.adminUrl(), 'scheduling')).toEqual([]);
  const direct = world.db.withScope(scopeOf(world.engagementId), (tx) =>
    tx.query('select host_id, blocked from host_slot'),
  );
  await expect(direct).rejects.toThrow('permission denied');
});

it('a host’s name and address are nowhere in the clear', async () => {
  const rows = await world.sql<{ person: Buffer }>('select person from scheduling.host');
  for (const { person } of rows) expect(person.toString('latin1')).not.toMatch(/hakan|client\.example/);
});

describe('what an engagement is set up with', () => {
  it('hosts are listed by name, never by address, and meeting types with their rules', async () => {
    const hosts = await world.call('GET', `/hosts?engagementId=${world.engagementId}`);
    expect(hosts.body['items']).toContainEqual({
      id: hostId,
      name: 'Håkan Ek',
      timeZone: 'Europe/Stockholm',
      weeklyHours: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '08:00', to: '18:00' })),
      engagementIds: [world.engagementId],
      calendar: null,
    });
    expect(JSON.stringify(hosts.body)).not.toContain('@');
    const types = await world.call('GET', `/meeting-types?engagementId=${world.engagementId}`);
    expect(types.body['items']).toContainEqual(
      expect.objectContaining({ id: typeId, name: 'Genomgång', lengthMinutes: 30, hostIds: [hostId] }),
    );
  });

  it('another’s engagement is not found, and its hosts are not in anybody’s list', async () => {
    const outsider = { engagements: [randomUUID()] };
    for (const path of ['/hosts', '/meeting-types']) {
      expect((await world.call('GET', `${path}?engagementId=${world.engagementId}`, undefined, outsider)).status).toBe(
        404,
      );
      expect((await world.call('GET', path, undefined, outsider)).body['items']).toEqual([]);
    }
  });
});
