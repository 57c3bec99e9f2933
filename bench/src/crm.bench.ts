import { startSandboxProcess } from '@avtala/all-in-one';
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, median } from './harness.js';
import { runIntake, type RunningIntake } from './running-intake.js';

// The vendor's ceiling. HubSpot lets an app make 110 calls in any ten seconds for one account, and takes at most 100 records in one call. A new
// lead with one meeting needs seven of them, each for a whole batch:
//   contacts: read by our key, read by e-mail, upsert;
//   meetings: read by our key, search by calendar UID (a calendar of the client's may have been faster), upsert;
//   associations: meeting with contact.
// So nobody can tell it of more than 110 / 10 s / 7 × 100 = 157 leads a second, however many calls are made at once.
const CALLS_A_WINDOW = 110;
const WINDOW_S = 10;
const BATCH = 100;
const CALLS_A_BATCH = 7;
const CEILING = (CALLS_A_WINDOW / WINDOW_S / CALLS_A_BATCH) * BATCH;

/** Of every call, beside what the stand-in itself needs. */
const LATENCY_MS = 100;
/** An empty window lets the first calls through at once: what is measured begins when one window has passed. */
const SETTLE_S = 12;
const ROUNDS = 5;
const ROUND_S = 15;
/** Leads waiting at the start: more than can be told in the time. */
const LEADS = Math.ceil((CEILING * (SETTLE_S + ROUNDS * ROUND_S + WINDOW_S) * 1.1) / BATCH) * BATCH;

interface JournalEntry {
  readonly at: string;
  readonly template: string;
  readonly status: number;
}

/** Leads told of in a second by the real pusher, from rows in its queue to confirmed outcomes, against the stand-in in a process of its own. */
export default {
  name: 'crm',
  async run(context) {
    const sandbox = await startSandboxProcess(`${context.dir}/sandbox`);
    const door = await openDoor();
    const control = (path: string, body?: object) =>
      fetch(sandbox.urls.control + path, body ? { method: 'POST', body: JSON.stringify(body) } : {}).then((r) =>
        r.json(),
      );
    Object.assign(process.env, {
      HUBSPOT_BASE_URL: sandbox.urls.hubspot,
      HUBSPOT_CLIENT_ID: 'b',
      HUBSPOT_CLIENT_SECRET: 'b',
    });
    const running = await runIntake(context, { services: ['crm-sync'], env: { LEAD_INTAKE_URL: door.url } });
    try {
      const { engagementId, connectionId } = await connected(running);
      await control('/hubspot/settings', { latencyMs: LATENCY_MS });
      await queue(running, engagementId, connectionId);
      context.log(`${LEADS} leads wait; the vendor's ceiling is ${CEILING.toFixed(0)} leads/s`);

      // A lead is told of when both are confirmed; counted apart, since batches end by the hundred.
      const told = async (): Promise<number> => {
        const sql = `select count(*)::int as n from crm_sync.crm_push where state = 'confirmed'`;
        return (await running.sql.query<{ n: number }>(sql)).rows[0]!.n / 2;
      };
      await sleep(SETTLE_S * 1000);
      const began = new Date().toISOString();
      const rates: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const [before, from] = [await told(), performance.now()];
        await sleep(ROUND_S * 1000);
        const rate = ((await told()) - before) / ((performance.now() - from) / 1000);
        context.log(`${rate.toFixed(1)} leads/s`);
        rates.push(rate);
      }
      const { entries, contractViolations } = (await control('/journal?standIn=hubspot')) as {
        entries: JournalEntry[];
        contractViolations: { hubspot: number };
      };
      const during = entries.filter((e) => e.at >= began);
      const limitViolations = entries.filter((e) => e.status === 429).length;
      const ours = median(rates);
      const ratio = ours / CEILING;
      const detail = {
        rounds: rates.map((r) => Math.round(r)),
        callsABatch: CALLS_A_BATCH,
        callsInTenSeconds: Math.round((during.length / (ROUNDS * ROUND_S)) * WINDOW_S),
        latencyMs: LATENCY_MS,
        limitViolations,
        contractViolations: contractViolations.hubspot,
        reference: 'the vendor’s own ceiling: 100 records × 110 calls in 10 s ÷ 7 calls a batch',
      };
      const holds = ratio >= 0.9 && limitViolations === 0 && contractViolations.hubspot === 0;
      return [
        {
          name: 'crm',
          ours,
          reference: CEILING,
          unit: 'leads/s',
          ratio,
          target: '≥ 0.90, 0 limit violations',
          holds,
          detail,
        },
      ];
    } finally {
      await running.stop();
      await sandbox.stop();
      door.stop();
    }
  },
} satisfies Bench;

/** lead-intake's door, answering at once: what it costs is measured by its own service. */
async function openDoor(): Promise<{ url: string; stop(): void }> {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { ids } = JSON.parse(Buffer.concat(chunks).toString()) as { ids: string[] };
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ answers: ids.map(answer) }));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => void server.close() };
}

const answer = (id: string): object => ({
  id,
  status: 'ok',
  version: 1,
  contact: {
    name: `Lead ${id.slice(0, 8)}`,
    email: `${id}@lead.example`,
    company: 'Exempel AB',
    phone: '+46701740605',
  },
  linkKey: createHash('sha256').update(id).digest('base64url'),
});

async function connected(running: RunningIntake): Promise<{ engagementId: string; connectionId: string }> {
  const engagementId = await running.engagement('crm');
  const asked = { engagementId, kind: 'hubspot', region: 'eu1', refreshToken: 'sandbox-refresh-1001' };
  const { id } = await running.admin.need(running.admin.post<{ id: string }>('/api/v1/crm-connections', asked));
  for (let tries = 0; ; tries++) {
    const { rowCount } = await running.sql.query(
      `select 1 from crm_sync.crm_connection where id = $1 and state = 'active'`,
      [id],
    );
    if (rowCount) return { engagementId, connectionId: id };
    if (tries > 200) throw new Error('HubSpot was not connected');
    await sleep(50);
  }
}

/** Leads with a meeting, told of already and waiting to be pushed: as events would leave them. */
async function queue(running: RunningIntake, engagementId: string, connectionId: string): Promise<void> {
  const leads = Array.from({ length: LEADS }, () => randomUUID());
  const bookings = leads.map(() => randomUUID());
  const { sql } = running;
  await sql.query('begin');
  await sql.query(
    `insert into crm_sync.lead_case (engagement_id, lead_id, informed) select $1, unnest($2::uuid[]), true`,
    [engagementId, leads],
  );
  await sql.query(
    `insert into crm_sync.meeting (engagement_id, booking_id, lead_id, starts_at, ends_at, state, tell_at)
     select $1, b, l, now() + interval '7 days', now() + interval '7 days 30 minutes', 'booked', now() - interval '1 minute'
     from unnest($2::uuid[], $3::uuid[]) as t (b, l)`,
    [engagementId, bookings, leads],
  );
  await sql.query(
    `insert into crm_sync.crm_push (connection_id, engagement_id, lead_id, object, external_key, state, at)
     select $1, $2, l, o, case o when 'contact' then l else b end, 'queued', now()
     from unnest($3::uuid[], $4::uuid[]) as t (b, l) cross join unnest(array['contact', 'meeting']) as o`,
    [connectionId, engagementId, bookings, leads],
  );
  await sql.query(
    `insert into crm_sync.due (kind, key, engagement_id, lead_id, due_at, payload)
     select 'push', $1::text || ':' || l, $2, l, now() - interval '1 minute', jsonb_build_object('connectionId', $1::text)
     from unnest($3::uuid[]) as l`,
    [connectionId, engagementId, leads],
  );
  await sql.query('commit');
  await sql.query('analyze');
}
