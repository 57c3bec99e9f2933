import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Bench, NOW, STATED } from '../../test/bench.js';
import { CallingRulesOf } from './calling-rules.service.js';
import { Calling } from './calling.service.js';
import { CallingDesk } from './desk.service.js';
import { Intake } from './intake.service.js';
import { Leads } from './leads.service.js';
import { Noes } from './no.service.js';
import { Outcomes, type CallResult } from './outcomes.service.js';

let bench: Bench;
beforeAll(async () => void (bench = await Bench.open()));
afterAll(() => bench.close());
afterEach(() => bench.clock.set(NOW));

let series = 0;
async function leads(engagementId: string, n: number, more: object = {}): Promise<string[]> {
  const ids: string[] = [];
  series++;
  for (let i = 0; i < n; i++) {
    const raw = { name: `Lead ${i}`, email: `ordning${i}@bolag${series}.example`, company: `Bolag ${i}`, ...more };
    ids.push((await bench.get(Intake).register(supervisor(engagementId), engagementId, bench.claim(), raw, STATED)).id);
  }
  return ids;
}
const supervisor = (engagementId: string) => bench.caller('supervisor', engagementId);
const booker = (engagementId: string) => bench.caller('booker', engagementId);
const next = async (engagementId: string, who = booker(engagementId)) =>
  (await bench.get(Calling).next(who, bench.claim(), engagementId))?.id ?? null;
const record = (engagementId: string, id: string, result: Partial<CallResult>, who = booker(engagementId)) =>
  bench.get(Outcomes).record(who, id, bench.claim(), { outcome: 'no-answer', informed: false, ...result });
const read = (engagementId: string, id: string) => bench.get(Leads).read(bench.caller('dpo', engagementId), id);
const why = (engagementId: string, id: string, who = booker(engagementId)) => bench.get(CallingDesk).why(who, id);
const codes = async (engagementId: string, id: string) => (await why(engagementId, id)).reasons.map((r) => r.code);
const told = async (id: string) =>
  (await bench.events('lead.contacted.v1')).filter((e) => e.leadId === id).map((e) => e.outcome);

describe('who comes next', () => {
  it('due callbacks, then who was never called, then who is tried again', async () => {
    const e = await bench.engagement();
    const [tried, promised, fresh] = await leads(e, 3);
    await record(e, tried!, { outcome: 'busy' });
    await record(e, promised!, { outcome: 'callback', callbackAt: '2027-03-01T10:00:00Z' });
    bench.clock.set('2027-03-01T10:00:00Z');
    expect([await next(e), await next(e), await next(e), await next(e)]).toEqual([promised, fresh, tried, null]);
  });

  it('a personal callback is its booker’s, until a supervisor gives it to somebody else', async () => {
    const boId = randomUUID();
    const e = await bench.engagement({ memberIds: [boId] });
    const [id] = await leads(e, 1);
    const [anna, bo] = [booker(e), { ...booker(e), userId: boId }];
    await record(e, id!, { outcome: 'callback', callbackAt: '2027-03-01T10:00:00Z', callback: 'personal' }, anna);
    bench.clock.set('2027-03-01T10:20:00Z');
    expect(await next(e, bo)).toBeNull();
    const desk = bench.get(CallingDesk);
    const { items } = await desk.callbacks(supervisor(e), { engagementId: e, overdue: true, limit: 10 });
    expect(items).toEqual([
      { leadId: id, engagementId: e, at: '2027-03-01T10:00:00.000Z', userId: anna.userId, overdue: true },
    ]);
    await expect(desk.move(supervisor(e), id!, bench.claim(), randomUUID())).rejects.toMatchObject({
      code: 'callback-not-a-member', // it would wait for nobody
    });
    await desk.move(supervisor(e), id!, bench.claim(), bo.userId);
    expect(await next(e, anna)).toBeNull();
    expect(await next(e, bo)).toBe(id);
    await expect(desk.move(supervisor(e), id!, bench.claim(), null)).rejects.toMatchObject({ code: 'callback-gone' }); // Bo is on the phone with them
    await record(e, id!, { outcome: 'booked' }, bo);
    await expect(desk.move(supervisor(e), id!, bench.claim(), null)).rejects.toMatchObject({ code: 'callback-gone' });
    const stranger = bench.caller('supervisor', await bench.engagement());
    await expect(desk.move(stranger, id!, bench.claim(), null)).rejects.toMatchObject({ kind: 'missing' });
  });

  it('gives each of 32 bookers who ask at once a lead of their own, whatever the queue', async () => {
    const e = await bench.engagement();
    const ids = await leads(e, 24);
    for (const id of ids.slice(0, 6)) await record(e, id, { outcome: 'busy' });
    bench.clock.set('2027-03-01T10:00:00Z');
    const given = await Promise.all(Array.from({ length: 32 }, () => next(e)));
    const got = given.filter((id) => id !== null);
    expect(new Set(got)).toEqual(new Set(ids));
    expect(got).toHaveLength(24);
  });
});

describe('waiting, attempts and hours', () => {
  it('who did not answer comes back a day later, who was busy after half an hour; six attempts and no more', async () => {
    const e = await bench.engagement();
    const [id] = await leads(e, 1);
    await record(e, id!, { outcome: 'busy' });
    expect(await codes(e, id!)).toEqual(['no-number', 'waiting-period']);
    bench.clock.set('2027-03-01T09:29:59Z');
    expect(await next(e)).toBeNull();
    bench.clock.set('2027-03-01T09:30:00Z');
    expect(await next(e)).toBe(id);
    for (let n = 2; n <= 5; n++) await record(e, id!, {});
    expect(await read(e, id!)).toMatchObject({ state: 'open', callableAt: '2027-03-02T09:30:00.000Z' });
    await record(e, id!, { outcome: 'not-connected', informed: true });
    expect(await read(e, id!)).toMatchObject({ state: 'open', informedAt: null });
    await record(e, id!, {});
    expect(await read(e, id!)).toMatchObject({ state: 'exhausted', callableAt: null });
    expect(await codes(e, id!)).toEqual(['attempts-used', 'no-number']);
    bench.clock.set('2027-04-01T09:30:00Z');
    expect(await next(e)).toBeNull();
  });

  it('B10: nobody is called outside office hours or on a holiday, but a promise is kept at its hour', async () => {
    const e = await bench.engagement();
    const [id, promised] = await leads(e, 2);
    await record(e, promised!, { outcome: 'callback', callbackAt: '2027-03-25T18:00:00Z' });
    bench.clock.set('2027-03-25T18:05:00Z'); // 19:05 before Good Friday
    expect(await next(e)).toBe(promised);
    expect(await next(e)).toBeNull();
    expect(await why(e, id!)).toMatchObject({
      callable: false,
      // Tuesday after Easter, 08:00: summer time began on Easter Sunday
      reasons: [{ code: 'no-number' }, { code: 'outside-hours', until: '2027-03-30T06:00:00Z', promise: 'B10' }],
    });
    bench.clock.set('2027-03-30T05:59:00Z');
    expect(await next(e)).toBeNull();
    bench.clock.set('2027-03-30T06:00:00Z');
    expect(await next(e)).toBe(id);
  });

  it('on the clock of the number: a lead abroad is put off to its own morning', async () => {
    const e = await bench.engagement();
    const [id] = await leads(e, 1, { phone: '+91 98765 43210' });
    bench.clock.set('2027-03-01T12:00:00Z'); // 13:00 in Stockholm, 17:30 in Kolkata
    expect(await next(e)).toBeNull();
    expect(await read(e, id!)).toMatchObject({ callableAt: '2027-03-02T02:30:00.000Z' });
    bench.clock.set('2027-03-02T07:00:00Z');
    expect(await next(e)).toBe(id);
  });

  it('an engagement’s own rules count from the next call on', async () => {
    const e = await bench.engagement();
    const [id] = await leads(e, 1);
    const rules = bench.get(CallingRulesOf);
    const { version, ...before } = await rules.read(supervisor(e), e);
    expect(version).toBe(0);
    const mine = { ...before, maxAttempts: 1, untilMinute: 1440, weekdays: [6] };
    expect(await rules.write(supervisor(e), e, mine, 0)).toMatchObject({ version: 1, maxAttempts: 1 });
    await expect(rules.write(supervisor(e), e, mine, 0)).rejects.toMatchObject({ code: 'version-conflict' });
    await expect(rules.write(supervisor(e), e, { ...mine, untilMinute: 0 })).rejects.toMatchObject({
      code: 'calling-hours-invalid',
    });
    await expect(rules.read(supervisor(await bench.engagement()), e)).rejects.toMatchObject({ kind: 'missing' });
    expect(await next(e)).toBeNull(); // a Monday
    bench.clock.set('2027-03-06T22:59:00Z');
    expect(await next(e)).toBe(id);
    await record(e, id!, {});
    expect(await read(e, id!)).toMatchObject({ state: 'exhausted' });
  });

  it('B10: a private number waits for a look into NIX', async () => {
    const e = await bench.engagement();
    const [id] = await leads(e, 1, { phone: '070-174 06 50' });
    const desk = bench.get(CallingDesk);
    await desk.setNumber(supervisor(e), id!, { kind: 'private' });
    expect(await next(e)).toBeNull();
    expect(await codes(e, id!)).toEqual(['nix-unchecked']);
    expect((await desk.queue(booker(e), e)).blocked).toEqual([{ code: 'nix-listed', count: 1 }]);
    await desk.setNumber(supervisor(e), id!, { kind: 'private', nix: { registerOn: '2027-02-20', listed: true } });
    expect(await next(e)).toBeNull();
    expect(await codes(e, id!)).toEqual(['nix-listed']);
    await desk.setNumber(supervisor(e), id!, { kind: 'private', nix: { registerOn: '2027-02-20', listed: false } });
    expect(await next(e)).toBe(id);
  });

  it('B10: another number has to be looked up anew, and nothing of the old one holds it back', async () => {
    const e = await bench.engagement();
    const [cleared, listed] = await leads(e, 2, { phone: '070-174 06 51' });
    const desk = bench.get(CallingDesk);
    const nix = (id: string, on: boolean) =>
      desk.setNumber(supervisor(e), id, { kind: 'private', nix: { registerOn: '2027-02-20', listed: on } });
    await nix(cleared!, false);
    await bench.get(Leads).correct(supervisor(e), cleared!, { title: 'VD' });
    expect(await codes(e, cleared!)).toEqual([]);
    await bench.get(Leads).correct(supervisor(e), cleared!, { phone: '070-174 06 52' });
    expect(await codes(e, cleared!)).toEqual(['nix-unchecked']);
    await nix(listed!, true);
    await bench.get(Leads).correct(supervisor(e), listed!, { phone: '070-174 06 53' });
    expect(await codes(e, listed!)).toEqual(['nix-unchecked']);
  });
});

describe('why a lead is not called', () => {
  it('says all reasons at once, and none for one who may be', async () => {
    const e = await bench.engagement();
    const [id, other] = (await leads(e, 2, { phone: '070-174 06 51' })).sort(); // of the same moment: by id
    expect(await why(e, other!)).toEqual({ callable: true, reasons: [] });
    const anna = booker(e);
    expect(await next(e, anna)).toBe(id);
    expect(await why(e, id!, anna)).toEqual({ callable: true, reasons: [] });
    expect(await codes(e, id!)).toEqual(['handed-out']);
    await record(e, id!, { outcome: 'callback', callbackAt: '2027-03-05T10:00:00Z', callback: 'personal' }, anna);
    await bench.get(Leads).correct(bench.caller('dpo', e), id!, { restricted: true });
    await bench.sql('update lead_intake.engagement set ended_at = $2 where id = $1', [e, bench.clock.nowDate()]);
    bench.clock.set('2027-03-01T20:00:00Z');
    const { reasons } = await why(e, id!);
    expect(reasons.map((r) => [r.code, r.until])).toEqual([
      ['restricted', null],
      ['callback-due', '2027-03-05T10:00:00Z'],
      ['callback-personal', null],
      ['outside-hours', '2027-03-02T07:00:00Z'],
      ['engagement-ended', null],
    ]);
    await expect(why(await bench.engagement(), id!)).rejects.toMatchObject({ kind: 'missing' });
  });

  it('a no said elsewhere is one, before anybody has carried it here', async () => {
    const e = await bench.engagement();
    const [id] = await leads(e, 1);
    await bench.get(Noes).add(bench.caller('dpo'), bench.claim(), { email: `ordning0@bolag${series}.example` });
    expect(await codes(e, id!)).toContain('suppressed');
    await bench.sql(
      `insert into lead_intake.tombstone (kind, id, engagement_id, order_id) values ('lead', $1, $2, $3)`,
      [id, e, randomUUID()],
    );
    expect(await codes(e, id!)).toContain('being-erased');
  });

  it('the queue is counted, and names nobody', async () => {
    const e = await bench.engagement();
    const five = await leads(e, 5);
    const [tried, promised, no] = five;
    const fresh = [3, 4].sort((a, b) => (five[a]! < five[b]! ? -1 : 1)); // of the same moment: by id
    await record(e, tried!, {});
    await record(e, promised!, { outcome: 'callback', callbackAt: '2027-03-01T09:10:00Z' });
    await record(e, no!, { outcome: 'objected' });
    bench.clock.set('2027-03-01T09:15:00Z');
    const queue = await bench.get(CallingDesk).queue(booker(e), e);
    expect(queue).toEqual({
      dueCallbacks: 1,
      callableNow: 2,
      nextCallableAt: '2027-03-02T09:00:00.000Z',
      blocked: [
        { code: 'waiting-period', count: 1 },
        { code: 'suppressed', count: 1 },
      ],
      next: [
        { company: 'Bolag 1', reason: 'callback', attempt: 2 },
        ...fresh.map((n) => ({ company: `Bolag ${n}`, reason: 'new', attempt: 1 })),
      ],
      callbacks: [{ company: 'Bolag 1', at: '2027-03-01T09:10:00.000Z', mine: false }],
      last: [], // what this booker did; these were another's
    });
    bench.clock.set('2027-03-01T19:00:00Z');
    expect(await bench.get(CallingDesk).queue(booker(e), e)).toMatchObject({
      callableNow: 0,
      nextCallableAt: '2027-03-02T07:00:00.000Z',
      blocked: [{ code: 'outside-hours', count: 2 }, {}, {}],
    });
  });
});

describe('taking the last outcome back', () => {
  const undo = (who: ReturnType<typeof booker>, id: string) => bench.get(Outcomes).undo(who, id, bench.claim());

  it('puts the lead back in the booker’s hands, where it was; nobody hears of the outcome', async () => {
    const e = await bench.engagement();
    const [id] = await leads(e, 1);
    const anna = booker(e);
    await next(e, anna);
    const activity = await record(e, id!, { outcome: 'not-interested', informed: true }, anna);
    bench.clock.set('2027-03-01T09:00:09.999Z');
    expect(await undo(anna, activity.id)).toEqual({ id: activity.id, leadId: id });
    expect(await read(e, id!)).toMatchObject({ state: 'open', informedAt: null, activities: [] });
    bench.clock.set('2027-03-01T09:05:00Z');
    await bench.runDue();
    expect(await told(id!)).toEqual([]);
    expect(await next(e)).toBeNull(); // it is with Anna
    await record(e, id!, { outcome: 'interested', informed: true }, anna);
    bench.clock.set('2027-03-01T09:05:10Z');
    await bench.runDue();
    expect(await told(id!)).toEqual(['interested']);
  });

  it('is refused after ten seconds, by others, for a no, and when something else has happened', async () => {
    const e = await bench.engagement();
    const [late, no, twice] = await leads(e, 3);
    const anna = booker(e);
    const first = await record(e, late!, {}, anna);
    bench.clock.set('2027-03-01T09:00:10Z');
    await expect(undo(anna, first.id)).rejects.toMatchObject({ code: 'undo-too-late' });
    await expect(undo(booker(e), first.id)).rejects.toMatchObject({ kind: 'missing' });
    const final = await record(e, no!, { outcome: 'objected' }, anna);
    await expect(undo(anna, final.id)).rejects.toMatchObject({ code: 'undo-final' });
    const before = await record(e, twice!, {}, anna);
    await record(e, twice!, { outcome: 'interested' }, anna);
    await expect(undo(anna, before.id)).rejects.toMatchObject({ code: 'undo-overtaken' });
    expect(await told(twice!)).toEqual(['no-answer']); // the second one made the first final
  });

  it('pressed ten times at once it happens once; against the telling, one of the two wins', async () => {
    const e = await bench.engagement();
    const [id] = await leads(e, 1);
    const anna = booker(e);
    const activity = await record(e, id!, { outcome: 'interested' }, anna);
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => undo(anna, activity.id)));
    expect(tries.filter((t) => t.status === 'fulfilled')).toHaveLength(1);

    const again = await record(e, id!, { outcome: 'interested' }, anna);
    const work = (await bench.sql<{ id: string }>(
      `update lead_intake.due set due_at = $1, lease = gen_random_uuid(), lease_until = now() + interval '1 minute'
       where kind = 'tell-outcome' and key = $2 returning id, lease`,
      [bench.clock.nowDate(), again.id],
    )) as { id: string; lease: string }[];
    const item = { ...work[0]!, kind: 'tell-outcome', key: again.id, engagementId: e, leadId: id!, dueAt: bench.clock.now(), payload: {}, attempts: 0 }; // prettier-ignore
    const [undone] = await Promise.allSettled([undo(anna, again.id), bench.get(Outcomes).tellDue(item)]);
    const events = await told(id!);
    expect(events).toEqual(undone!.status === 'fulfilled' ? [] : ['interested']);
    expect(await read(e, id!)).toMatchObject({ state: events.length ? 'interested' : 'open' });
  });
});
