import { afterAll, expect, it } from '@jest/globals';
import {
  Client,
  freePort,
  Journal,
  openClusters,
  Process,
  sandboxEnv,
  sandboxSignIns,
  Seeded,
  signInAll,
  startSandboxProcess,
  Traffic,
} from '@avtala/all-in-one';
import pg from 'pg';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const START = resolve('apps/all-in-one/dist/start.js');
const ROWS = 100_000;
const KILLS = 5;
const COMPANY = { name: 'Exempelklienten Ett AB', organisationNumber: '556677-8899' };

const undo: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const step of undo.reverse()) await step();
}, 60_000);

interface File {
  bytes: Buffer;
  merged: number;
  rejects: { row: number; column: string | null; reason: string }[];
}

const isPlain = (n: number): boolean => [1009, 1013, 1019, 1021, 1031, 1033].every((other) => n % other);

/** Row n of the file and what must become of it: most are new people; some are refused, some are somebody of another row, near or far. */
function leadFile(): File {
  const lines = ['Namn;E-post;Telefon;Ålder'];
  const rejects: File['rejects'] = [];
  let merged = 0;
  for (let n = 1; n <= ROWS; n++) {
    const refuse = (cells: string, column: string | null, reason: string): void => {
      rejects.push({ row: n + 1, column, reason });
      lines.push(cells);
    };
    const email = `person.${n}@bolag${n % 300}.example`;
    if (n % 1009 === 0) refuse(`Person ${n} 19900101-9802;${email};;44`, 'Namn', 'identity-number');
    else if (n % 1013 === 0) refuse(`Person ${n};${email};;17`, 'Ålder', 'minor');
    else if (n % 1019 === 0) refuse(`Person ${n};person.${n}(at)bolag.example;;44`, 'E-post', 'email-invalid');
    else if (n % 1021 === 0) refuse(`Person ${n};${email}`, null, 'columns-mismatch');
    else if (n % 1033 === 0 || (n % 1031 === 0 && isPlain(n - 1))) {
      // The person of the row before, or of a row most of the file away.
      const other = n % 1033 === 0 ? 1 : n - 1;
      lines.push(`Person ${other};person.${other}@bolag${other % 300}.example;;44`);
      merged++;
    } else lines.push(`Person ${n};${email};070-174 06 ${String(5 + (n % 95)).padStart(2, '0')};44`);
  }
  return { bytes: Buffer.from(lines.join('\n')), merged, rejects };
}

it(`a file of ${ROWS} rows, its process killed ${KILLS} times while it is taken in, ends in exactly its rows and their events`, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'avtala-e2e-'));
  await chmod(dir, 0o711); // PostgreSQL's system user must be able to pass through
  undo.push(() => rm(dir, { recursive: true, force: true }));
  const data = join(dir, 'data');
  await mkdir(data);
  const sandbox = await startSandboxProcess(join(dir, 'sandbox'));
  undo.push(() => sandbox.stop());
  const clusters = (await openClusters(data))!;
  undo.push(() => clusters.stop());
  const port = await freePort(27_000);
  const url = `http://127.0.0.1:${port}`;
  const app = new Process(
    START,
    {
      ...sandboxEnv(sandbox.urls),
      AVTALA_DATA_DIR: data,
      AVTALA_DATABASE_URL: clusters.databaseUrl,
      AVTALA_KEYS_URL: clusters.keysUrl,
      AVTALA_SECRETS_DIR: join(data, 'secrets'),
      AVTALA_ANNOUNCE: 'json',
      AVTALA_SEED: 'off',
      AVTALA_SERVICES: 'lead-intake,agency',
      PORT: String(port),
    },
    join(dir, 'services.log'),
  );
  undo.push(() => app.stop());
  await app.start(90_000);
  const sql = new pg.Client(clusters.databaseUrl);
  await sql.connect();
  undo.push(() => sql.end());
  const one = async <T>(text: string, values: unknown[] = []): Promise<T> =>
    (await sql.query<T & pg.QueryResultRow>(text, values)).rows[0]! as T;

  const anyone = new Client(url, new Journal(join(dir, 'acknowledged.jsonl')), new Traffic());
  const { admin } = await signInAll(url, anyone, await sandboxSignIns(data, 0));
  const engagementId = await engagement(admin);
  await until(() => one('SELECT 1 FROM lead_intake.engagement WHERE id = $1 AND assessed', [engagementId]));
  const file = leadFile();
  const upload = await admin.need(
    admin.upload<{ id: string; mapping: object }>(
      `/api/v1/engagements/${engagementId}/imports`,
      file.bytes,
      'text/csv',
    ),
    202,
  );
  const stated = { mapping: upload.mapping, source: 'Exempelregistret', ground: 'legitimate-interest' };
  await admin.need(admin.post(`/api/v1/imports/${upload.id}/confirm`, stated), 202);

  const rng = new Seeded(4);
  const progress = () =>
    one<{ state: string; n: number }>(
      'SELECT state, accepted + merged + refused AS n FROM lead_intake.import WHERE id = $1',
      [upload.id],
    );
  for (let kill = 1; kill <= KILLS; kill++) {
    const before = (await progress()).n;
    // Each within its share of the file, and somewhere in a transaction or between two.
    await until(async () => (await progress()).n >= Math.max(before, ((kill - 1) / (KILLS + 1)) * ROWS));
    await delay(rng.int(0, 300));
    expect((await progress()).state).toBe('running');
    await app.kill();
    // What 15 seconds do to the claims of a process that is gone.
    await sql.query(`UPDATE lead_intake.due SET lease_until = '-infinity' WHERE lease IS NOT NULL`);
    await app.start(90_000);
  }
  await until(async () => (await progress()).state !== 'running');
  await until(async () => (await one<{ n: number }>('SELECT count(*)::int AS n FROM lead_intake.outbox')).n === 0);

  const accepted = ROWS - file.merged - file.rejects.length;
  const status = await admin.need(admin.get<Record<string, unknown>>(`/api/v1/imports/${upload.id}`), 200);
  expect(status).toMatchObject({
    state: 'done',
    offered: ROWS,
    accepted,
    merged: file.merged,
    refused: file.rejects.length,
  });
  const count = (table: string, what = '*') =>
    one<{ n: number }>(`SELECT count(${what})::int AS n FROM lead_intake.${table} WHERE engagement_id = $1`, [
      engagementId,
    ]).then(({ n }) => n);
  expect(await count('lead')).toBe(accepted);
  expect(await count('lead_home')).toBe(accepted);
  // One event of each lead, and none of anybody else.
  const told = await one<{ events: number; ids: number; leads: number }>(
    `SELECT count(*)::int AS events, count(DISTINCT event_id)::int AS ids,
       count(DISTINCT log.lead_id) FILTER (WHERE l.id IS NOT NULL)::int AS leads
     FROM lead_intake.log LEFT JOIN lead_intake.lead l ON l.id = log.lead_id AND l.engagement_id = $1
     WHERE log.engagement_id = $1 AND type = 'lead.registered.v1'`,
    [engagementId],
  );
  expect(told).toEqual({ events: accepted, ids: accepted, leads: accepted });
  const rejects = await sql.query(
    'SELECT row, column_name AS column, reason FROM lead_intake.reject WHERE import_id = $1 ORDER BY row',
    [upload.id],
  );
  expect(rejects.rows).toEqual(file.rejects);
}, 600_000);

async function until(holds: () => Promise<unknown>): Promise<void> {
  while (!(await holds())) await delay(20);
}

async function engagement(admin: Client): Promise<string> {
  const startsOn = Temporal.Now.plainDateISO('Europe/Stockholm').toString();
  const client = await admin.need(admin.post<{ id: string }>('/api/v1/clients', COMPANY));
  const { id } = await admin.need(
    admin.post<{ id: string }>('/api/v1/engagements', {
      clientId: client.id,
      name: 'Import',
      controller: COMPANY,
      processor: { name: 'Sandbox Agency AB', organisationNumber: '556688-0000' },
      retentionMonths: 3,
      bindingMonths: 1,
      startsOn,
      timeZone: 'Europe/Stockholm',
      eraseOnReply: false,
      crmErasure: 'delete-created',
    }),
  );
  await admin.need(
    admin.post(`/api/v1/engagements/${id}/assessments`, {
      purpose: 'Offering the client’s services to companies by phone',
      necessity: 'People in the role concerned can be reached in no less intrusive way',
      balancing: 'Work contact data only; everyone is told at first contact and can object at once',
      madeOn: startsOn,
    }),
  );
  return id;
}
