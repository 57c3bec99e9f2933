import { prepare, RuntimeEnv } from '@avtala/runtime';
import { openVault } from '@avtala/vault';
import { startBroker } from '@avtala/messaging';
import { randomUUID } from 'node:crypto';
import { cp, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { freePort, Process } from '../child-process.js';
import { openClusters } from '../clusters.js';
import { sandboxEnv, startSandboxProcess } from '../sandbox-process.js';
import { seededIn } from '../seed-once.js';
import { sandboxSignIns } from '../seed.js';
import type { DemoArgs } from './args.js';
import { CanarySearch, type Skip } from './canaries.js';
import { Client, Traffic } from './client.js';
import { checkCertificates } from './erasures.js';
import { Journal } from './journal.js';
import { Killer } from './killer.js';
import {
  bookMeetings,
  callEveryone,
  endAndErase,
  importFile,
  liveWithThem,
  settle,
  signInAll,
  SOURCE,
  type Life,
} from './life.js';
import { countClientOwned, countLost, countOutside } from './measure.js';
import { needlesOf, readLeadFile } from './people.js';
import { plant } from './plant.js';
import type { Progress } from './progress.js';
import { emptyReport, type Report } from './report.js';
import { dataKeysLeft, rowsLeft, setAside, stillOpen } from './residue.js';
import { SandboxControl } from './sandbox-control.js';
import { Seeded } from './seeded.js';
import { allMessages } from './topics.js';

const BOOKERS = 50;
const RETENTION_MONTHS = 3;
const START = fileURLToPath(new URL('../start.js', import.meta.url));

/** The whole life of a file of leads, and the search for what should be gone. Everything it starts it stops, by process id. */
export async function runDemo(args: DemoArgs, dir: string, progress: Progress): Promise<Report> {
  const report = emptyReport(args.transport, args.seed);
  const rng = new Seeded(args.seed);
  const file = await readLeadFile(args.leads);
  const undo: (() => Promise<unknown>)[] = [];
  const dataDir = join(dir, 'data');
  const logDir = join(dir, 'logs');
  await mkdir(dataDir, { recursive: true });
  await mkdir(logDir, { recursive: true });

  try {
    progress.phase('starting');
    const broker = args.transport === 'kafka' ? await startBroker({ dir: join(dir, 'kafka') }) : undefined;
    if (broker) undo.push(() => broker.stop());
    const sandboxDir = join(dir, 'sandbox');
    const sandboxProcess = await startSandboxProcess(sandboxDir);
    undo.push(() => sandboxProcess.stop());
    const sandbox = new SandboxControl(sandboxProcess.urls.control);
    const port = await freePort(21_000);
    const baseUrl = `http://127.0.0.1:${port}`;
    const app = new Process(
      START,
      {
        ...sandboxEnv(sandboxProcess.urls),
        AVTALA_DATA_DIR: dataDir,
        AVTALA_ANNOUNCE: 'json',
        AVTALA_SANDBOX_BOOKERS: String(BOOKERS),
        AVTALA_TRANSPORT: args.transport,
        PORT: String(port),
        ...(broker ? { KAFKA_BROKERS: broker.brokers } : {}),
      },
      join(logDir, 'avtala.log'),
    );
    undo.push(() => app.stop());
    await app.start(120_000);
    const clusters = (await openClusters(dataDir))!; // they run already, and go on running when the services are killed
    const watch = new pg.Client({ connectionString: clusters.databaseUrl });
    watch.on('error', () => undefined); // the server ends before us
    await watch.connect();

    const staff = await sandboxSignIns(dataDir, BOOKERS);
    const ids = await seededIn(dataDir);
    if (!ids) throw new Error('The services started without seeding the sandbox');
    const journal = new Journal(join(dir, 'acknowledged.jsonl'));
    const traffic = new Traffic();
    const anyone = new Client(baseUrl, journal, traffic);
    progress.end(`${args.transport}, ${args.kills} kills planned, seed ${args.seed}`);

    progress.phase(`signing in ${BOOKERS} bookers`);
    const { admin, bookers } = await signInAll(baseUrl, anyone, staff);
    const killer = new Killer(args.kills, rng, app, traffic, report, (text) => progress.note(text));
    const life: Life = {
      baseUrl,
      anyone,
      admin,
      bookers,
      ids,
      file,
      sandbox,
      killer,
      inFlight: () => traffic.inFlight,
      atWork: () => claimed(watch),
      rng,
      report,
      progress,
    };
    progress.end();

    const { mapping, clientOwned, importId } = await importFile(life);
    const called = await callEveryone(life);
    const booked = await bookMeetings(life, called);
    await liveWithThem(life, booked);

    // A lead of the other engagement, whose key is kept: the control of everything below.
    const kept = await admin.need(
      admin.post<{ id: string }>(`/api/v1/engagements/${ids.engagements[1]!.id}/leads`, {
        name: 'Kontroll Kvarsson',
        email: 'kvar@control.example',
        ...SOURCE,
      }),
      201,
    );
    // Told like everybody else: a lead that nobody tells within a month is erased too (B8).
    const booker = bookers[0]!;
    await booker.need(booker.post('/api/v1/calling/next', { engagementId: ids.engagements[1]!.id }), 200);
    await booker.need(
      booker.post(`/api/v1/leads/${kept.id}/outcomes`, { outcome: 'not-interested', informed: true }),
      201,
    );
    await settle(life);

    const env = Object.assign(new RuntimeEnv(), {
      AVTALA_DATABASE_URL: clusters.databaseUrl,
      AVTALA_KEYS_URL: clusters.keysUrl,
      AVTALA_SECRETS_DIR: join(dataDir, 'secrets'),
    });
    await countOutside(life, () =>
      countRows(clusters.databaseUrl, "select count(*) n from scheduling.invite where state = 'sent'"),
    );
    await countLost(life, called, booked, importId);
    const aside = await setAside(clusters.databaseUrl, clusters.keysUrl);

    await endAndErase(life, ids.startsOn, RETENTION_MONTHS);
    await checkCertificates(life, join(dir, 'certificates'));
    await countClientOwned(life, clientOwned);

    progress.phase('closing the key epoch');
    const { vault: vaultUrls, kekDir } = await prepare([], env);
    const vault = await openVault({ url: vaultUrls.keeper, keyDir: kekDir });
    await vault.closeEpoch().finally(() => vault.close());
    progress.end();

    progress.phase('looking for what is left of the leads');
    const engagementId = ids.engagements[0]!.id;
    const erased = aside.blobs.map((b) => b.leadId).filter((id) => id !== kept.id);
    const planted = await plant({
      databaseUrl: clusters.databaseUrl,
      keysUrl: clusters.keysUrl,
      sandboxDir,
      logDir,
      ...(broker ? { brokers: broker.brokers } : {}),
    });
    await leaveControlRow(clusters.databaseUrl, erased[0] ?? randomUUID());
    report.residue.rows = await rowsLeft(clusters.databaseUrl, erased, engagementId, (table, rows) => {
      if (table === 'public.planted_row') report.residue.controlsSeen++;
      else progress.note(`${rows} rows left in ${table}`);
    });
    report.residue.rows -= report.residue.controlsSeen;
    report.residue.dataKeys = await dataKeysLeft(clusters.keysUrl, erased);
    const open = await stillOpen(aside, clusters.keysUrl, kekDir);
    if (open.delete(kept.id)) report.residue.controlsSeen++;
    report.residue.opened = open.size;
    report.residue.controls = 2;
    progress.end(
      `${report.residue.rows} rows, ${report.residue.dataKeys} keys, ${report.residue.opened} of ${erased.length} still open`,
    );

    progress.phase('searching everything for every value');
    const skips = skipsOf(
      staff,
      ids.engagements.flatMap((e) => e.hosts),
      clientOwned,
    );
    const search = new CanarySearch(needlesOf(file, mapping), planted, skips);
    await watch.end();
    await app.stop(); // and with it the clusters it started; nothing writes any more
    const quiet = (await openClusters(dataDir))!;
    undo.push(() => quiet.stop());
    await search.database(quiet.databaseUrl, 'database');
    await search.database(quiet.keysUrl, 'keystore');
    if (broker) await search.messages(allMessages(broker.brokers), 'topics');
    await quiet.stop();
    journal.close();
    await sandboxProcess.stop();
    await broker?.stop();
    await setMailboxesApart(sandboxDir, dir);
    for (const [place, path] of [
      ['postgres', clusters.where.data],
      ['keystore-files', clusters.where.keys],
      ['secrets', join(dataDir, 'secrets')],
      ['sandbox', sandboxDir],
      ['logs', logDir],
      ...(broker ? [['kafka', join(dir, 'kafka')] as const] : []),
      ['certificates', join(dir, 'certificates')],
    ] as const) {
      await search.tree(path, place);
      if (args.keep && !path.startsWith(dir)) await cp(path, join(dir, place), { recursive: true });
    }
    await search.tree(dataDir, 'data');
    const { bytes, ...canaries } = search.result();
    report.canaries = { ...canaries, planted: planted.length };
    progress.end(
      `${canaries.found} of ${canaries.searched} values found in ${Math.round(bytes / 1e6)} MB; ${canaries.plantedFound} of ${planted.length} planted ones seen`,
    );

    report.requests.acknowledged = journal.acknowledged;
    report.seconds.total = progress.seconds;
    return report;
  } finally {
    for (const step of undo.reverse()) await step().catch((error: unknown) => progress.note(String(error)));
  }
}

/** Rows of due work with a lease: somebody is at a calendar, a mail server or a CRM right now. */
async function claimed(db: pg.Client): Promise<number> {
  const { rows } = await db.query<{ n: string }>(
    `select (select count(*) from scheduling.due where lease_until > now()) + (select count(*) from crm_sync.due where lease_until > now())
          + (select count(*) from lead_intake.due where lease_until > now()) as n`,
  );
  return Number(rows[0]!.n);
}

async function countRows(url: string, sql: string): Promise<number> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    return Number((await db.query<{ n: string }>(sql)).rows[0]!.n);
  } finally {
    await db.end();
  }
}

async function leaveControlRow(url: string, leadId: string): Promise<void> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    await db.query('create table public.planted_row (lead_id uuid)');
    await db.query('insert into public.planted_row values ($1)', [leadId]);
  } finally {
    await db.end();
  }
}

/** Values that stay on purpose, each in its own place only: the client's own records in its CRM, staff and hosts in our tables. */
function skipsOf(
  staff: readonly { name: string; email: string }[],
  hosts: readonly { name: string; email: string }[],
  clientOwned: readonly Record<string, string>[],
): Skip[] {
  const people = [...staff, ...hosts].flatMap((p) => [p.name, p.email]);
  const owned = clientOwned.flatMap((c) => [...Object.values(c), `${c.firstname} ${c.lastname}`]);
  return [
    ...people.flatMap((value) => ['database', 'postgres', 'sandbox', 'data'].map((place) => ({ value, place }))),
    ...owned.map((value) => ({ value, place: 'sandbox/hubspot' })),
  ];
}

/** The leads' own mailboxes are theirs: what was sent to them is not ours to erase. They are kept beside, under `mailbox/`. */
async function setMailboxesApart(sandboxDir: string, dir: string): Promise<void> {
  await rename(join(sandboxDir, 'mailbox'), join(dir, 'mailbox')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
