import { randomUUID } from 'node:crypto';
import { bossRig } from './boss-rig.js';
import { eventRig, inBatches, oneAtATime } from './event-rig.js';
import { paired, type Bench } from './harness.js';

const CHUNK = 500;
const LEADS = 500;
const EVENTS = { ours: 10_000, reference: 1500 };

interface Rig {
  appendMany(items: readonly { leadId: string; n: number }[]): Promise<void>;
  committed(): Promise<number>;
  reached(): Promise<number>;
}

/** Events appended 500 at a time on both sides, until all of four consumer groups have committed their effects; events/s. */
export default {
  name: 'relay',
  async run({ cluster, log }) {
    const { url } = await cluster();
    const boss = await bossRig(url, {
      notify: false,
      subscribers: ['agency', 'scheduling', 'crm_sync', 'retention'],
      seen: () => undefined,
    });
    const single = await eventRig(url, oneAtATime);
    const batched = await eventRig(url, inBatches);
    try {
      const run = async (rig: Rig, events: number, label: string) => {
        const rate = await throughput(rig, events);
        log(`${label} ${Math.round(rate)} events/s`);
        return rate;
      };
      const reference = () => run(boss, EVENTS.reference, 'pg-boss');
      const each = await paired({ ours: () => run(single, EVENTS.ours, 'one at a time'), reference });
      const batch = await paired({ ours: () => run(batched, EVENTS.ours, 'in batches'), reference });
      return [row('relay', each, 6), row('relay-batch', batch, 15)];
    } finally {
      await boss.stop();
      await single.stop();
      await batched.stop();
    }
  },
} satisfies Bench;

const row = (name: string, figures: { ours: number; reference: number; ratio: number }, least: number) => ({
  name,
  ours: Math.round(figures.ours),
  reference: Math.round(figures.reference),
  unit: 'events/s',
  ratio: figures.ratio,
  target: `≥ ${least}× pg-boss`,
  holds: figures.ratio >= least,
});

async function throughput(rig: Rig, events: number): Promise<number> {
  const leads = Array.from({ length: LEADS }, () => randomUUID());
  const already = await rig.committed();
  const began = performance.now();
  for (let from = 0; from < events; from += CHUNK)
    await rig.appendMany(Array.from({ length: CHUNK }, (_, i) => ({ leadId: leads[i % LEADS]!, n: from + i })));
  // Counting rows all the while would cost the one with more of them a core: it counts once, at the end.
  while ((await rig.reached()) < already + events) await new Promise((resolve) => setTimeout(resolve, 5));
  while ((await rig.committed()) < already + events) await new Promise((resolve) => setTimeout(resolve, 20));
  return events / ((performance.now() - began) / 1000);
}
