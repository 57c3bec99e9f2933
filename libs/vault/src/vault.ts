import { randomBytes, type KeyObject } from 'node:crypto';
import pg from 'pg';
import { closeEpoch, EpochCloseRunning, type CloseOptions, type EpochClosed } from './close-epoch.js';
import { EngagementKeys, KeyDestroyed, type VersionedKey } from './engagement-keys.js';
import { acrossCloses, Epochs, inTransaction, LOCK } from './epochs.js';
import { secretKey, suppressionHashes, type SuppressionHash } from './hashes.js';
import { FileKekProvider, unwrap, wrap, type Assurance, type KekProvider } from './kek-provider.js';
import { KeyBlocks, type ReadyKey } from './key-blocks.js';
import { KeyCache } from './key-cache.js';
import { dataKeyContext, type KeyMaker, type MadeKeys } from './made-keys.js';
import type { SubjectKind } from './provision.js';

/** Why a key is opened, for the audit of key use. */
export interface KeyUse {
  readonly action: 'open' | 'destroy';
  readonly kind: SubjectKind;
  readonly count: number;
  readonly purpose: string;
}

export interface VaultOptions {
  /** Key-store database, as the role of the service (`provisionVault` returns one URL for each). */
  readonly url: string;
  /** Directory of the provider's key files. */
  readonly keyDir: string;
  /** Told of every opening and destruction; counts and purposes, never ids or keys. */
  readonly onUse?: (use: KeyUse) => void;
}

/** Connects a service to the key store and opens the first epoch when there is none. */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const pool = new pg.Pool({ connectionString: options.url, max: 6, application_name: 'vault' });
  pool.on('error', () => undefined); // an idle connection that dies is replaced; the next query says what is wrong
  const provider = new FileKekProvider(options.keyDir);
  const epochs = new Epochs(pool, provider);
  try {
    await epochs.ensureOpen();
  } catch (error) {
    await pool.end();
    throw error;
  }
  return new Vault(pool, provider, epochs, options.onUse);
}

/** Data keys: one for each subject, in a PostgreSQL cluster of its own (security.md §3). Plain keys exist as KeyObjects in memory only.
 * A service's role reaches the kinds of subject that are its own; row-level security gives it no others. */
export class Vault {
  private readonly cache = new KeyCache();
  private readonly blocks: KeyBlocks;
  private readonly engagements: EngagementKeys;

  constructor(
    private readonly pool: pg.Pool,
    private readonly provider: KekProvider,
    private readonly epochs: Epochs,
    private readonly onUse: (use: KeyUse) => void = () => undefined,
  ) {
    this.blocks = new KeyBlocks(pool, epochs);
    this.engagements = new EngagementKeys(pool, epochs);
  }

  get assurance(): Assurance {
    return this.provider.assurance;
  }

  /** Ids for new leads with their keys, from this process's block. */
  take(n: number): Promise<ReadyKey[]> {
    return this.blocks.take(n);
  }

  /** For making keys of new leads in a worker thread (`makeKeys`), a few seconds' worth: what it holds must not outlive `MEMORY_MS`. */
  keyMaker(): Promise<KeyMaker> {
    return this.blocks.maker();
  }

  /** Keys made elsewhere, into the key store, before anything is sealed under them for good.
   * @returns false when the epoch was closed since: they are worth nothing, make others */
  enter(made: Pick<MadeKeys, 'epoch' | 'ids' | 'wrapped'>): Promise<boolean> {
    return this.blocks.enter(made);
  }

  /** The subject's key, made when it has none yet. @throws KeyDestroyed when it once had one */
  create(kind: SubjectKind, id: string): Promise<KeyObject> {
    return acrossCloses(() =>
      inTransaction(this.pool, async (client) => {
        const { epoch, kek } = await this.epochs.current(client);
        const gone = await client.query('select 1 from vault.destruction where kind = $1 and subject_id = $2', [
          kind,
          id,
        ]);
        if (gone.rowCount) throw new KeyDestroyed(`${kind} ${id}`);
        const existing = await this.rows(client, kind, [id]);
        if (!existing.length) {
          const bytes = randomBytes(32);
          await client.query(
            'insert into vault.data_key (epoch, kind, subject_id, wrapped) values ($1, $2, $3, $4) on conflict do nothing',
            [epoch, kind, id, wrap(kek, dataKeyContext(epoch, kind, id), bytes)],
          );
          bytes.fill(0);
        }
        const row = existing[0] ?? (await this.rows(client, kind, [id]))[0];
        if (!row) throw new KeyDestroyed(`${kind} ${id}`);
        return secretKey(
          unwrap(
            await this.epochs.kek(row.epoch, client),
            dataKeyContext(row.epoch, kind, row.subject_id),
            row.wrapped,
          ),
        );
      }),
    );
  }

  /** Keys by id (at most 1000 ids); ids without a key are absent. Kept in memory for 60 s at most.
   * Ask for the tombstone first: this one knows keys, not orders. */
  async open(kind: SubjectKind, ids: readonly string[], purpose: string): Promise<Map<string, KeyObject>> {
    if (ids.length > 1000) throw new RangeError('At most 1000 keys are opened at a time');
    const keys = new Map<string, KeyObject>();
    const unknown: string[] = [];
    for (const id of ids) {
      const cached = this.cache.get(`${kind}:${id}`);
      if (cached) keys.set(id, cached);
      else unknown.push(id);
    }
    if (unknown.length) {
      const { generation } = this.cache;
      await acrossCloses(async () => {
        for (const row of await this.rows(this.pool, kind, unknown)) {
          const kek = await this.epochs.kek(row.epoch);
          const key = secretKey(unwrap(kek, dataKeyContext(row.epoch, kind, row.subject_id), row.wrapped));
          keys.set(row.subject_id, key);
          this.cache.set(`${kind}:${row.subject_id}`, key, generation);
        }
      });
    }
    this.onUse({ action: 'open', kind, count: keys.size, purpose });
    return keys;
  }

  /** Destroys keys for good and enters them in the ledger; safe to repeat. @returns keys deleted this time */
  async destroy(kind: SubjectKind, ids: readonly string[], orderId: string | null): Promise<number> {
    const deleted = await inTransaction(this.pool, async (client) => {
      await client.query(`select ${LOCK.moveShared}`);
      await client.query(
        `insert into vault.destruction (kind, subject_id, order_id)
         select $1, id, $3 from unnest($2::uuid[]) as ids (id) order by id on conflict do nothing`,
        [kind, ids, orderId],
      );
      const { rows } = await client.query<{ n: number }>(
        `with gone as (delete from vault.data_key where kind = $1 and subject_id = any($2::uuid[]) returning subject_id)
         select count(distinct subject_id)::int as n from gone`,
        [kind, ids],
      );
      return rows[0]?.n ?? 0;
    });
    this.flush(kind, ids);
    this.onUse({ action: 'destroy', kind, count: deleted, purpose: 'erasure' });
    return deleted;
  }

  /** How many of these subjects still have a key. */
  async remaining(kind: SubjectKind, ids: readonly string[]): Promise<number> {
    const { rows } = await this.pool.query<{ n: number }>(
      'select count(distinct subject_id)::int as n from vault.data_key where kind = $1 and subject_id = any($2::uuid[])',
      [kind, ids],
    );
    return rows[0]?.n ?? 0;
  }

  /** Drops opened keys from memory: of these subjects, or (on `erasure.cleared` of an engagement) all. */
  flush(kind?: SubjectKind, ids?: readonly string[]): void {
    if (kind && ids) return this.cache.flush(ids.map((id) => `${kind}:${id}`));
    this.cache.flush();
    this.engagements.flush();
  }

  /** Deletes ready-made keys older than a day that no lead took. @param existing which of these ids (≤ 1000) `lead_home` knows */
  sweep(existing: (ids: string[]) => Promise<Iterable<string>>): Promise<number> {
    return this.blocks.sweep(existing);
  }

  /** Pepper of an engagement's blind indexes: the newest (made on first use), or a version of it. @throws KeyDestroyed */
  pepper(engagementId: string, version?: number): Promise<VersionedKey> {
    return this.engagements.get('pepper', engagementId, version);
  }

  /** A new version beside the old one; after the indexes are recomputed, `destroyPepper` the old. */
  rotatePepper(engagementId: string): Promise<VersionedKey> {
    return this.engagements.rotate(engagementId);
  }

  destroyPepper(engagementId: string, version: number): Promise<void> {
    return this.engagements.destroyVersion(engagementId, version);
  }

  /** Key of the row hashes that make an import's rerun a no-op. Does not rotate; dies with the engagement. @throws KeyDestroyed */
  async importHashKey(engagementId: string): Promise<KeyObject> {
    return (await this.engagements.get('import-hash', engagementId, 1)).key;
  }

  /** Destroys all peppers and the import hash key of an engagement. @returns keys deleted this time */
  destroyEngagement(engagementId: string, orderId: string): Promise<number> {
    return this.engagements.destroyAll(engagementId, orderId);
  }

  /** Peppers and import hash keys an engagement still has. */
  remainingOfEngagement(engagementId: string): Promise<number> {
    return this.engagements.remaining(engagementId);
  }

  /** The one global key of suppression hashes (B5), for bulk use with `suppressionHashes`. */
  async suppressionKey(): Promise<KeyObject> {
    return (await this.engagements.get('suppression', null, 1)).key;
  }

  async suppressionHash(person: { email?: string; phone?: string }): Promise<SuppressionHash[]> {
    return suppressionHashes(await this.suppressionKey(), person);
  }

  /** Ends the open epoch: survivors are re-wrapped, the old KEK destroyed; what was erased before is then beyond every copy of the key store.
   * Needs the keeper's URL. A close that was killed is finished first. */
  async closeEpoch(options?: CloseOptions): Promise<EpochClosed> {
    const closed = await closeEpoch(this.pool, this.provider, this.epochs, options);
    this.epochs.forget();
    return closed;
  }

  /** Ends the open epoch when it has lasted `days` of real time (its week, security.md §3.4), and finishes a close that was killed.
   * @returns undefined when nothing was due, or another process is at it */
  async closeEpochWhenDue(days = 7): Promise<EpochClosed | undefined> {
    const { rowCount } = await this.pool.query(
      `select 1 from vault.epoch where state in ('closing', 'dropped')
         or (state = 'open' and opened_at <= now() - make_interval(days => $1))`,
      [days],
    );
    if (!rowCount) return undefined;
    return this.closeEpoch().catch((error: unknown) => {
      if (error instanceof EpochCloseRunning) return undefined;
      throw error;
    });
  }

  async close(): Promise<void> {
    this.flush();
    this.epochs.forget();
    await this.pool.end();
  }

  private async rows(via: pg.Pool | pg.PoolClient, kind: SubjectKind, ids: readonly string[]): Promise<KeyRow[]> {
    // While an epoch is being closed a key lies in both: the newer copy counts.
    const { rows } = await via.query<KeyRow>(
      `select distinct on (subject_id) subject_id, epoch, wrapped from vault.data_key
       where kind = $1 and subject_id = any($2::uuid[]) order by subject_id, epoch desc`,
      [kind, ids],
    );
    return rows;
  }
}

interface KeyRow {
  subject_id: string;
  epoch: number;
  wrapped: Buffer;
}
