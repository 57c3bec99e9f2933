import { prepare, RuntimeEnv } from '@avtala/runtime';
import { openVault } from '@avtala/vault';
import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { openClusters } from '../clusters.js';
import { CanarySearch, type Skip } from './canaries.js';
import type { Life } from './life.js';
import { needlesOf, type Mapping } from './people.js';
import { plant } from './plant.js';
import { dataKeysLeft, rowsLeft, stillOpen, type SetAside } from './residue.js';
import { allMessages } from './topics.js';
import type { World } from './world.js';

const CONTROL_TABLE = 'public.planted_row';

/** Ends the key epoch, as `npm run close-epoch` does, so that copies of erased keys die too (security.md §3.4). */
export async function closeEpoch(world: World): Promise<string> {
  const env = Object.assign(new RuntimeEnv(), {
    AVTALA_DATABASE_URL: world.clusters.databaseUrl,
    AVTALA_KEYS_URL: world.clusters.keysUrl,
    AVTALA_SECRETS_DIR: world.dirs.secrets,
  });
  const { vault: urls, kekDir } = await prepare([], env);
  const vault = await openVault({ url: urls.keeper, keyDir: kekDir });
  await vault.closeEpoch().finally(() => vault.close());
  return kekDir;
}

/** Counts rows, keys and openable ciphertext of the erased; a lead that was kept and a row left behind on purpose must be seen.
 * @param keptId the lead whose key was kept */
export async function countResidue(
  life: Life,
  world: World,
  aside: SetAside,
  keptId: string,
  kekDir: string,
): Promise<void> {
  const { residue } = life.report;
  const { databaseUrl, keysUrl } = world.clusters;
  const erased = aside.blobs.map((b) => b.leadId).filter((id) => id !== keptId);
  residue.controls = 2;
  await leaveControlRow(databaseUrl, erased[0]!);
  const ended = life.ids.engagements.map((e) => e.id);
  await rowsLeft(databaseUrl, erased, ended, (table, rows) => {
    if (table === CONTROL_TABLE) {
      residue.controlsSeen++;
      return;
    }
    residue.rows += rows;
    life.progress.note(`${rows} rows left in ${table}`);
  });
  residue.dataKeys = await dataKeysLeft(keysUrl, erased);
  const open = await stillOpen(aside, keysUrl, kekDir);
  if (open.delete(keptId)) residue.controlsSeen++;
  residue.opened = open.size;
}

async function leaveControlRow(url: string, leadId: string): Promise<void> {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    await db.query(`create table ${CONTROL_TABLE} (lead_id uuid)`);
    await db.query(`insert into ${CONTROL_TABLE} values ($1)`, [leadId]);
  } finally {
    await db.end();
  }
}

/** Stops the services and searches all they wrote, in the order of protocols.md §10: tables, topics, then, with every server stopped, files.
 * @param keepIn copies what lies outside the run's directory here
 * @returns how many bytes were read */
export async function searchEverything(
  life: Life,
  world: World,
  mapping: Mapping,
  clientOwned: readonly Record<string, string>[],
  dir: string,
  keepIn: string | undefined,
): Promise<number> {
  const { dirs, brokers, clusters } = world;
  const planted = await plant({
    ...clusters,
    sandboxDir: dirs.sandbox,
    logDir: dirs.logs,
    ...(brokers ? { brokers } : {}),
  });
  const hosts = [...life.ids.engagements.flatMap((e) => e.hosts), ...(life.second?.hosts ?? [])];
  const search = new CanarySearch(
    needlesOf(life.file, mapping),
    planted,
    skipsOf(world.staff, hosts, [...clientOwned, ...(life.second?.clientOwned ?? [])]),
  );

  await world.stopServices(); // and with them their databases; nothing writes any more
  const quiet = (await openClusters(dirs.data))!;
  try {
    await search.database(quiet.databaseUrl, 'database');
    await search.database(quiet.keysUrl, 'keystore');
    if (brokers) await search.messages(allMessages(brokers), 'topics');
  } finally {
    await quiet.stop();
  }
  await world.stop();
  await setMailboxesApart(dirs.sandbox, dir);

  const trees = new Map([
    ['data', dirs.data],
    ['sandbox', dirs.sandbox],
    ['logs', dirs.logs],
    ['caldav', dirs.calDav],
    ['certificates', join(dir, 'certificates')],
    ...(brokers ? [['kafka', dirs.kafka] as const] : []),
    ...(clusters.moved
      ? [['data/postgres', clusters.where.data] as const, ['data/keystore', clusters.where.keys] as const]
      : []),
  ]);
  for (const [place, path] of trees) {
    await search.tree(path, place);
    if (keepIn && !path.startsWith(dir)) await cp(path, join(keepIn, place), { recursive: true });
  }
  const { bytes, ...canaries } = search.result();
  life.report.canaries = { ...canaries, planted: planted.length };
  return bytes;
}

/** Values that stay on purpose, each in its own place only: the client's own records in its CRM, staff and hosts in our tables. */
function skipsOf(
  staff: readonly { name: string; email: string }[],
  hosts: readonly { name: string; email: string }[],
  clientOwned: readonly Record<string, string>[],
): Skip[] {
  const people = [...staff, ...hosts].flatMap((p) => [p.name, p.email]);
  const owned = clientOwned.flatMap((c) => [
    ...Object.values(c),
    `${c.firstname ?? c.FirstName} ${c.lastname ?? c.LastName}`,
  ]);
  return [
    ...people.flatMap((value) => ['database', 'sandbox', 'data'].map((place) => ({ value, place }))),
    ...owned.flatMap((value) => ['sandbox/hubspot', 'sandbox/salesforce'].map((place) => ({ value, place }))),
  ];
}

/** The leads' own mailboxes are theirs: what was sent to them is not ours to erase. They are kept beside, under `mailbox/`. */
async function setMailboxesApart(sandboxDir: string, dir: string): Promise<void> {
  await rename(join(sandboxDir, 'mailbox'), join(dir, 'mailbox')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
