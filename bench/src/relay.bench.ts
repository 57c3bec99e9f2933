import { randomUUID } from 'node:crypto';
import { bossRig } from './boss-rig.js';
import { CONSUMERS, eventRig, inBatches, oneAtATime, schemaOf, type Handlers } from './event-rig.js';
import { median, paired, type Bench, type BenchContext } from './harness.js';

const CHUNK = 500;
const LEADS = 500;
/** A round takes one and a half to two seconds on either side: a shorter one would be measured by how it begins and ends. */
const EVENTS = { interleaved: 10_000, batch: 20_000, plain: 5_000, reference: 1500 };
const ROUNDS = 9;
const ROUNDS_OF_DETAIL = 3;

interface Rig {
  appendMany(items: readonly { leadId: string; n: number }[]): Promise<void>;
  committed(): Promise<number>;
  reached(): Promise<number>;
  stop(): Promise<void>;
}

/** Events appended 500 at a time on both sides, until all of four consumer groups have committed their effects; events/s. */
export default {
  name: 'relay',
  async run(context) {
    const { url } = await context.cluster();
    const subscribers = CONSUMERS.map(schemaOf);
    const boss = await bossRig(url, { transaction: 'each', subscribers });
    const bossBatched = await bossRig(url, { transaction: 'batch', subscribers });
    try {
      const reference = () => measured(context, boss, EVENTS.reference, 'pg-boss, a transaction a job');
      await throughput(boss, EVENTS.reference); // both sides run for weeks: what they compile and prepare at first is not counted
      const against = (handlers: Handlers, events: number, label: string) =>
        withRig(url, handlers, async (rig) => {
          await throughput(rig, events);
          return paired({ rounds: ROUNDS, ours: () => measured(context, rig, events, label), reference });
        });
      const handlers = () => oneAtATime(undefined, { interleaved: true });
      const interleaved = await against(handlers, EVENTS.interleaved, 'interleaved');
      const batch = await against(inBatches, EVENTS.batch, 'in batches');
      const plain = await withRig(
        url,
        () => oneAtATime(),
        (rig) => rounds(() => measured(context, rig, EVENTS.plain, 'one at a time')),
      );
      const bossInBatches = await rounds(() =>
        measured(context, bossBatched, EVENTS.reference, 'pg-boss, 500 jobs a transaction'),
      );
      const batched = { 'pg-boss, 500 jobs a transaction': Math.round(bossInBatches) };
      return [
        row('relay', interleaved, 6, { ...batched, 'one handler at a time': Math.round(plain) }),
        row('relay-batch', batch, 15, batched),
      ];
    } finally {
      await boss.stop();
      await bossBatched.stop();
    }
  },
} satisfies Bench;

async function withRig<T>(url: string, handlers: Handlers, work: (rig: Rig) => Promise<T>): Promise<T> {
  const rig = await eventRig(url, handlers);
  try {
    return await work(rig);
  } finally {
    await rig.stop();
  }
}

/** For figures beside the ratio. */
async function rounds(work: () => Promise<number>): Promise<number> {
  const figures: number[] = [];
  for (let round = 0; round < ROUNDS_OF_DETAIL; round++) figures.push(await work());
  return median(figures);
}

async function measured({ log }: BenchContext, rig: Rig, events: number, label: string): Promise<number> {
  const rate = await throughput(rig, events);
  log(`${label} ${Math.round(rate)} events/s`);
  return rate;
}

const row = (
  name: string,
  figures: { ours: number; reference: number; ratio: number; rounds: unknown },
  least: number,
  detail: Record<string, number>,
) => ({
  name,
  ours: Math.round(figures.ours),
  reference: Math.round(figures.reference),
  unit: 'events/s',
  ratio: figures.ratio,
  target: `≥ ${least}× pg-boss`,
  holds: figures.ratio >= least,
  detail: { ...detail, rounds: figures.rounds },
});

async function throughput(rig: Rig, events: number): Promise<number> {
  const leads = Array.from({ length: LEADS }, () => randomUUID());
  const already = await rig.committed();
  const began = performance.now();
  for (let from = 0; from < events; from += CHUNK)
    await rig.appendMany(Array.from({ length: CHUNK }, (_, i) => ({ leadId: leads[i % LEADS]!, n: from + i })));
  // Counting rows all the while would cost the one with more of them a core: it counts once, at the end.
  while ((await rig.reached()) < already + events) await new Promise((resolve) => setTimeout(resolve, 10));
  while ((await rig.committed()) < already + events) await new Promise((resolve) => setTimeout(resolve, 20));
  return events / ((performance.now() - began) / 1000);
}
