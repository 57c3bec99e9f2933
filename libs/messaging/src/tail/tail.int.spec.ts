import { LeadChanged, LeadRegistered } from '@avtala/contracts';
import { scopeOf } from '@avtala/database';
import { expect, it } from '@jest/globals';
import { onBothTransports, soon, type Rig } from '../../test/both-transports.js';
import { changed, ENGAGEMENT, newLead, objected, registered } from '../../test/events.js';
import type { RunningService } from '../../test/running-service.js';
import { LogTails } from './log-tails.js';
import type { Tail, TailBatch, TailLane, TailReceiver } from './tail.js';

/** Remembers what it was told. */
class Ear implements TailReceiver {
  readonly began = new Map<string, number>();
  readonly ends = new Map<string, number>();
  readonly heard: { lead: string; type: string; place: string; n: number }[] = [];
  readonly upTo = new Map<string, number>();

  begins(lane: TailLane, after: number, end: number): void {
    this.began.set(lane.key, after);
    this.ends.set(lane.key, end);
  }

  brings({ lane, events, upTo }: TailBatch): void {
    for (const e of events) {
      const n = (e.payload as { leadVersion: number }).leadVersion;
      this.heard.push({ lead: e.leadId!, type: e.type, place: `${lane.key}:${e.pos}`, n });
    }
    this.upTo.set(lane.key, upTo);
  }

  of(lead: string): number[] {
    return this.heard.filter((h) => h.lead === lead).map((h) => h.n);
  }
}

onBothTransports('a tail of the log', (rig) => {
  const tails: Tail[] = [];
  const follow = async (service: RunningService, back = 100): Promise<Ear> => {
    const ear = new Ear();
    const tail = service.app.get(LogTails).open([LeadRegistered, LeadChanged], back, ear);
    tails.push(tail);
    await tail.start();
    return ear;
  };
  const stop = async () => void (await Promise.all(tails.splice(0).map((t) => t.stop())));

  it('brings what is told, in each lead’s order, to every process alike', async () => {
    const intake = await rig().start('lead-intake');
    const [one, other] = [await rig().start('scheduling'), await rig().start('retention')];
    const ears = [await follow(one), await follow(other)];
    const leads = Array.from({ length: 20 }, newLead);
    for (const n of [1, 2, 3]) await rig().append(intake, 'lead-intake', ...leads.map((l) => changed(l, n)));
    await rig().append(intake, 'lead-intake', objected(leads[0]!, 9)); // not asked for: passed, not brought
    await soon(() => expect(ears.map((e) => e.heard.length)).toEqual([60, 60]));
    for (const lead of leads) for (const ear of ears) expect(ear.of(lead)).toEqual([1, 2, 3]);
    const places = ears.map((e) => e.heard.map((h) => `${h.place} ${h.lead}`).sort());
    expect(places[0]).toEqual(places[1]); // one process's places mean the same in another
    expect(new Set(ears[0]!.heard.map((h) => h.type))).toEqual(new Set(['lead.changed.v1']));
    const passed = () => [...ears[0]!.upTo.values()].reduce((a, b) => a + b);
    if (rig().transport === 'kafka') await soon(() => expect(passed()).toBe(61));
    await stop();
  });

  it('begins so many events back, and says where', async () => {
    const intake = await rig().start('lead-intake');
    const reader = await rig().start('scheduling');
    const early = await follow(reader);
    const lead = newLead();
    await rig().append(intake, 'lead-intake', registered(lead), ...[2, 3, 4, 5].map((n) => changed(lead, n)));
    await soon(() => expect(early.of(lead)).toEqual([1, 2, 3, 4, 5]));
    const late = await follow(reader, 2);
    await soon(() => expect(late.of(lead)).toEqual([4, 5]));
    const [lane, place] = early.heard[2]!.place.split(':');
    expect(late.began.get(lane!)).toBe(Number(place));
    expect(late.ends.get(lane!)).toBe(Number(early.heard.at(-1)!.place.split(':')[1]));
    await stop();
  });

  it('misses nothing of a transaction that began first and committed last', async () => {
    const intake = await rig().start('lead-intake');
    const ear = await follow(await rig().start('scheduling'));
    const leads = Array.from({ length: 200 }, newLead);
    await Promise.all(leads.map((lead, i) => slowly(rig(), intake, lead, i % 10)));
    await soon(() => expect(ear.heard).toHaveLength(leads.length * 2));
    for (const lead of leads) expect(ear.of(lead)).toEqual([1, 2]);
    await stop();
  });
});

/** Draws its place in the outbox, then keeps its transaction open while others, which drew theirs later, commit. */
async function slowly(rig: Rig, from: RunningService, lead: string, tenths: number): Promise<void> {
  await rig.db('lead-intake').withScope(scopeOf(ENGAGEMENT), async (tx) => {
    await from.outbox.append(tx, changed(lead, 1));
    await tx.query('SELECT pg_sleep($1)', [tenths / 50]);
    await from.outbox.append(tx, changed(lead, 2));
  });
}
