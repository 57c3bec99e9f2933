import type { KeyObject } from 'node:crypto';
import type pg from 'pg';
import { secretKey } from './hashes.js';
import { EpochGone, type KekProvider } from './kek-provider.js';

/** Advisory locks of the key store, all `(4712, x)`. */
export const LOCK = {
  /** Shared by whoever inserts a key; exclusive while the open epoch changes. So nothing lands in an epoch after its close began. */
  switch: 'pg_advisory_xact_lock(4712, 1)',
  switchShared: 'pg_advisory_xact_lock_shared(4712, 1)',
  /** Shared by whoever deletes keys; exclusive for a batch of re-wrapping. Else a DELETE with an older snapshot misses the copy, and the key survives. */
  move: 'pg_advisory_xact_lock(4712, 2)',
  moveShared: 'pg_advisory_xact_lock_shared(4712, 2)',
  /** One closer at a time, held by its session. */
  tryClose: 'pg_try_advisory_lock(4712, 3)',
} as const;

/** How long a key stays in memory: KEKs here, data keys in the cache. */
export const MEMORY_MS = 60_000;

/** One transaction on a connection of its own. */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => (broken = rollbackError));
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Which epoch is open, and the KEKs of those whose keys still exist. */
export class Epochs {
  private readonly keks = new Map<number, { kek: KeyObject; until: number }>();

  constructor(
    private readonly pool: pg.Pool,
    private readonly provider: KekProvider,
  ) {}

  /** Opens the first epoch of a new key store; whoever loses the race destroys the provider key it made. */
  async ensureOpen(): Promise<void> {
    const { rowCount } = await this.pool.query("select 1 from vault.epoch where state = 'open'");
    if (rowCount) return;
    const made = await this.provider.createEpoch();
    made.kek.fill(0);
    await this.pool.query('select vault.open_epoch($1, $2)', [made.ref, made.wrapped]);
    await this.destroyUnused(made.ref);
  }

  /** A provider key made for an epoch that did not come to be. */
  async destroyUnused(ref: string): Promise<void> {
    const { rowCount } = await this.pool.query('select 1 from vault.epoch where ref = $1', [ref]);
    if (!rowCount) await this.provider.destroyEpoch(ref);
  }

  /** The epoch new keys belong to, fixed until this transaction ends. */
  async current(client: pg.PoolClient): Promise<{ epoch: number; kek: KeyObject }> {
    await client.query(`select ${LOCK.switchShared}`); // before the read below, as a statement of its own: its snapshot must be newer than the lock
    const { rows } = await client.query<{ epoch: number }>("select epoch from vault.epoch where state = 'open'");
    const epoch = rows[0]?.epoch;
    if (epoch === undefined) throw new Error('The key store has no open epoch');
    return { epoch, kek: await this.kek(epoch, client) };
  }

  /** @throws EpochGone when the epoch was closed and its KEK destroyed */
  async kek(epoch: number, via: pg.Pool | pg.PoolClient = this.pool): Promise<KeyObject> {
    const known = this.keks.get(epoch);
    if (known && known.until > Date.now()) return known.kek;
    this.keks.delete(epoch);
    const { rows } = await via.query<{ ref: string; wrapped: Buffer | null }>(
      "select ref, wrapped from vault.epoch where epoch = $1 and state in ('open', 'closing')",
      [epoch],
    );
    const row = rows[0];
    if (!row?.wrapped) throw new EpochGone(String(epoch));
    const kek = secretKey(await this.provider.openEpoch(row.ref, row.wrapped));
    this.keks.set(epoch, { kek, until: Date.now() + MEMORY_MS });
    return kek;
  }

  forget(): void {
    this.keks.clear();
  }
}

/** Runs `read` again when the epoch of what it read was closed in between: the rows are in the next one by then. */
export async function acrossCloses<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof EpochGone) || attempt >= 3) throw error;
    }
  }
}
