import { EngagementErasureOrdered, ErasureCleared, LeadErasureOrdered, LeadRegistered } from '@avtala/contracts';
import { eventually } from '@avtala/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { calendarEventId } from '../domain/event-id.js';
import { NOW, World } from './world.fixture.js';

let world: World;
let typeId = '';
let leadId = '';
let orderId = '';
beforeAll(async () => {
  world = await World.create();
});
afterAll(() => world.close());
beforeEach(async () => {
  world.clock.set(NOW);
  world.mails.length = 0;
  world.google.fault = 'none';
  world.engagementId = await world.engagement();
  ({ typeId } = await world.hostAndType({}, true));
  leadId = await world.lead();
  orderId = randomUUID();
});

const book = async (startsAt: string, lead = leadId) => {
  const answer = await world.call('POST', '/bookings', { meetingTypeId: typeId, leadId: lead, startsAt });
  expect(answer.status).toBe(201);
  return answer.body.id;
};
const order = async () => {
  world.door.set(leadId, 'erased');
  const { engagementId } = world;
  await world.publish(LeadErasureOrdered, { orderId, leadId, engagementId, reason: 'request', orderedAt: NOW });
};
const orderAll = () =>
  world.publish(EngagementErasureOrdered, { orderId, engagementId: world.engagementId, orderedAt: NOW });
const cleared = (lead?: string) =>
  world.publish(ErasureCleared, {
    orderId,
    engagementId: world.engagementId,
    ...(lead ? { leadId: lead } : {}),
  } as ErasureCleared);
interface Receipt {
  phase: string;
  counts: Record<string, number>;
  outstanding: string[];
}
const receipts = async (): Promise<Receipt[]> => {
  const all = (await world.told('erasure.receipt.v1')) as unknown as (Receipt & { orderId: string })[];
  return all
    .filter((r) => r.orderId === orderId)
    .map(({ phase, counts, outstanding }) => ({ phase, counts, outstanding }));
};
const phases = async () => (await receipts()).map((r) => r.phase);
const has = (phase: string) => eventually(async () => (await phases()).includes(phase), 25_000);
const told = async () => {
  world.pass(11);
  await world.quiet();
};
/** Rows that hold an id anywhere in scheduling's tables; tombstones, audit and the saga's own events may. */
const rowsWith = async (id: string) => {
  const tables = await world.sql<{ t: string }>(
    `select table_name as t from information_schema.tables where table_schema = 'scheduling' and table_type = 'BASE TABLE'
       and table_name not in ('tombstone', 'audit_entry', 'inbox', 'cursor', 'migration')`,
  );
  const found: string[] = [];
  for (const { t } of tables) {
    const saga = ['log', 'outbox'].includes(t) ? `and type not like '%erasure%'` : '';
    const rows = await world.sql(`select 1 from scheduling.${t} x where x::text like '%' || $1 || '%' ${saga}`, [id]);
    if (rows.length) found.push(t);
  }
  return found;
};

describe('erasing a lead', () => {
  it('E1: meetings ahead are cancelled with the lead told, calendars emptied, rows gone, all read back', async () => {
    const past = await book('2027-03-02T10:00:00+01:00');
    const ahead = await book('2027-03-05T10:00:00+01:00');
    await told();
    world.clock.set('2027-03-03T08:00:00Z');
    await order();
    await has('asked');
    expect(world.mails.map((m) => m.parsed.subject)).toEqual([
      'Inbjudan: Genomgång',
      'Inbjudan: Genomgång',
      'Inställt: Genomgång',
    ]);
    expect(world.reads.filter((r) => r.purpose === 'erasure').length).toBeGreaterThan(0);
    for (const id of [past, ahead]) {
      expect(world.google.events.get(calendarEventId(id, 0))).toMatchObject({
        status: 'cancelled',
        summary: '',
        description: '',
        location: '',
      });
    }
    expect(await world.told('meeting.cancelled.v1', leadId)).toMatchObject([{ bookingId: ahead, silent: true }]);
    await cleared(leadId);
    await has('verified');
    expect(await receipts()).toEqual([
      { phase: 'stopped', counts: {}, outstanding: [] },
      { phase: 'asked', counts: { cancelled: 1, events: 2 }, outstanding: [] },
      { phase: 'verified', counts: { cancelled: 1, events: 2, leads: 1, bookings: 2, left: 0 }, outstanding: [] },
    ]);
    expect(await rowsWith(leadId)).toEqual([]);
    for (const id of [past, ahead]) expect(await rowsWith(id)).toEqual([]);
    expect(await rowsWith(orderId)).toEqual([]);
  });

  it('new bookings are refused from the order on, and late events bring nobody back', async () => {
    await order();
    await has('asked');
    world.door.set(leadId, 'ok'); // even if the door did not know
    const late = await world.call('POST', '/bookings', {
      meetingTypeId: typeId,
      leadId,
      startsAt: '2027-03-02T10:00:00+01:00',
    });
    expect(late).toMatchObject({ status: 409, body: { code: 'lead-erased' } });
    await cleared(leadId);
    await has('verified');
    await world.publish(LeadRegistered, {
      leadId,
      engagementId: world.engagementId,
      leadVersion: 1,
      timeZone: 'UTC',
      ground: 'consent',
      obtainedAt: NOW,
    });
    await world.publish(LeadErasureOrdered, {
      orderId: randomUUID(),
      leadId: randomUUID(),
      engagementId: world.engagementId,
      reason: 'request',
      orderedAt: NOW,
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await world.sql('select 1 from scheduling.lead_case where lead_id = $1', [leadId])).toEqual([]);
  });

  it('an invite that was never sent is not cancelled: nothing is sent', async () => {
    await book('2027-03-05T10:00:00+01:00');
    await order();
    await has('asked');
    await told();
    expect(world.mails).toEqual([]);
  });

  it('a meeting cancelled just before, whose lead was not told yet, is told by the order', async () => {
    const id = await book('2027-03-05T10:00:00+01:00');
    await told();
    await world.call('POST', `/bookings/${id}/cancel`, {});
    await order();
    await has('asked');
    expect(world.mails.at(-1)!.parsed.subject).toBe('Inställt: Genomgång');
    expect(world.mails).toHaveLength(2);
  });

  it('a meeting cancelled while its lead might not be written to is told by the order', async () => {
    const id = await book('2027-03-05T10:00:00+01:00');
    await told();
    world.door.set(leadId, 'restricted');
    await world.call('POST', `/bookings/${id}/cancel`, {});
    await told();
    expect(await world.told('invite.failed.v1', leadId)).toMatchObject([{ reason: 'not-allowed', sequence: 1 }]);
    await order();
    await has('asked');
    expect(world.mails.map((m) => m.parsed.subject)).toEqual(['Inbjudan: Genomgång', 'Inställt: Genomgång']);
  });

  it('a mail server that is away for a minute does not keep the lead from being told', async () => {
    await book('2027-03-05T10:00:00+01:00');
    await told();
    world.mailFault = 451;
    await order();
    const dueRow = () => world.sql<{ tries: number }>(`select tries from scheduling.due where key = $1`, [orderId]);
    await eventually(async () => (await dueRow())[0]!.tries > 0);
    await world.sql(`update scheduling.due set tries = 8, not_before = '-infinity' where key = $1`, [orderId]);
    await eventually(async () => (await dueRow())[0]!.tries > 8);
    expect(await phases()).toEqual(['stopped']);
    world.mailFault = undefined;
    await world.sql(`update scheduling.due set not_before = '-infinity' where key = $1`, [orderId]);
    await has('asked');
    expect(world.mails.at(-1)!.parsed.subject).toBe('Inställt: Genomgång');
    expect((await receipts()).at(-1)!.outstanding).toEqual([]);
  });

  it('said twice, done once', async () => {
    const id = await book('2027-03-05T10:00:00+01:00');
    await told();
    await order();
    await has('asked');
    await order();
    await world.sql(
      `insert into scheduling.due (kind, key, engagement_id, due_at) values ('erase-ask', $1, $2, $3) on conflict do nothing`,
      [orderId, world.engagementId, NOW],
    );
    await world.quiet();
    await cleared(leadId);
    await cleared(leadId);
    await has('verified');
    await world.quiet();
    expect(await phases()).toEqual(['stopped', 'asked', 'verified']);
    expect(world.mails).toHaveLength(2);
    expect(world.google.events.get(calendarEventId(id, 0))!.summary).toBe('');
  });

  it('cleared that comes before the order waits for it', async () => {
    await cleared(leadId);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await order();
    await has('verified');
    expect((await phases()).at(-1)).toBe('verified');
  });

  test.each(['lies', 'down'] as const)(
    'a calendar that is %s is named, not believed; and asked again the next day',
    async (fault) => {
      const id = await book('2027-03-05T10:00:00+01:00');
      await told();
      world.google.fault = fault;
      await order();
      await has('asked');
      expect((await receipts()).at(-1)).toMatchObject({ phase: 'asked', outstanding: ['google-calendar'] });
      await cleared(leadId);
      await has('verified');
      expect((await receipts()).at(-1)).toMatchObject({
        phase: 'verified',
        outstanding: ['google-calendar'],
        counts: { left: 0 },
      });
      expect(await world.sql('select 1 from scheduling.booking where id = $1', [id])).toEqual([]);
      world.google.fault = 'none';
      world.pass(86_401);
      await eventually(async () => (await receipts()).length === 4, 25_000);
      expect((await receipts()).at(-1)).toMatchObject({ phase: 'verified', outstanding: [], counts: { left: 0 } });
      expect(world.google.events.get(calendarEventId(id, 0))).toMatchObject({ status: 'cancelled', summary: '' });
      expect(await rowsWith(leadId)).toEqual([]);
    },
    90_000,
  );

  it('a booking that races with the order is found by it or refused', async () => {
    const leads = await Promise.all(Array.from({ length: 8 }, () => world.lead()));
    const orders = leads.map((lead) => ({
      orderId: randomUUID(),
      leadId: lead,
      engagementId: world.engagementId,
      reason: 'request' as const,
      orderedAt: NOW,
    }));
    const tries = await Promise.all(
      leads.flatMap((lead, i) => [
        world.call('POST', '/bookings', {
          meetingTypeId: typeId,
          leadId: lead,
          startsAt: `2027-03-05T${String(8 + i).padStart(2, '0')}:00:00+01:00`,
        }),
        world.publish(LeadErasureOrdered, orders[i]!),
      ]),
    );
    for (const t of tries) if (t) expect([201, 409]).toContain(t.status);
    await eventually(async () => {
      const [left] = await world.sql<{ n: number }>(
        `select count(*)::int as n from scheduling.booking where lead_id = any($1) and state = 'booked'`,
        [leads],
      );
      return (
        left!.n === 0 &&
        (await world.sql('select 1 from scheduling.tombstone where id = any($1)', [leads])).length === 8
      );
    }, 20_000);
  });
});

describe('erasing an engagement', () => {
  it('E1, A8: everybody, the set-up, and hosts that serve nobody any more', async () => {
    const other = await world.lead();
    await book('2027-03-02T10:00:00+01:00');
    await book('2027-03-05T10:00:00+01:00', other);
    await told();
    world.door.set(leadId, 'erased').set(other, 'erased');
    world.clock.set('2027-03-03T08:00:00Z');
    await orderAll();
    await has('asked');
    await cleared();
    await has('verified');
    await world.quiet();
    expect((await receipts()).at(-1)).toMatchObject({
      counts: { leads: 2, bookings: 2, events: 2, left: 0 },
      outstanding: [],
    });
    for (const id of [leadId, other, world.engagementId]) expect(await rowsWith(id)).toEqual([]);
    const refused = await world.call('POST', '/meeting-types', {
      engagementId: world.engagementId,
      name: 'X',
      lengthMinutes: 30,
      hostIds: [randomUUID()],
    });
    expect(refused.status).toBe(404);
  });

  const hostsOf = (id: string) => world.sql<{ id: string }>('select id from scheduling.host where id = $1', [id]);
  const connectionOf = async (id: string) => {
    const [row] = await world.sql<{ id: string }>('select id from scheduling.calendar_connection where host_id = $1', [
      id,
    ]);
    return row!.id;
  };
  /** An order of another engagement that reads its events back tomorrow. */
  const openOrder = async (events: object[], lead: string | null = null) => {
    const id = randomUUID();
    const elsewhere = await world.engagement();
    await world.sql(
      `insert into scheduling.erasure (order_id, engagement_id, lead_id, ordered_at, stage, events) values ($1, $2, $3, $4, 'reading-back', $5)`,
      [id, elsewhere, lead, NOW, JSON.stringify(events)],
    );
    await world.sql(`insert into scheduling.due (kind, key, engagement_id, due_at) values ('erase-rows', $1, $2, $3)`, [
      id,
      elsewhere,
      '2027-03-02T08:00:00Z',
    ]);
    return id;
  };
  const eraseAll = async () => {
    await orderAll();
    await has('asked');
    await cleared();
    await has('verified');
    await world.quiet();
  };

  it('A8: an open order that does not need a host’s calendar does not keep the host', async () => {
    const { hostId } = await world.hostAndType({}, true);
    const needless = await openOrder([{ connectionId: randomUUID(), eventId: 'x' }]);
    await eraseAll();
    expect(await hostsOf(hostId)).toEqual([]);
    await world.sql('delete from scheduling.erasure where order_id = $1', [needless]);
    await world.sql('delete from scheduling.due where key = $1', [needless]);
  });

  it('A8: an open order that has an event in it does, until it is done: also one about a lead', async () => {
    const { hostId } = await world.hostAndType({}, true);
    await openOrder([{ connectionId: await connectionOf(hostId), eventId: 'gone' }], randomUUID());
    await eraseAll();
    expect(await hostsOf(hostId)).toHaveLength(1);
    world.pass(86_401);
    await eventually(async () => (await hostsOf(hostId)).length === 0, 25_000);
  });

  it('A8: of two orders that end together one forgets the host they had in common', async () => {
    const { hostId } = await world.hostAndType({}, true);
    const events = [{ connectionId: await connectionOf(hostId), eventId: 'gone' }];
    const other = await openOrder(events);
    const mine = await openOrder(events);
    await world.sql('delete from scheduling.host_engagement where host_id = $1', [hostId]);
    await world.sql(
      'delete from scheduling.engagement where engagement_id in (select engagement_id from scheduling.erasure)',
    );
    world.pass(86_401);
    await eventually(
      async () =>
        !(await world.sql('select 1 from scheduling.erasure where order_id in ($1, $2)', [other, mine])).length,
      25_000,
    );
    expect(await hostsOf(hostId)).toEqual([]);
  });

  it('a host who serves another engagement stays', async () => {
    const first = world.engagementId;
    const second = await world.engagement();
    const shared = await world.call(
      'POST',
      '/hosts',
      {
        name: 'Delad',
        email: 'delad@client.example',
        timeZone: 'UTC',
        engagementIds: [first, second],
        weeklyHours: [{ day: 1, from: '09:00', to: '17:00' }],
      },
      { engagements: [first, second] },
    );
    expect(shared.status).toBe(201);
    await orderAll();
    await has('asked');
    await cleared();
    await has('verified');
    await world.quiet();
    const hosts = await world.sql<{ id: string }>('select id from scheduling.host where id = $1', [shared.body.id]);
    expect(hosts).toHaveLength(1);
    expect(await rowsWith(first)).toEqual([]);
  });
});
