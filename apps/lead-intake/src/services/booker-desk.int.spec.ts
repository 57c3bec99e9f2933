import { MeetingBooked } from '@avtala/contracts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Bench, STATED } from '../../test/bench.js';
import { OnMeeting } from '../inbound/on-meeting.js';
import { Calling } from './calling.service.js';
import { CallingDesk } from './desk.service.js';
import { Floor } from './floor.service.js';
import { Intake } from './intake.service.js';
import { Leads } from './leads.service.js';
import { MyDay } from './my-day.service.js';
import { Outcomes, type CallResult } from './outcomes.service.js';

let bench: Bench;
beforeAll(async () => void (bench = await Bench.open()));
afterAll(() => bench.close());

const START = '2027-03-01T09:00:00Z';
let series = 0;
async function desk(n: number) {
  const engagementId = await bench.engagement();
  const booker = bench.caller('booker', engagementId);
  const made: string[] = [];
  series++;
  for (let i = 0; i < n; i++) {
    const raw = { name: `Disk Lead${i}`, company: `Bolag ${i} AB`, email: `disk${i}@serie${series}.example` };
    const boss = bench.caller('supervisor', engagementId);
    made.push((await bench.get(Intake).register(boss, engagementId, bench.claim(), raw, STATED)).id);
  }
  const ids = made.toSorted(); // taken in at one moment: handed out by id
  const companies = new Map(made.map((id, i) => [id, `Bolag ${i} AB`]));
  return {
    engagementId,
    booker,
    ids,
    company: (id: string | undefined) => companies.get(id!),
    next: () => bench.get(Calling).next(booker, bench.claim(), engagementId),
    reserve: (by = booker) => bench.get(Calling).reserve(by, engagementId),
    current: () => bench.get(Calling).current(booker, engagementId),
    queue: () => bench.get(CallingDesk).queue(booker, engagementId),
    record: (id: string, result: Partial<CallResult>) =>
      bench.get(Outcomes).record(booker, id, bench.claim(), { outcome: 'no-answer', informed: false, ...result }),
    undo: (id: string) => bench.get(Outcomes).undo(booker, id, bench.claim()),
  };
}

async function shown(leadId: string): Promise<number> {
  const audit = await bench.sql<{ canonical: Buffer }>(
    'select canonical from lead_intake.audit_entry where subject_ref = $1',
    [leadId],
  );
  return audit.filter((a) => JSON.parse(a.canonical.toString()).action === 'lead.handed-out').length;
}

describe('the next lead kept ready', () => {
  it('is nobody else’s, comes at once, and is written down when it is shown, not before (G3)', async () => {
    const d = await desk(2);
    const until = await d.reserve();
    expect(Temporal.Instant.from(until!).epochMilliseconds - Date.now()).toBeLessThanOrEqual(15_000);
    const [first] = d.ids;
    expect(await shown(first!)).toBe(0);
    expect(await d.current()).toBeNull(); // it was not shown
    const other = bench.caller('booker', d.engagementId);
    expect((await bench.get(Calling).next(other, bench.claim(), d.engagementId))!.id).toBe(d.ids[1]);
    expect((await d.next())!.id).toBe(first);
    expect(await shown(first!)).toBe(1);
    expect((await d.current())!.id).toBe(first);
    expect(await shown(first!)).toBe(2);
  });

  it('is one, however often it is asked for, and anybody’s again after 15 seconds', async () => {
    const d = await desk(2);
    await d.reserve();
    await d.reserve();
    expect(await bench.count('lead', `reserved and engagement_id = '${d.engagementId}'`)).toBe(1);
    await bench.sql(
      `update lead_intake.lead set claimed_until = now() - interval '1 second' where engagement_id = $1 and reserved`,
      [d.engagementId],
    );
    const other = bench.caller('booker', d.engagementId);
    expect((await bench.get(Calling).next(other, bench.claim(), d.engagementId))!.id).toBe(d.ids[0]);
    expect((await d.next())!.id).toBe(d.ids[1]);
  });

  it('is not shown when the person was set aside or said no meanwhile', async () => {
    const d = await desk(3);
    await d.reserve();
    await bench.get(Leads).correct(bench.caller('dpo', d.engagementId), d.ids[0]!, { restricted: true });
    expect((await d.next())!.id).toBe(d.ids[1]);
    await d.reserve();
    await bench.get(Outcomes).record(bench.caller('booker', d.engagementId), d.ids[2]!, bench.claim(), { outcome: 'objected', informed: false }); // prettier-ignore
    expect(await d.next()).toBeNull();
    expect(await shown(d.ids[2]!)).toBe(0);
  });

  it('is nobody when nobody is to be called', async () => {
    expect(await (await desk(0)).reserve()).toBeNull();
  });
});

const meeting = (engagementId: string, leadId: string, bookingId: string) =>
  MeetingBooked.of({
    ...{ bookingId, leadId, engagementId, sequence: 0, hostId: randomUUID(), meetingTypeId: randomUUID() },
    startsAt: '2027-03-10T09:00:00Z',
    endsAt: '2027-03-10T09:30:00Z',
    timeZone: 'Europe/Stockholm',
    decidedAt: START,
  });

describe('a meeting taken back within ten seconds', () => {
  it.each(['before its outcome', 'after its outcome', 'after it was taken back'])(
    'leaves the lead where it was, when its news comes %s',
    async (when) => {
      const d = await desk(1);
      const [id] = d.ids;
      await d.next();
      const bookingId = randomUUID();
      const news = () => bench.deliver(OnMeeting, 'booked', meeting(d.engagementId, id!, bookingId));
      if (when === 'before its outcome') await news();
      const outcome = await d.record(id!, { outcome: 'booked', informed: true, bookingId });
      if (when === 'after its outcome') await news();
      await d.undo(outcome.id);
      if (when === 'after it was taken back') await news();
      expect(await bench.get(Leads).read(d.booker, id!)).toMatchObject({ state: 'open', informedAt: null });
      expect((await d.current())!.id).toBe(id);
      // And another meeting counts.
      await bench.deliver(OnMeeting, 'booked', meeting(d.engagementId, id!, randomUUID()));
      expect(await bench.get(Leads).read(d.booker, id!)).toMatchObject({ state: 'booked' });
    },
  );
});

describe('a no', () => {
  it('towards this client only leaves the others', async () => {
    const d = await desk(1);
    const elsewhere = await bench.engagement();
    const n = d.company(d.ids[0])!.replace(/\D/g, '');
    const raw = { name: `Disk Lead${n}`, email: `disk${n}@serie${series}.example` };
    const boss = bench.caller('supervisor', elsewhere);
    await bench.get(Intake).register(boss, elsewhere, bench.claim(), raw, STATED);
    await d.record(d.ids[0]!, { outcome: 'objected', informed: true, scope: 'client' });
    await bench.runDue();
    const there = bench.caller('booker', elsewhere);
    expect(await bench.get(Calling).next(there, bench.claim(), elsewhere)).toMatchObject({ name: raw.name });
    const again = bench.get(Intake).register(bench.caller('supervisor', d.engagementId), d.engagementId, bench.claim(), raw, STATED); // prettier-ignore
    await expect(again).rejects.toMatchObject({ code: 'suppressed' });
  });

  it('towards a client is heard in all its engagements, and in no other’s', async () => {
    const clientId = randomUUID();
    const [here, there, elsewhere] = [await bench.engagement({ clientId }), await bench.engagement({ clientId }), await bench.engagement()]; // prettier-ignore
    const raw = { name: 'Tre Uppdrag', email: 'tre.uppdrag@bolaget.example' };
    const take = async (e: string) =>
      (await bench.get(Intake).register(bench.caller('supervisor', e), e, bench.claim(), raw, STATED)).id;
    const [id, sameClients, others] = [await take(here), await take(there), await take(elsewhere)];
    await bench.get(Outcomes).record(bench.caller('booker', here), id, bench.claim(), {
      ...{ outcome: 'objected', informed: true, scope: 'client' },
    } as CallResult);
    await bench.runDue();
    const state = async (e: string, lead: string) => (await bench.get(Leads).read(bench.caller('dpo', e), lead)).state;
    expect([await state(there, sameClients), await state(elsewhere, others)]).toEqual(['objected', 'open']);
  });
});

describe('what stands beside the call', () => {
  it('companies and reasons only: next, promised, and one’s own last outcomes', async () => {
    const d = await desk(3);
    const [a, b, c] = d.ids;
    await d.next();
    await d.record(a!, { outcome: 'callback', informed: true, callbackAt: '2027-03-01T13:00:00Z', callback: 'personal' }); // prettier-ignore
    await d.next();
    const taken = await d.record(b!, {});
    const queue = await d.queue();
    expect(queue.next).toEqual([{ company: d.company(c), reason: 'new', attempt: 1 }]);
    expect(queue.callbacks).toEqual([{ company: d.company(a), at: '2027-03-01T13:00:00.000Z', mine: true }]);
    expect(queue.last).toMatchObject([
      { outcome: 'no-answer', company: d.company(b), callableAt: '2027-03-02T09:00:00.000Z' },
      { outcome: 'callback', company: d.company(a) },
    ]);
    expect(JSON.stringify(queue)).not.toMatch(/Disk|@/);
    await d.undo(taken.id);
    expect((await d.queue()).last).toHaveLength(1);
    const other = await bench.get(CallingDesk).queue(bench.caller('booker', d.engagementId), d.engagementId);
    expect([other.last, other.callbacks]).toEqual([[], []]); // another’s promise and outcomes
  });

  it('a supervisor’s floor in counts: what waits, what is in hand, of nobody and of no other engagement', async () => {
    const d = await desk(3);
    await d.next();
    await d.record(d.ids[0]!, {});
    await d.next();
    const boss = bench.caller('supervisor', d.engagementId);
    expect(await bench.get(Floor).queues(boss)).toEqual([
      {
        engagementId: d.engagementId,
        open: true,
        callableNow: 1,
        waiting: 1,
        handedOut: 1,
        nextCallableAt: '2027-03-02T09:00:00.000Z',
        perHour: 1,
        dryAt: '2027-03-01T10:00:00Z', // one is left, and one was called in the last hour
      },
    ]);
    bench.clock.set('2027-03-01T21:00:00Z'); // after hours: nobody is called before they begin again
    expect(await bench.get(Floor).queues(boss)).toMatchObject([
      { open: false, callableNow: 0, waiting: 2, nextCallableAt: expect.stringMatching(/^2027-03-02T0[78]/) },
    ]);
    bench.clock.set(START);
  });

  it('earlier calls come with the lead, with their notes', async () => {
    const d = await desk(1);
    await d.next();
    await d.record(d.ids[0]!, { outcome: 'busy', note: 'Växeln svarar till fyra' });
    bench.clock.set('2027-03-01T12:00:00Z');
    expect(await d.next()).toMatchObject({
      attempts: 1,
      maxAttempts: 6,
      informedAt: null,
      noticeBy: expect.stringMatching(/^2027-/),
      earlier: [{ at: '2027-03-01T09:00:00.000Z', mine: true, outcome: 'busy', note: 'Växeln svarar till fyra' }],
    });
    bench.clock.set(START);
  });

  it('one’s own day by hour, in counts', async () => {
    const d = await desk(4);
    const [a, b, c, e] = d.ids;
    await d.record(a!, {});
    await d.record(b!, { outcome: 'not-connected' });
    bench.clock.set('2027-03-01T10:30:00Z');
    await d.record(c!, { outcome: 'booked' });
    await d.undo((await d.record(e!, { outcome: 'not-interested' })).id);
    const day = (on?: string) => bench.get(MyDay).of(d.booker, d.engagementId, on);
    expect(await day()).toEqual({
      on: '2027-03-01',
      ...{ attempts: 2, conversations: 1, meetings: 1 },
      hours: [
        { hour: 10, attempts: 1, conversations: 0, meetings: 0 },
        { hour: 11, attempts: 1, conversations: 1, meetings: 1 },
      ],
      outcomes: [
        { outcome: 'booked', count: 1 },
        { outcome: 'no-answer', count: 1 },
        { outcome: 'not-connected', count: 1 },
      ],
    });
    expect(await day('2027-02-28')).toMatchObject({ attempts: 0, hours: [] });
    const other = bench.get(MyDay).of(bench.caller('supervisor', d.engagementId), d.engagementId, undefined);
    expect(await other).toMatchObject({ attempts: 0 });
    bench.clock.set(START);
  });
});
