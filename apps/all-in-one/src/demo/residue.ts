import { createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { FileKekProvider, unseal } from '@avtala/vault';
import pg from 'pg';
import { tablesOf, tableText } from './copy-tables.js';
import { Matcher } from './search.js';

/** What somebody could have carried away before the erasure: ciphertext, wrapped keys and wrapped KEKs, as an old backup holds them. */
export interface SetAside {
  readonly blobs: readonly { leadId: string; sealed: Buffer }[];
  readonly dataKeys: readonly WrappedKey[];
  readonly epochs: readonly WrappedEpoch[];
}

interface WrappedKey {
  epoch: number;
  subject: string;
  kind: string;
  wrapped: Buffer;
}
interface WrappedEpoch {
  epoch: number;
  ref: string;
  wrapped: Buffer;
}

/** Tables in which a lead's id may stay: it is random, and means nothing once rows and key are gone (protocols.md §10). */
const ALLOWED = /\.(tombstone|erasure_\w+|receipt|audit_entry|clock|engagement_clock|certificate|destruction)$/;
/** The engagement itself is the client's contract, kept for bookkeeping: its id may stay in the service that owns it, and there only. */
const CONTRACT = /^agency\./;
const SAGA = /\t(erasure\.|lead\.erasure-ordered|engagement\.erasure-ordered)/;

const client = async (url: string): Promise<pg.Client> => {
  const c = new pg.Client({ connectionString: url });
  await c.connect();
  return c;
};

/** Copies what an attacker would need later. */
export async function setAside(databaseUrl: string, keysUrl: string): Promise<SetAside> {
  const [data, keys] = [await client(databaseUrl), await client(keysUrl)];
  try {
    const blobs = await data.query<{ leadId: string; sealed: Buffer }>(
      'select id as "leadId", sealed from lead_intake.lead',
    );
    const dataKeys = await keys.query<WrappedKey>(
      'select epoch, subject_id as subject, kind, wrapped from vault.data_key',
    );
    const epochs = await keys.query<WrappedEpoch>(
      'select epoch, ref, wrapped from vault.epoch where wrapped is not null',
    );
    return { blobs: blobs.rows, dataKeys: dataKeys.rows, epochs: epochs.rows };
  } finally {
    await data.end();
    await keys.end();
  }
}

/** How many rows outside the allowed tables still name one of these leads or their engagements. A row counts once. */
export async function rowsLeft(
  databaseUrl: string,
  leadIds: readonly string[],
  engagementIds: readonly string[],
  where: (table: string, rows: number) => void,
): Promise<number> {
  const db = await client(databaseUrl);
  const matcher = new Matcher([...engagementIds, ...leadIds].map((id, needle) => ({ needle, bytes: Buffer.from(id) })));
  let left = 0;
  try {
    for (const table of await tablesOf(db, ['pg_catalog', 'information_schema'])) {
      if (ALLOWED.test(table)) continue;
      const isLog = /\.(log|outbox)$/.test(table);
      let rows = 0;
      for await (const line of linesOf(tableText(db, table))) {
        if (isLog && SAGA.test(line)) continue;
        const bytes = Buffer.from(line);
        let named = false;
        matcher.scan(
          bytes,
          bytes.length,
          (needle) => (named ||= needle >= engagementIds.length || !CONTRACT.test(table)),
        );
        if (named) rows++;
      }
      if (rows) where(table, rows);
      left += rows;
    }
  } finally {
    await db.end();
  }
  return left;
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let carry = '';
  for await (const chunk of chunks) {
    const lines = (carry + chunk.toString('latin1')).split('\n');
    carry = lines.pop()!;
    yield* lines;
  }
  if (carry) yield carry;
}

/** Data keys left for these leads. */
export async function dataKeysLeft(keysUrl: string, leadIds: readonly string[]): Promise<number> {
  const db = await client(keysUrl);
  try {
    const { rows } = await db.query<{ n: string }>('select count(*) n from vault.data_key where subject_id = any($1)', [
      leadIds,
    ]);
    return Number(rows[0]!.n);
  } finally {
    await db.end();
  }
}

/** Which of the leads' ciphertexts set aside before still open with any key that survives: current keys, or the old wrapped ones under
 * whatever KEK can still be opened. The honest attacker's best try.
 * @returns ids of the leads that open */
export async function stillOpen(aside: SetAside, keysUrl: string, keyDir: string): Promise<Set<string>> {
  const db = await client(keysUrl);
  try {
    const now = await db.query<WrappedKey>('select epoch, subject_id as subject, kind, wrapped from vault.data_key');
    const epochsNow = await db.query<WrappedEpoch>(
      'select epoch, ref, wrapped from vault.epoch where wrapped is not null',
    );
    const provider = new FileKekProvider(keyDir);
    const keks = new Map<number, KeyObject>();
    for (const e of [...aside.epochs, ...epochsNow.rows]) {
      const kek = await provider.openEpoch(e.ref, e.wrapped).catch(() => undefined);
      if (kek) keks.set(e.epoch, createSecretKey(kek));
    }
    const keysOf = new Map<string, KeyObject[]>();
    for (const k of [...aside.dataKeys, ...now.rows]) {
      const kek = keks.get(k.epoch);
      const key = kek && unwrapped(kek, k);
      if (key) keysOf.set(k.subject, [...(keysOf.get(k.subject) ?? []), key]);
    }
    const open = new Set<string>();
    for (const blob of aside.blobs) {
      if ((keysOf.get(blob.leadId) ?? []).some((key) => opens(key, blob))) open.add(blob.leadId);
    }
    return open;
  } finally {
    await db.end();
  }
}

function unwrapped(kek: KeyObject, k: WrappedKey): KeyObject | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', kek, k.wrapped.subarray(0, 12), { authTagLength: 16 })
      .setAAD(Buffer.from(dataKeyContext(k)))
      .setAuthTag(k.wrapped.subarray(-16));
    return createSecretKey(Buffer.concat([decipher.update(k.wrapped.subarray(12, -16)), decipher.final()]));
  } catch {
    return undefined;
  }
}

const dataKeyContext = (k: WrappedKey): string => `dk:${k.epoch}:${k.kind}:${k.subject}`;

function opens(key: KeyObject, blob: { leadId: string; sealed: Buffer }): boolean {
  try {
    unseal(key, `lead:${blob.leadId}:1`, blob.sealed);
    return true;
  } catch {
    return false;
  }
}
