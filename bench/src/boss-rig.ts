import { createDatabase } from '@avtala/database';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { PgBoss, type Job } from 'pg-boss';

const EVENT = 'lead.changed';
const FETCH = 100;
const FETCH_FOR_ONE_TRANSACTION = 500;

/**
 * The reference of the relay's benches: pg-boss, publish and subscribe, one `key_strict_fifo` queue for each subscriber, NOTIFY and burst on.
 *
 * `each`: a job's effects are committed in a transaction of its own, those of a fetch at the same time on a pool of 16 connections; pg-boss
 * then marks the fetch as done. The fastest of what was tried: its `transactional` workers, which would also mark each job in that job's
 * transaction as ours do, take one job and then wait for their next poll or NOTIFY.
 * `batch`: one transaction for all jobs of a fetch; when one fails, all fail.
 */
export interface BossRig {
  append(leadId: string, n: number): Promise<void>;
  appendMany(items: readonly { leadId: string; n: number }[]): Promise<void>;
  committed(): Promise<number>;
  reached(): Promise<number>;
  stop(): Promise<void>;
}

interface Facts {
  leadId: string;
  n: number;
}

export interface BossOptions {
  readonly transaction: 'each' | 'batch';
  readonly subscribers: readonly string[];
  /** Called by each handler with the event's number, before its transaction commits. */
  readonly seen?: (subscriber: string, n: number) => void;
}

export async function bossRig(adminUrl: string, o: BossOptions): Promise<BossRig> {
  const url = await createDatabase(adminUrl, `boss_${randomUUID().slice(0, 8)}`);
  const effects = new pg.Pool({ connectionString: url, max: 16 });
  effects.on('error', () => undefined); // the server may be gone before a client has ended
  const boss = new PgBoss({ connectionString: url, max: 16, useListenNotify: true });
  boss.on('error', (error: unknown) => console.error(String(error)));
  await boss.start();
  const inTransaction = async (name: string, all: readonly Facts[]) => {
    const client = await effects.connect();
    try {
      await client.query('BEGIN');
      for (const { leadId, n } of all) {
        o.seen?.(name, n);
        await client.query(`INSERT INTO effect_${name} (key, n) VALUES ($1, $2)`, [leadId, n]);
      }
      await client.query('COMMIT');
    } finally {
      client.release();
    }
  };
  for (const name of o.subscribers) {
    await effects.query(
      `CREATE TABLE effect_${name} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key uuid NOT NULL, n int NOT NULL)`,
    );
    await boss.createQueue(name, { policy: 'key_strict_fifo', notify: true });
    await boss.subscribe(EVENT, name);
    const each = async (jobs: Job<Facts>[]) => void (await Promise.all(jobs.map((j) => inTransaction(name, [j.data]))));
    const together = (jobs: Job<Facts>[]) =>
      inTransaction(
        name,
        jobs.map((j) => j.data),
      );
    const batchSize = o.transaction === 'each' ? FETCH : FETCH_FOR_ONE_TRANSACTION;
    await boss.work<Facts>(
      name,
      { batchSize, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5, burstWhenBatchFull: true },
      o.transaction === 'each' ? each : together,
    );
  }
  const least = async (name: string, of: string) => {
    const text = `SELECT least(${o.subscribers.map((s) => `(SELECT ${of} FROM effect_${s})`).join(', ')})::int AS least`;
    return (await effects.query<{ least: number }>({ name, text })).rows[0]!.least;
  };
  return {
    append: (leadId, n) => boss.publish(EVENT, { leadId, n }, { singletonKey: leadId }),
    appendMany: async (items) => {
      const jobs = items.map((data) => ({ data, singletonKey: data.leadId }));
      await Promise.all(o.subscribers.map((name) => boss.insert(name, jobs)));
    },
    committed: () => least('committed', 'count(*)'),
    reached: () => least('reached', 'coalesce(max(id), 0)'),
    stop: async () => {
      await boss.stop({ graceful: false });
      await effects.end();
    },
  };
}
