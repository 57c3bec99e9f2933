import type { KeyObject } from 'node:crypto';
import type pg from 'pg';
import { Epochs, inTransaction, LOCK } from './epochs.js';
import { secretKey } from './hashes.js';
import { KEY_BYTES, makeKeys, WRAPPED_BYTES, type KeyMaker, type MadeKeys } from './made-keys.js';

export interface ReadyKey {
  /** Id of the lead that will be: a UUIDv7, so that rows of one import lie together. */
  readonly id: string;
  readonly key: KeyObject;
  readonly epoch: number;
}

const BLOCK = 1000;
/** A block is used for six hours and swept after a day: between the two lies every transaction that still holds one of its keys. */
const USABLE_MS = 6 * 3_600_000;
const SWEEP_AFTER = '24 hours';

/** Ids with data keys made ahead, so that storing a lead is one transaction in one database (protocols.md §3). */
export class KeyBlocks {
  private ready: ReadyKey[] = [];
  private usableUntil = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly pool: pg.Pool,
    private readonly epochs: Epochs,
  ) {}

  /** Each id is given once. Calls wait for one another, so that two of them do not make two blocks. */
  take(n: number): Promise<ReadyKey[]> {
    const taken = this.last.then(() => this.takeNow(n));
    this.last = taken.catch(() => undefined);
    return taken;
  }

  private async takeNow(n: number): Promise<ReadyKey[]> {
    if (Date.now() >= this.usableUntil) this.ready = [];
    while (this.ready.length < n) {
      if (this.ready.length === 0) this.usableUntil = Date.now() + USABLE_MS; // the oldest key in hand decides
      this.ready.push(...(await this.makeBlock()));
    }
    return this.ready.splice(0, n);
  }

  private async makeBlock(): Promise<ReadyKey[]> {
    for (;;) {
      const made = makeKeys(await this.maker(), BLOCK);
      if (!(await this.enter(made))) continue; // the epoch was closed in between
      const { epoch, ids, keys } = made;
      return ids.map((id, i) => ({ id, key: secretKey(keys.subarray(i * KEY_BYTES, (i + 1) * KEY_BYTES)), epoch }));
    }
  }

  maker(): Promise<KeyMaker> {
    return inTransaction(this.pool, (client) => this.epochs.current(client));
  }

  /** @returns false when the epoch was closed since they were made */
  enter({ epoch, ids, wrapped }: Pick<MadeKeys, 'epoch' | 'ids' | 'wrapped'>): Promise<boolean> {
    return inTransaction(this.pool, async (client) => {
      if ((await this.epochs.current(client)).epoch !== epoch) return false;
      // One binary value, cut apart there: as bytea[] the driver would write each key as hex text.
      await client.query(
        `insert into vault.data_key (epoch, kind, subject_id, wrapped, ready)
         select $1, 'lead', id, substring($3::bytea from (i::int - 1) * ${WRAPPED_BYTES} + 1 for ${WRAPPED_BYTES}), true
         from unnest($2::uuid[]) with ordinality as block (id, i)`,
        [epoch, `{${ids.join(',')}}`, Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.length)],
      );
      return true;
    });
  }

  /** Deletes the keys of blocks older than a day that became nobody's.
   * @param existing which of these ids (≤ 1000) belong to a lead, asked of `lead_home`
   * @returns keys deleted */
  async sweep(existing: (ids: string[]) => Promise<Iterable<string>>): Promise<number> {
    let deleted = 0;
    for (;;) {
      const { rows } = await this.pool.query<{ subject_id: string }>(
        `select subject_id from vault.data_key where ready and kind = 'lead' and made_at < now() - interval '${SWEEP_AFTER}'
         order by made_at limit ${BLOCK}`,
      );
      if (rows.length === 0) return deleted;
      const ids = rows.map((row) => row.subject_id);
      const used = new Set(await existing(ids));
      deleted += await inTransaction(this.pool, async (client) => {
        await client.query(`select ${LOCK.moveShared}`);
        const gone = await client.query(
          `delete from vault.data_key where ready and kind = 'lead' and subject_id = any($1::uuid[])`,
          [ids.filter((id) => !used.has(id))],
        );
        await client.query(
          `update vault.data_key set ready = false where kind = 'lead' and subject_id = any($1::uuid[])`,
          [[...used]],
        );
        return gone.rowCount ?? 0;
      });
    }
  }
}
