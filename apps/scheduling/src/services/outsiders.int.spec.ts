import { eventually } from '@avtala/test-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { scopeOf } from '@avtala/database';
import { MailSender } from '@avtala/mail';
import { calendarEventId } from '../domain/event-id.js';
import { findBooking } from '../storage/bookings.js';
import { Sending } from './sending.js';
import { NOW, World, type Answer } from './world.fixture.js';

let world: World;
let typeId = '';
let leadId = '';
let booked: Answer;
const START = '2027-03-02T10:00:00+01:00';

beforeAll(async () => {
  world = await World.create();
  await world.engagement(world.engagementId);
});
afterAll(() => world.close());

const setUp = async () => {
  world.clock.set(NOW);
  world.mails.length = 0;
  world.mailFault = undefined;
  world.google.fault = 'none';
  world.google.calls.length = 0;
  world.google.onWrite = undefined;
  ({ typeId } = await world.hostAndType({}, true));
  leadId = await world.lead();
  booked = await world.call('POST', '/bookings', { meetingTypeId: typeId, leadId, startsAt: START });
  expect(booked.status).toBe(201);
};
beforeEach(setUp);

const move = (startsAt: string) => world.call('POST', `/bookings/${booked.body.id}/move`, { startsAt });
const cancel = () => world.call('POST', `/bookings/${booked.body.id}/cancel`, {});
const told = async () => {
  world.pass(11);
  await world.quiet();
};
/** METHOD and SEQUENCE of every mail, in the order of arrival. */
const methods = () =>
  world.mails.map(({ parsed }) => {
    const ics = parsed.attachments.find((a) => a.filename === 'invite.ics')!.content.toString();
    return `${/METHOD:(\w+)/.exec(ics)![1]} ${/SEQUENCE:(\d+)/.exec(ics)![1]}`;
  });
const event = (generation = 0) => world.google.events.get(calendarEventId(booked.body.id, generation));
/** Makes the due row look as it does after a kill: the lease has run out, nothing was recorded. */
const crashed = (kind: string) =>
  world.sql(
    `insert into scheduling.due (kind, key, engagement_id, lead_id, due_at) values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [kind, booked.body.id, world.engagementId, leadId, NOW],
  );

describe('invites', () => {
  it('nothing leaves before the undo window has passed, then one REQUEST with the notice; B8: delivered is told', async () => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(world.mails).toHaveLength(0);
    await told();
    expect(methods()).toEqual(['REQUEST 0']);
    expect(world.mails[0]!.parsed.text).toMatch(/Tid: tisdag 2 mars 2027, 10:00–10:30[\s\S]*Bolagsregistret/);
    expect(await world.told('invite.delivered.v1', leadId)).toMatchObject([{ bookingId: booked.body.id, sequence: 0 }]);
  });

  it('a meeting moved within the window: only the newer is told', async () => {
    await move('2027-03-02T11:00:00+01:00');
    await told();
    expect(methods()).toEqual(['REQUEST 1']);
  });

  it('cancelled within the window: nothing was sent, so nothing is cancelled', async () => {
    await cancel();
    await told();
    expect(world.mails).toHaveLength(0);
    expect(world.google.events.has(calendarEventId(booked.body.id, 0))).toBe(false);
  });

  it('moved, then cancelled after it was told: each with its own SEQUENCE', async () => {
    await told();
    await move('2027-03-02T11:00:00+01:00');
    await told();
    await cancel();
    await told();
    expect(methods()).toEqual(['REQUEST 0', 'REQUEST 1', 'CANCEL 2']);
    expect(await world.told('meeting.cancelled.v1', leadId)).toMatchObject([{ sequence: 2 }]);
  });

  it('deterministic mail: a repeat after a crash is byte-identical', async () => {
    await told();
    await world.sql(`update scheduling.invite set state = 'sending' where booking_id = $1`, [booked.body.id]);
    await crashed('invite');
    world.pass(3600); // a Date of now would differ
    await world.quiet();
    expect(world.mails).toHaveLength(2);
    expect(world.mails[1]!.raw).toBe(world.mails[0]!.raw);
  });

  it('when the person’s data changed since the first try, a new SEQUENCE is taken, which the calendar follows', async () => {
    await told();
    await world.sql(`update scheduling.invite set state = 'sending' where booking_id = $1`, [booked.body.id]);
    world.people.set(leadId, { name: 'Åsa Öberg-Ek', email: 'asa.ek@lead.example' });
    await crashed('invite');
    await told();
    expect(methods()).toEqual(['REQUEST 0', 'REQUEST 1']);
    await told();
    expect(
      await world.sql('select state, sequence from scheduling.calendar_event where booking_id = $1', [booked.body.id]),
    ).toEqual([{ state: 'written', sequence: 1 }]);
    await cancel();
    await told();
    expect(methods().at(-1)).toBe('CANCEL 2');
  });

  it('a refusal of what may have been sent: a cancellation still follows it', async () => {
    await told();
    await world.sql(`update scheduling.invite set state = 'sending' where booking_id = $1`, [booked.body.id]); // its outcome was never recorded
    world.door.set(leadId, 'restricted');
    await crashed('invite');
    await told();
    expect(await world.told('invite.failed.v1', leadId)).toMatchObject([{ reason: 'not-allowed', sequence: 0 }]);
    world.door.set(leadId, 'ok');
    await cancel();
    await told();
    expect(methods()).toEqual(['REQUEST 0', 'CANCEL 1']);
  });

  it('what was sent stays sent: a refusal that comes late neither tells nor overwrites', async () => {
    await told();
    const sending = world.service.app.get(Sending);
    const seen = await world.db.withScope(scopeOf(world.engagementId), (tx) => findBooking(tx, booked.body.id));
    await sending.failed(seen!, 'REQUEST', 'not-allowed', undefined);
    expect(await world.sql('select state from scheduling.invite where booking_id = $1', [booked.body.id])).toEqual([
      { state: 'sent' },
    ]);
    expect(await world.told('invite.failed.v1', leadId)).toEqual([]);
  });

  test.each([
    ['objected', 'not-allowed'],
    ['restricted', 'not-allowed'],
  ] as const)('contact-read gate: who %s a second ago is not written to', async (status, reason) => {
    world.door.set(leadId, status);
    await told();
    expect(world.mails).toHaveLength(0);
    expect(await world.told('invite.failed.v1', leadId)).toMatchObject([{ reason, sequence: 0 }]);
    expect(event()).toBeUndefined();
    expect(world.reads.filter((r) => r.ids.includes(leadId)).map((r) => r.purpose)).toContain('invite');
  });

  it('who has no address cannot be written to, which is told', async () => {
    world.people.set(leadId, { name: 'Åsa' });
    await told();
    expect(await world.told('invite.failed.v1', leadId)).toMatchObject([{ reason: 'no-address' }]);
    await cancel();
    await told();
    expect(world.mails).toHaveLength(0);
  });

  it('a server that refuses for good is told; one that says later is tried again with the same bytes', async () => {
    world.mailFault = 550;
    await told();
    expect(await world.told('invite.failed.v1', leadId)).toMatchObject([{ reason: 'refused' }]);
    await setUp();
    world.mailFault = 451;
    world.pass(11);
    await eventually(async () => {
      const [due] = await world.sql<{ error: string }>(
        `select error from scheduling.due where kind = 'invite' and tries > 0`,
      );
      expect(due!.error).toBe('smtp-451');
    });
    world.mailFault = undefined;
    await world.quiet();
    expect(methods()).toEqual(['REQUEST 0']);
  });

  it('intent before call: the row is there before the mail leaves', async () => {
    const sender = world.service.app.get(MailSender);
    const send = sender.send.bind(sender);
    const seen: string[] = [];
    sender.send = async (message) => {
      const rows = await world.sql<{ state: string }>('select state from scheduling.invite where booking_id = $1', [
        booked.body.id,
      ]);
      seen.push(...rows.map((r) => r.state));
      return send(message);
    };
    await told();
    sender.send = send;
    expect(seen).toEqual(['sending']);
  });
});

describe('the host’s calendar', () => {
  it('gets the event with who it is, under an id of ours, and follows a move and a cancellation', async () => {
    await told();
    expect(event()).toMatchObject({
      status: 'confirmed',
      summary: 'Genomgång: Åsa Öberg',
      start: { dateTime: '2027-03-02T09:00:00Z' },
      extendedProperties: { private: { avtalaBooking: booked.body.id } },
    });
    await move('2027-03-02T11:00:00+01:00');
    await told();
    expect(event()).toMatchObject({ start: { dateTime: '2027-03-02T10:00:00Z' } });
    expect(world.google.events.size).toBeGreaterThan(0);
    await cancel();
    await told();
    expect(event()).toMatchObject({ status: 'cancelled' });
  });

  it('intent before call: what is attempted is written down first, with the id it will have', async () => {
    const seen: object[] = [];
    world.google.onWrite = async () => {
      seen.push(
        ...(await world.sql('select event_id, state from scheduling.calendar_event where booking_id = $1', [
          booked.body.id,
        ])),
      );
    };
    await told();
    expect(seen[0]).toEqual({ event_id: calendarEventId(booked.body.id, 0), state: 'writing' });
  });

  it('an answer that never came: the same id finds the first event, and there is one', async () => {
    const before = world.google.events.size;
    world.google.fault = 'timeout-after-commit';
    await told();
    expect(world.google.events.size).toBe(before + 1);
    expect(
      await world.sql('select state from scheduling.calendar_event where booking_id = $1', [booked.body.id]),
    ).toEqual([{ state: 'written' }]);
  });

  it('an id used up by an event cancelled at the vendor gets a generation', async () => {
    await told();
    event()!.status = 'cancelled';
    await move('2027-03-02T11:00:00+01:00');
    await told();
    expect(event(1)).toMatchObject({ status: 'confirmed', start: { dateTime: '2027-03-02T10:00:00Z' } });
    await cancel();
    await told();
    expect(event(1)).toMatchObject({ status: 'cancelled' });
  });

  it('a token that ended early is renewed; a vendor that is down is tried again; its words are kept nowhere', async () => {
    world.google.fault = 'expired-token';
    await told();
    expect(event()).toBeDefined();
    await setUp();
    world.google.fault = 'down';
    world.pass(11);
    await eventually(async () => {
      const due = await world.sql<{ error: string }>(
        `select error from scheduling.due where kind = 'calendar-write' and tries > 0`,
      );
      expect(due.map((d) => d.error)).toEqual(['google-503']);
    });
    world.google.fault = 'none';
    await world.quiet();
    expect(event()).toBeDefined();
  });

  it('a removal that was refused is tried again on request, until nothing is left', async () => {
    await told();
    await cancel();
    world.google.fault = 'refuses';
    await told();
    const again = () => world.call('POST', `/bookings/${booked.body.id}/write-again`);
    expect(event()).toMatchObject({ status: 'confirmed' });
    world.google.fault = 'none';
    expect(await again()).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    await told();
    expect(event()).toMatchObject({ status: 'cancelled' });
    expect(await again()).toMatchObject({ status: 409, body: { code: 'booking-cancelled' } });
  });

  it('ids that are used up one after the other are not tried for ever', async () => {
    for (let generation = 0; generation < 8; generation++) {
      const id = calendarEventId(booked.body.id, generation);
      world.google.events.set(id, { id, status: 'cancelled' });
    }
    await told();
    expect(
      await world.sql(
        'select generation, state, code from scheduling.calendar_event where booking_id = $1 order by 1',
        [booked.body.id],
      ),
    ).toEqual([
      ...[0, 1, 2, 3].map((generation) => ({ generation, state: 'removed', code: null })),
      { generation: 4, state: 'failed', code: 'event-ids-used-up' },
    ]);
    await move('2027-03-02T11:00:00+01:00'); // another SEQUENCE: it is tried anew
    await told();
    expect(event(8)).toMatchObject({ status: 'confirmed' });
  });

  it('a repeat after a crash writes nothing new', async () => {
    await told();
    await world.sql(`update scheduling.calendar_event set state = 'writing' where booking_id = $1`, [booked.body.id]);
    await crashed('calendar-write');
    const before = world.google.events.size;
    await world.quiet();
    expect(world.google.events.size).toBe(before);
  });
});
