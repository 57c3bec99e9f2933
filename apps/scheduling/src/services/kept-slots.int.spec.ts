import { EngagementErasureOrdered, ErasureCleared, LeadErasureOrdered } from '@avtala/contracts';
import { eventually } from '@avtala/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
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
const keep = async (startsAt: string, more: object = {}, as: Parameters<World['call']>[3] = {}) =>
  world.call(
    'POST',
    '/slots/keep',
    { meetingTypeId: typeId, hostId, leadId: await world.lead(), startsAt, ...more },
    as,
  );
const book = async (startsAt: string, more: object = {}) =>
  world.call('POST', '/bookings', { meetingTypeId: typeId, leadId: await world.lead(), startsAt, ...more });
const slotsOf = (id: string = hostId) =>
  world.sql<{ kind: string; booking_id: string }>(
    'select kind, booking_id from scheduling.host_slot where host_id = $1 order by blocked',
    [id],
  );

describe('one winner', () => {
  it('of 32 who keep and book the same time together', async () => {
    const tries = await Promise.all(range(32).map((i) => (i % 2 ? keep(at('10:00')) : book(at('10:00')))));
    expect(tries.filter((t) => t.status === 201)).toHaveLength(1);
    expect(tries.filter((t) => t.status === 409).map((t) => t.body.code)).toEqual(range(31).map(() => 'slot-taken'));
    expect(await slotsOf()).toHaveLength(1);
  });

  it('of a lead’s own keep, booking and release at once: never two slots, never none without a reason', async () => {
    for (let round = 0; round < 5; round++) {
      const leadId = await world.lead();
      const startsAt = at(`${10 + round}:00`);
      const kept = await keep(startsAt, { leadId });
      const [booked] = await Promise.all([
        book(startsAt, { leadId }),
        world.call('DELETE', `/slots/keep/${kept.body.id}`),
        keep(startsAt, { leadId: await world.lead() }),
      ]);
      const taken = await world.sql<{ kind: string }>(
        `select kind from scheduling.host_slot where host_id = $1 and blocked && tstzrange($2, $2::timestamptz + interval '30 min')`,
        [hostId, startsAt],
      );
      expect(taken).toHaveLength(1);
      expect(taken[0]!.kind).toBe(booked.status === 201 ? 'booked' : 'kept');
    }
  });
});

describe('a slot kept for a lead', () => {
  it('is kept for a day, is nobody else’s, and becomes the lead’s booking', async () => {
    const leadId = await world.lead();
    const kept = await keep(at('10:00'), { leadId });
    expect(kept).toMatchObject({ status: 201, body: { leadId, hostId, keptUntil: '2027-03-02T08:00:00Z' } });
    expect(await book(at('10:00'))).toMatchObject({ status: 409, body: { code: 'slot-taken' } });
    const booked = await book(at('10:00'), { leadId });
    expect(booked.status).toBe(201);
    expect(await slotsOf()).toEqual([{ kind: 'booked', booking_id: booked.body.id }]);
    expect(await world.sql('select 1 from scheduling.due where key = $1', [kept.body.id])).toHaveLength(0);
    expect((await world.call('DELETE', `/slots/keep/${kept.body.id}`)).status).toBe(404);
  });

  it('comes first among the type’s hosts, and goes when the lead books another time', async () => {
    const second = await world.hostAndType();
    const both = await world.call('POST', '/meeting-types', {
      engagementId: world.engagementId,
      name: 'Båda',
      lengthMinutes: 30,
      hostIds: [hostId, second.hostId],
    });
    const leadId = await world.lead();
    const kept = { leadId, hostId: second.hostId, meetingTypeId: both.body.id };
    expect((await keep(at('10:00'), kept)).status).toBe(201);
    expect((await book(at('10:00'), { leadId, meetingTypeId: both.body.id })).body).toMatchObject({
      hostId: second.hostId,
    });
    const other = await world.lead();
    await keep(at('12:00'), { leadId: other });
    expect((await book(at('13:00'), { leadId: other })).status).toBe(201);
    expect((await slotsOf()).map((s) => s.kind)).toEqual(['booked']);
  });

  it('a lead has one: another one takes its place, or, when that is taken, the first one stands', async () => {
    const leadId = await world.lead();
    await keep(at('10:00'), { leadId });
    expect((await keep(at('11:00'), { leadId })).status).toBe(201);
    expect(await slotsOf()).toHaveLength(1);
    await book(at('12:00'));
    expect((await keep(at('12:00'), { leadId })).status).toBe(409);
    expect((await slotsOf()).map((s) => s.kind)).toEqual(['kept', 'booked']);
    expect((await book(at('11:00'), { leadId })).status).toBe(201);
  });

  it('runs out by itself, at the latest when it would begin, and is given back by a press', async () => {
    const soon = await keep(at('10:00', '2027-03-01'));
    expect(soon.body).toMatchObject({ keptUntil: '2027-03-01T09:00:00Z' });
    const short = await keep(at('11:00'), { forMinutes: 30 });
    expect(short.status).toBe(201);
    world.clock.set('2027-03-01T08:31:00Z');
    await world.quiet();
    expect((await slotsOf()).map((s) => s.booking_id)).toEqual([soon.body.id]);
    expect((await book(at('11:00'))).status).toBe(201);
    expect((await world.call('DELETE', `/slots/keep/${soon.body.id}`)).status).toBe(204);
    expect((await book(at('10:00', '2027-03-01'))).status).toBe(201);
  });

  it('goes with the lead’s erasure, from the order on', async () => {
    const leadId = await world.lead();
    await keep(at('10:00'), { leadId });
    const orderId = randomUUID();
    const { engagementId } = world;
    world.door.set(leadId, 'erased');
    await world.publish(LeadErasureOrdered, { orderId, leadId, engagementId, reason: 'request', orderedAt: NOW });
    await eventually(async () => expect(await slotsOf()).toEqual([]));
    expect(await keep(at('11:00'), { leadId })).toMatchObject({ status: 409, body: { code: 'lead-erased' } });
    await world.publish(ErasureCleared, { orderId, engagementId, leadId } as ErasureCleared);
    await eventually(async () => {
      const told = (await world.told('erasure.receipt.v1')) as unknown as { orderId: string; counts: object }[];
      expect(told.filter((r) => r.orderId === orderId).at(-1)).toMatchObject({
        phase: 'verified',
        counts: { left: 0 },
      });
    });
    expect(await world.sql('select 1 from scheduling.kept_slot where lead_id = $1', [leadId])).toEqual([]);
  });

  it('goes with its engagement, and others’ stay', async () => {
    const mine = world.engagementId;
    world.engagementId = await world.engagement();
    const type = await world.hostAndType();
    const theirs = { hostId: type.hostId, meetingTypeId: type.typeId };
    expect((await keep(at('10:00'), theirs)).status).toBe(201);
    await world.publish(EngagementErasureOrdered, {
      orderId: randomUUID(),
      engagementId: world.engagementId,
      orderedAt: NOW,
    });
    world.engagementId = mine;
    await keep(at('10:00'));
    await eventually(async () => expect(await slotsOf(type.hostId)).toEqual([]));
    expect(await slotsOf()).toHaveLength(1);
  });

  test.each<[string, object, number, string]>([
    ['outside hours', { startsAt: at('19:00') }, 422, 'outside-hours'],
    ['a skipped hour', { startsAt: '2027-03-28T02:30', timeZone: 'Europe/Stockholm' }, 400, 'local-time-nonexistent'],
    ['a repeated hour', { startsAt: '2026-10-25T02:30', timeZone: 'Europe/Stockholm' }, 400, 'local-time-ambiguous'],
    ['for a year', { forMinutes: 525_600 }, 400, 'request-invalid'],
    ['for another host', { hostId: randomUUID() }, 404, 'not-found'],
    ['a type nobody has', { meetingTypeId: randomUUID() }, 404, 'not-found'],
  ])('is refused %s', async (_, more, status, code) => {
    expect(await keep(at('10:00'), more)).toMatchObject({ status, body: { code } });
    expect(await slotsOf()).toEqual([]);
  });

  it('is nobody’s outside the engagement, needs a key, and a repeat makes no second one', async () => {
    const leadId = await world.lead();
    const first = await keep(at('10:00'), { leadId }, { key: 'keep-1' });
    expect((await keep(at('10:00'), { leadId }, { key: 'keep-1' })).body).toEqual(first.body);
    expect((await keep(at('11:00'), {}, { key: null })).body.code).toBe('idempotency-key-missing');
    const other = await world.engagement();
    expect(
      (await world.call('DELETE', `/slots/keep/${first.body.id}`, undefined, { engagements: [other] })).status,
    ).toBe(404);
    expect((await keep(at('12:00'), {}, { role: 'client' })).status).toBe(403);
    expect(await slotsOf()).toHaveLength(1);
  });
});

describe('reassigning', () => {
  let second = '';
  let both = '';
  beforeEach(async () => {
    ({ hostId: second } = await world.hostAndType());
    const type = await world.call('POST', '/meeting-types', {
      engagementId: world.engagementId,
      name: 'Båda',
      lengthMinutes: 30,
      bufferAfterMinutes: 10,
      hostIds: [hostId, second],
    });
    both = type.body.id;
  });

  it('gives the meeting to another host of its type: SEQUENCE up, told, the first one free again', async () => {
    const leadId = await world.lead();
    const { body } = await book(at('10:00'), { leadId, meetingTypeId: both, hostId });
    const answer = await world.call('POST', `/bookings/${body.id}/reassign`, { hostId: second });
    expect(answer).toMatchObject({ status: 200, body: { hostId: second, sequence: 1, state: 'booked' } });
    expect(await slotsOf()).toEqual([]);
    expect(await slotsOf(second)).toHaveLength(1);
    expect(await world.told('meeting.moved.v1', leadId)).toMatchObject([{ hostId: second, sequence: 1 }]);
    expect((await book(at('10:00'), { hostId })).status).toBe(201);
  });

  it('two meetings given to the same host at once: one of them goes', async () => {
    const third = await world.hostAndType();
    const all = await world.call('POST', '/meeting-types', {
      engagementId: world.engagementId,
      name: 'Alla',
      lengthMinutes: 30,
      hostIds: [hostId, second, third.hostId],
    });
    const [a, b] = [
      await book(at('10:00'), { meetingTypeId: all.body.id, hostId }),
      await book(at('10:00'), { meetingTypeId: all.body.id, hostId: second }),
    ];
    const answers = await Promise.all(
      [a, b].map(({ body }) => world.call('POST', `/bookings/${body.id}/reassign`, { hostId: third.hostId })),
    );
    expect(answers.map((x) => x.status).sort()).toEqual([200, 409]);
    expect((await slotsOf()).length + (await slotsOf(second)).length).toBe(1);
    expect(await slotsOf(third.hostId)).toHaveLength(1);
  });

  it('is refused to a host who is busy, works not then, has it already or is not of the type', async () => {
    const { body } = await book(at('10:00'), { meetingTypeId: both, hostId });
    const to = (id: string) => world.call('POST', `/bookings/${body.id}/reassign`, { hostId: id });
    expect(await to(hostId)).toMatchObject({ status: 422, body: { code: 'host-unchanged' } });
    expect((await to((await world.hostAndType()).hostId)).status).toBe(404);
    await book(at('10:00'), { meetingTypeId: both, hostId: second });
    expect(await to(second)).toMatchObject({ status: 409, body: { code: 'slot-taken' } });
    world.clock.set('2027-03-02T09:10:00Z');
    expect(await to(second)).toMatchObject({ status: 409, body: { code: 'meeting-started' } });
  });
});

describe('so many a day', () => {
  const twoADay = () =>
    world.call('POST', '/meeting-types', {
      engagementId: world.engagementId,
      name: 'Två om dagen',
      lengthMinutes: 30,
      maxPerDay: 2,
      hostIds: [hostId],
    });

  it('is kept also by twelve who book at once, by moving and by keeping; the day says so', async () => {
    const type = await twoADay();
    const of = { meetingTypeId: type.body.id };
    const tries = await Promise.all(range(12).map((i) => book(at(`${String(8 + (i % 9)).padStart(2, '0')}:00`), of)));
    expect(tries.filter((t) => t.status === 201)).toHaveLength(2);
    const refused = tries.filter((t) => t.status !== 201).map((t) => t.body.code);
    for (const code of refused) expect(['day-full', 'slot-taken']).toContain(code);
    expect(await book(at('17:00'), of)).toMatchObject({ status: 422, body: { code: 'day-full' } });
    expect(await keep(at('17:00'), of)).toMatchObject({ status: 422, body: { code: 'day-full' } });
    const tomorrow = await book(at('10:00', '2027-03-03'), of);
    const move = await world.call('POST', `/bookings/${tomorrow.body.id}/move`, { startsAt: at('17:30') });
    expect(move).toMatchObject({ status: 422, body: { code: 'day-full' } });
    const mine = tries.find((t) => t.status === 201)!;
    expect((await world.call('POST', `/bookings/${mine.body.id}/move`, { startsAt: at('17:30') })).status).toBe(200);
    const query = 'from=2027-03-02T00:00&to=2027-03-04T00:00&timeZone=Europe/Stockholm';
    const answer = await world.call('GET', `/meeting-types/${type.body.id}/slots?${query}`);
    const { days, slots } = answer.body as unknown as { days: object[]; slots: { local: string }[] };
    expect(days).toEqual([{ day: '2027-03-02', reason: 'day-full' }]);
    expect(slots.every((s) => s.local.startsWith('2027-03-03'))).toBe(true);
  });

  it('is kept also when the day’s first meetings were held or missed', async () => {
    const type = await twoADay();
    const of = { meetingTypeId: type.body.id };
    for (const [hhmm, end] of [
      ['10:00', 'held'],
      ['11:00', 'missed'],
    ] as const) {
      // prettier-ignore
      const { body } = await book(at(hhmm), of);
      world.clock.set(Temporal.Instant.from(at(hhmm)).toString());
      expect((await world.call('POST', `/bookings/${body.id}/${end}`, {})).status).toBe(200);
    }
    expect(await book(at('16:00'), of)).toMatchObject({ status: 422, body: { code: 'day-full' } });
  });
});
