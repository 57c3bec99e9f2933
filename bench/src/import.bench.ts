import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { median, paired, percentile, type Bench } from './harness.js';
import { leadFile } from './lead-file.js';
import { runIntake, type RunningIntake } from './running-intake.js';

const ROWS = Number(process.env.BENCH_ROWS ?? 100_000);

interface Status {
  state: string;
  accepted: number;
  merged: number;
  refused: number;
}

/** From the first byte of the upload until the event of every lead is in the log. @returns leads/s */
async function importLeads(intake: RunningIntake, file: Buffer, engagementId: string): Promise<number> {
  const began = performance.now();
  const { id, mapping } = await intake.admin.need(
    intake.admin.upload<{ id: string; mapping: object }>(
      `/api/v1/engagements/${engagementId}/imports`,
      file,
      'text/csv',
    ),
    202,
  );
  const stated = { mapping, source: 'Branschregistret', ground: 'legitimate-interest' };
  await intake.admin.need(intake.admin.post(`/api/v1/imports/${id}/confirm`, stated), 202);
  let status: Status;
  do {
    await delay(20);
    status = await intake.admin.need(intake.admin.get<Status>(`/api/v1/imports/${id}`), 200);
  } while (status.state === 'running');
  if (status.state !== 'done' || status.accepted !== ROWS) throw new Error(`Import ended as ${JSON.stringify(status)}`);
  for (;;) {
    const { rows } = await intake.sql.query<{ left: boolean }>(
      'SELECT EXISTS (SELECT FROM lead_intake.outbox) AS left',
    );
    if (!rows[0]!.left) break;
    await delay(5);
  }
  const took = performance.now() - began;
  const told = await intake.sql.query<{ n: number }>(
    `SELECT count(DISTINCT lead_id)::int AS n FROM lead_intake.log WHERE engagement_id = $1 AND type = 'lead.registered.v1'`,
    [engagementId],
  );
  if (told.rows[0]!.n !== ROWS) throw new Error(`${told.rows[0]!.n} leads were told of, not ${ROWS}`);
  return ROWS / (took / 1000);
}

/** The fastest way PostgreSQL has for the same rows: the file itself through COPY into one plain table, its primary key the only index. */
async function copyLeads(sql: pg.Client, file: Buffer): Promise<number> {
  await sql.query('DROP TABLE IF EXISTS public.plain_lead');
  await sql.query(`CREATE TABLE public.plain_lead (id uuid PRIMARY KEY DEFAULT uuidv7(), name text NOT NULL, company text,
    title text, email text, phone text)`);
  const pieces = Array.from({ length: Math.ceil(file.length / 65_536) }, (_, i) =>
    file.subarray(i * 65_536, (i + 1) * 65_536),
  );
  const began = performance.now();
  const into = `COPY public.plain_lead (name, company, title, email, phone) FROM STDIN (FORMAT csv, HEADER, DELIMITER ';')`;
  await pipeline(Readable.from(pieces), sql.query(copyFrom(into)));
  return ROWS / ((performance.now() - began) / 1000);
}

/** Asks again and again whether the process lives, as a load balancer does, until stopped. */
function watchHealth(url: string): () => Promise<number[]> {
  const waited: number[] = [];
  let stopping = false;
  const asking = (async () => {
    while (!stopping) {
      const began = performance.now();
      await (await fetch(`${url}/health/live`)).text();
      waited.push(performance.now() - began);
      await delay(10);
    }
  })();
  return async () => {
    stopping = true;
    await asking;
    return waited;
  };
}

/** A file of 100,000 leads through everything a lead passes, against raw COPY of that file. */
export default {
  name: 'import',
  async run(context) {
    const intake = await runIntake(context);
    try {
      const file = leadFile(ROWS);
      const waits: number[] = [];
      const { ours, reference, ratio, rounds } = await paired({
        rounds: Number(process.env.BENCH_ROUNDS ?? 5),
        reference: () => copyLeads(intake.sql, file),
        ours: async (round) => {
          const engagementId = await intake.engagement(`Import ${round}`);
          const stop = watchHealth(intake.url);
          const figure = await importLeads(intake, file, engagementId).finally(async () =>
            waits.push(...(await stop())),
          );
          context.log(`round ${round + 1}: ${Math.round(figure)} leads/s`);
          return figure;
        },
      });
      return [
        {
          name: 'import',
          ours,
          reference,
          unit: 'leads/s',
          ratio,
          target: '≥ 0.036 (the design’s: 0.20; docs/adr/0024)',
          holds: ratio >= 0.036,
          detail: {
            reference: 'COPY … FROM STDIN (FORMAT csv) of the same file, one table with its primary key',
            rows: ROWS,
            bytes: file.length,
            rounds,
            healthMs: { p50: median(waits), p99: percentile(waits, 0.99), max: Math.max(...waits) },
            residentMb: Math.round(process.memoryUsage().rss / 1024 ** 2),
          },
        },
      ];
    } finally {
      await intake.stop();
    }
  },
} satisfies Bench;
