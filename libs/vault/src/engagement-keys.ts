import { randomBytes, type KeyObject } from 'node:crypto';
import type pg from 'pg';
import { acrossCloses, Epochs, inTransaction } from './epochs.js';
import { secretKey } from './hashes.js';
import { unwrap, wrap } from './kek-provider.js';
import { KeyCache } from './key-cache.js';

type Name = 'pepper' | 'import-hash' | 'suppression';

export interface VersionedKey {
  readonly version: number;
  readonly key: KeyObject;
}

/** The subject's key was destroyed; it never gets another. */
export class KeyDestroyed extends Error {
  readonly code = 'key-destroyed';
  constructor(what: string) {
    super(`The key of ${what} was destroyed`);
    this.name = 'KeyDestroyed';
  }
}

const contextOf = (name: Name, engagement: string | null, version: number, epoch: number): string =>
  `ek:${epoch}:${name}:${engagement ?? '-'}:${version}`;

/** Re-wraps one row's key for another epoch. */
export const rewrapEngagementKey = (
  row: { name: Name; engagement_id: string | null; version: number; wrapped: Buffer },
  from: { epoch: number; kek: KeyObject },
  to: { epoch: number; kek: KeyObject },
): Buffer => {
  const { name, engagement_id: engagement, version } = row;
  const bytes = unwrap(from.kek, contextOf(name, engagement, version, from.epoch), row.wrapped);
  const wrapped = wrap(to.kek, contextOf(name, engagement, version, to.epoch), bytes);
  bytes.fill(0);
  return wrapped;
};

/** Keys that belong to an engagement instead of a person (peppers by version, the key of import row hashes), and the one for suppression. */
export class EngagementKeys {
  private readonly cache = new KeyCache(1000);

  constructor(
    private readonly pool: pg.Pool,
    private readonly epochs: Epochs,
  ) {}

  /** Without a version the newest. The first is made on first use, unless the engagement's keys were destroyed. @throws KeyDestroyed */
  async get(name: Name, engagement: string | null, version?: number): Promise<VersionedKey> {
    if (version !== undefined) {
      const cached = this.cache.get(`${name}:${engagement}:${version}`);
      if (cached) return { version, key: cached };
    }
    const { generation } = this.cache;
    const known = await acrossCloses(() => this.read(name, engagement, version));
    if (known) {
      this.cache.set(`${name}:${engagement}:${known.version}`, known.key, generation);
      return known;
    }
    const newest = version === undefined ? undefined : await acrossCloses(() => this.read(name, engagement));
    if (newest && newest.version === version) return newest; // made by another between the two reads
    if ((version ?? 1) !== 1 || newest) throw new KeyDestroyed(`${name} ${version} of ${engagement}`);
    await this.insert(name, engagement, 1);
    const made = await acrossCloses(() => this.read(name, engagement, 1));
    if (!made) throw new KeyDestroyed(`${name} of ${engagement}`);
    return made;
  }

  /** The next version of the pepper; the old one stays until `destroyVersion`. */
  async rotate(engagement: string): Promise<VersionedKey> {
    const { version } = await this.get('pepper', engagement);
    await this.insert('pepper', engagement, version + 1); // two at once: one row, both get it
    return this.get('pepper', engagement, version + 1);
  }

  async destroyVersion(engagement: string, version: number): Promise<void> {
    await this.pool.query(
      `delete from vault.engagement_key where name = 'pepper' and engagement_id = $1 and version = $2`,
      [engagement, version],
    );
    this.cache.flush([`pepper:${engagement}:${version}`]);
  }

  /** Peppers and import hash key, for good. Safe to repeat. @returns keys deleted this time */
  async destroyAll(engagement: string, orderId: string): Promise<number> {
    const deleted = await inTransaction(this.pool, async (client) => {
      await client.query('select pg_advisory_xact_lock(4713, hashtext($1))', [engagement]);
      await client.query(
        `insert into vault.destruction (kind, subject_id, order_id) values ('engagement', $1, $2) on conflict do nothing`,
        [engagement, orderId],
      );
      const { rowCount } = await client.query('delete from vault.engagement_key where engagement_id = $1', [
        engagement,
      ]);
      return rowCount ?? 0;
    });
    this.cache.flush();
    return deleted;
  }

  async remaining(engagement: string): Promise<number> {
    const { rows } = await this.pool.query<{ n: number }>(
      'select count(*)::int as n from vault.engagement_key where engagement_id = $1',
      [engagement],
    );
    return rows[0]?.n ?? 0;
  }

  flush(): void {
    this.cache.flush();
  }

  private async read(name: Name, engagement: string | null, version?: number): Promise<VersionedKey | undefined> {
    const { rows } = await this.pool.query<{ version: number; epoch: number; wrapped: Buffer }>(
      `select version, epoch, wrapped from vault.engagement_key
       where name = $1 and engagement_id is not distinct from $2::uuid and ($3::int is null or version = $3)
       order by version desc limit 1`,
      [name, engagement, version ?? null],
    );
    const row = rows[0];
    if (!row) return undefined;
    const kek = await this.epochs.kek(row.epoch);
    return {
      version: row.version,
      key: secretKey(unwrap(kek, contextOf(name, engagement, row.version, row.epoch), row.wrapped)),
    };
  }

  private insert(name: Name, engagement: string | null, version: number): Promise<void> {
    return inTransaction(this.pool, async (client) => {
      const { epoch, kek } = await this.epochs.current(client);
      if (engagement) {
        // Taken in a statement before the ledger is read: destroyAll holds it until its ledger row is committed.
        await client.query('select pg_advisory_xact_lock(4713, hashtext($1))', [engagement]);
        const { rowCount } = await client.query(
          `select 1 from vault.destruction where kind = 'engagement' and subject_id = $1`,
          [engagement],
        );
        if (rowCount) throw new KeyDestroyed(`engagement ${engagement}`);
      }
      const bytes = randomBytes(32);
      await client.query(
        `insert into vault.engagement_key (name, engagement_id, version, epoch, wrapped) values ($1, $2, $3, $4, $5)
         on conflict do nothing`,
        [name, engagement, version, epoch, wrap(kek, contextOf(name, engagement, version, epoch), bytes)],
      );
      bytes.fill(0);
    });
  }
}
