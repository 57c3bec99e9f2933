import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { bossRig } from './boss-rig.js';
import { CONSUMERS, eventRig, oneAtATime, schemaOf } from './event-rig.js';
import { median, paired, percentile, type Bench } from './harness.js';

const PER_SECOND = 200;
const EVENTS = 1000;
const P99_MS = 25;

/**
 * Commit → handler at 200 events/s in each of four groups: median against pg-boss woken by NOTIFY; and ours at p99 while others hold
 * transactions of 2 s open.
 */
export default {
  name: 'relay-latency',
  async run({ cluster, log }) {
    const { url } = await cluster();
    const ours = new Stopwatch();
    const theirs = new Stopwatch();
    const subscribers = CONSUMERS.map(schemaOf);
    const rig = await eventRig(url, (service) => oneAtATime((n) => ours.seen(schemaOf(service), n)));
    const boss = await bossRig(url, { transaction: 'each', subscribers, seen: (name, n) => theirs.seen(name, n) });
    try {
      await ours.measure(rig.append); // both warm: connections, plans, compiled code
      await theirs.measure(boss.append, 200);
      const p50 = await paired({
        ours: async () => median(await ours.measure(rig.append)),
        reference: async () => median(await theirs.measure(boss.append)),
      });
      log(`p50 ${p50.ours.toFixed(1)} ms, pg-boss ${p50.reference.toFixed(1)} ms`);
      const p99s: number[] = [];
      for (let round = 0; round < 5; round++)
        p99s.push(await withOpenTransaction(url, async () => percentile(await ours.measure(rig.append), 0.99)));
      const p99 = median(p99s);
      log(`p99 with a 2 s transaction open ${p99.toFixed(1)} ms`);
      return [
        {
          name: 'relay-latency',
          ours: p50.ours,
          reference: p50.reference,
          unit: 'ms at p50',
          ratio: p50.ratio,
          target: '≤ 0.15 of pg-boss',
          holds: p50.ratio <= 0.15,
          detail: { rounds: p50.rounds },
        },
        {
          name: 'relay-latency-p99',
          ours: p99,
          reference: null,
          unit: 'ms at p99, a 2 s transaction open elsewhere',
          ratio: null,
          target: `≤ ${P99_MS} ms`,
          holds: p99 <= P99_MS,
          detail: { rounds: p99s },
        },
      ];
    } finally {
      await rig.stop();
      await boss.stop();
    }
  },
} satisfies Bench;

/** From the moment a commit is acknowledged until a group's handler holds the event; below zero counts as zero. */
class Stopwatch {
  #next = 0;
  readonly #committed: number[] = [];
  readonly #handled = new Map(CONSUMERS.map((service) => [schemaOf(service), [] as number[]]));
  #awaited = 0;

  seen(group: string, n: number): void {
    const handled = this.#handled.get(group)!;
    if (handled[n] !== undefined) return;
    handled[n] = performance.now();
    this.#awaited--;
  }

  /** @returns milliseconds, one figure for each event and group */
  async measure(append: (leadId: string, n: number) => Promise<void>, events = EVENTS): Promise<number[]> {
    const first = this.#next;
    const groups = [...this.#handled.values()];
    this.#awaited += events * groups.length;
    const sends: Promise<void>[] = [];
    const began = performance.now();
    for (let i = 0; i < events; i++) {
      const wait = began + (i * 1000) / PER_SECOND - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const n = this.#next++;
      sends.push(append(randomUUID(), n).then(() => void (this.#committed[n] = performance.now())));
    }
    await Promise.all(sends);
    while (this.#awaited > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    return groups.flatMap((handled) =>
      Array.from({ length: events }, (_, i) => Math.max(0, handled[first + i]! - this.#committed[first + i]!)),
    );
  }
}

/** Another client writes and then sits on its transaction for two seconds, over and over. */
async function withOpenTransaction<T>(url: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('CREATE TABLE IF NOT EXISTS elsewhere (n int)');
  let on = true;
  const sitting = (async () => {
    while (on) {
      await client.query('BEGIN');
      await client.query('INSERT INTO elsewhere VALUES (1)');
      await new Promise((resolve) => setTimeout(resolve, 2000));
      await client.query('COMMIT');
    }
  })();
  try {
    return await work();
  } finally {
    on = false;
    await sitting;
    await client.end();
  }
}
