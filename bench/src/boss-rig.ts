import { createDatabase } from '@avtala/database';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { PgBoss } from 'pg-boss';

const EVENT = 'lead.changed';

/** The reference of the relay's benches: pg-boss, one `key_strict_fifo` queue for each subscriber. Its best settings of those tried:
 * batches of 500 without pause while they come full; NOTIFY helps latency and costs throughput. */
export interface BossRig {
  append(leadId: string, n: number): Promise<void>;
  appendMany(items: readonly { leadId: string; n: number }[]): Promise<void>;
  committed(): Promise<number>;
  reached(): Promise<number>;
  stop(): Promise<void>;
}

/** @param seen called by each handler with the event's number, before its transaction commits */
export async function bossRig(
  adminUrl: string,
  { notify, subscribers, seen }: { notify: boolean; subscribers: readonly string[]; seen: (n: number) => void },
): Promise<BossRig> {
  const url = await createDatabase(adminUrl, `boss_${randomUUID().slice(0, 8)}`);
  const effects = new pg.Pool({ connectionString: url, max: 8 });
  const boss = new PgBoss({ connectionString: url, max: 16, useListenNotify: notify });
  boss.on('error', (error: unknown) => console.error(String(error)));
  await boss.start();
  for (const name of subscribers) {
    await effects.query(
      `CREATE TABLE effect_${name} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key uuid NOT NULL, n int NOT NULL)`,
    );
    await boss.createQueue(name, { policy: 'key_strict_fifo', notify });
    await boss.subscribe(EVENT, name);
    await boss.work<{ leadId: string; n: number }>(
      name,
      { batchSize: 500, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true },
      async (jobs) => {
        const client = await effects.connect();
        try {
          await client.query('BEGIN');
          for (const { data } of jobs) {
            seen(data.n);
            await client.query(`INSERT INTO effect_${name} (key, n) VALUES ($1, $2)`, [data.leadId, data.n]);
          }
          await client.query('COMMIT');
        } finally {
          client.release();
        }
      },
    );
  }
  const least = async (of: string) => {
    const { rows } = await effects.query<{ least: number }>(
      `SELECT least(${subscribers.map((s) => `(SELECT ${of} FROM effect_${s})`).join(', ')})::int AS least`,
    );
    return rows[0]!.least;
  };
  return {
    append: (leadId, n) => boss.publish(EVENT, { leadId, n }, { singletonKey: leadId }),
    appendMany: async (items) => {
      const jobs = items.map((data) => ({ data, singletonKey: data.leadId }));
      await Promise.all(subscribers.map((name) => boss.insert(name, jobs)));
    },
    committed: () => least('count(*)'),
    reached: () => least('coalesce(max(id), 0)'),
    stop: async () => {
      await boss.stop({ graceful: false });
      await effects.end();
    },
  };
}
