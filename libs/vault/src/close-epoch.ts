import { timingSafeEqual, type KeyObject } from 'node:crypto';
import type pg from 'pg';
import { rewrapEngagementKey } from './engagement-keys.js';
import { Epochs, LOCK } from './epochs.js';
import { unwrap, wrap, type KekProvider } from './kek-provider.js';
import { dataKeyContext } from './made-keys.js';

export interface EpochClosed {
  closed: number;
  opened: number;
  /** Data keys that live on under the new epoch. */
  survivors: number;
  destroyedKek: boolean;
}

export interface CloseOptions {
  /** Keys re-wrapped per transaction; deletions wait for one batch at most. */
  batch?: number;
  /** Told after each durable step: opened, copied (per batch), engagement-keys, dropped, destroyed. */
  onStep?: (step: CloseStep) => void;
}
export type CloseStep = 'opened' | 'copied' | 'engagement-keys' | 'dropped' | 'destroyed';

/** Another process is closing the epoch right now. */
export class EpochCloseRunning extends Error {
  constructor() {
    super('The epoch is being closed by another process');
    this.name = 'EpochCloseRunning';
  }
}

interface Closing {
  epoch: number;
  ref: string;
  state: 'closing' | 'dropped';
  copied_kind: string | null;
  copied_subject: string | null;
}
interface Side {
  epoch: number;
  kek: KeyObject;
}

/** @see security.md §3.4. Every step is durable before the next begins, and a repeat goes on where a kill left it. */
export async function closeEpoch(
  pool: pg.Pool,
  provider: KekProvider,
  epochs: Epochs,
  { batch = 5000, onStep = () => undefined }: CloseOptions = {},
): Promise<EpochClosed> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ got: boolean }>(`select ${LOCK.tryClose} as got`);
    if (!rows[0]?.got) throw new EpochCloseRunning();
    const close = new Close(client, provider, epochs, batch, onStep);
    const unfinished = await close.unfinished();
    if (unfinished) {
      const finished = await close.finish(unfinished);
      if (!(await close.destroyedSince(finished.opened))) return finished;
    }
    await close.begin();
    const begun = await close.unfinished();
    if (!begun) throw new Error('The epoch did not begin to close');
    return await close.finish(begun);
  } finally {
    // The session ends with its lock, but not before the server notices: a close right after this one must not meet it.
    await client.query('select pg_advisory_unlock_all()').catch(() => undefined);
    client.release(true);
  }
}

class Close {
  constructor(
    private readonly client: pg.PoolClient,
    private readonly provider: KekProvider,
    private readonly epochs: Epochs,
    private readonly batch: number,
    private readonly onStep: (step: CloseStep) => void,
  ) {}

  async unfinished(): Promise<Closing | undefined> {
    const { rows } = await this.client.query<Closing>(
      `select epoch, ref, state, copied_kind, copied_subject from vault.epoch where state in ('closing', 'dropped') order by epoch limit 1`,
    );
    return rows[0];
  }

  /** Something destroyed after the newer epoch opened may have been copied into it first: that one must end too. */
  async destroyedSince(epoch: number): Promise<boolean> {
    const { rowCount } = await this.client.query(
      'select 1 from vault.destruction where at >= (select opened_at from vault.epoch where epoch = $1) limit 1',
      [epoch],
    );
    return Boolean(rowCount);
  }

  async begin(): Promise<void> {
    const made = await this.provider.createEpoch();
    made.kek.fill(0);
    await this.transaction(async () => {
      await this.client.query(`select ${LOCK.switch}`);
      await this.client.query("update vault.epoch set state = 'closing' where state = 'open'");
      await this.client.query('select vault.open_epoch($1, $2)', [made.ref, made.wrapped]);
    }).catch(async (error: unknown) => {
      await this.epochs.destroyUnused(made.ref);
      throw error;
    });
    this.onStep('opened');
  }

  async finish(closing: Closing): Promise<EpochClosed> {
    const { rows } = await this.client.query<{ epoch: number }>("select epoch from vault.epoch where state = 'open'");
    const opened = rows[0]?.epoch;
    if (opened === undefined) throw new Error('The key store has no open epoch');
    if (closing.state === 'closing') {
      const from = { epoch: closing.epoch, kek: await this.epochs.kek(closing.epoch) };
      const to = { epoch: opened, kek: await this.epochs.kek(opened) };
      await this.copy(from, to, closing);
      await this.moveEngagementKeys(from, to);
      await this.drop(from, to);
    }
    const { state, evidence } = await this.provider.destroyEpoch(closing.ref);
    await this.client.query(
      `update vault.epoch set state = 'destroyed', wrapped = null, destroyed_at = now(), evidence = $2 where epoch = $1`,
      [closing.epoch, evidence],
    );
    this.onStep('destroyed');
    const count = await this.client.query<{ n: number }>(
      'select count(*)::int as n from vault.data_key where epoch = $1',
      [opened],
    );
    return { closed: closing.epoch, opened, survivors: count.rows[0]?.n ?? 0, destroyedKek: state === 'destroyed' };
  }

  private async copy(from: Side, to: Side, at: Closing): Promise<void> {
    let position: [string, string] = [
      at.copied_kind ?? '',
      at.copied_subject ?? '00000000-0000-0000-0000-000000000000',
    ];
    for (;;) {
      const next = await this.transaction(() => this.copyBatch(from, to, position));
      if (!next) return;
      position = next;
      this.onStep('copied');
    }
  }

  private async copyBatch(from: Side, to: Side, after: [string, string]): Promise<[string, string] | null> {
    await this.client.query(`select ${LOCK.move}`);
    const { rows } = await this.client.query<{ kind: string; subject_id: string; wrapped: Buffer }>(
      `select kind, subject_id, wrapped from vault.data_key
       where epoch = $1 and (kind, subject_id) > ($2, $3::uuid) order by kind, subject_id limit $4`,
      [from.epoch, ...after, this.batch],
    );
    const last = rows.at(-1);
    if (!last) return null;
    const wrapped = rows.map((row) => {
      const bytes = unwrap(from.kek, dataKeyContext(from.epoch, row.kind, row.subject_id), row.wrapped);
      const again = wrap(to.kek, dataKeyContext(to.epoch, row.kind, row.subject_id), bytes);
      bytes.fill(0);
      return again;
    });
    await this.client.query(
      `insert into vault.data_key (epoch, kind, subject_id, wrapped, ready, made_at)
       select $1, k.kind, k.subject_id, n.wrapped, k.ready, k.made_at
       from unnest($3::text[], $4::uuid[], $5::bytea[]) as n (kind, subject_id, wrapped)
       join vault.data_key k on k.epoch = $2 and k.kind = n.kind and k.subject_id = n.subject_id
       on conflict do nothing`,
      [to.epoch, from.epoch, rows.map((r) => r.kind), rows.map((r) => r.subject_id), wrapped],
    );
    await this.client.query('update vault.epoch set copied_kind = $2, copied_subject = $3 where epoch = $1', [
      from.epoch,
      last.kind,
      last.subject_id,
    ]);
    return [last.kind, last.subject_id];
  }

  /** In place: deletions that wait for the update find the row's new version, so no lock is needed. */
  private async moveEngagementKeys(from: Side, to: Side): Promise<void> {
    await this.transaction(async () => {
      const { rows } = await this.client.query(
        'select name, engagement_id, version, wrapped from vault.engagement_key where epoch = $1 for update',
        [from.epoch],
      );
      await this.client.query(
        `update vault.engagement_key k set epoch = $1, wrapped = n.wrapped
         from unnest($2::text[], $3::uuid[], $4::int[], $5::bytea[]) as n (name, engagement_id, version, wrapped)
         where k.name = n.name and k.engagement_id is not distinct from n.engagement_id and k.version = n.version`,
        [
          to.epoch,
          rows.map((r) => r.name),
          rows.map((r) => r.engagement_id),
          rows.map((r) => r.version),
          rows.map((r) => rewrapEngagementKey(r, from, to)),
        ],
      );
    });
    this.onStep('engagement-keys');
  }

  /** Only after every key of the old epoch is found in the new one, and a sample opens to the same bytes. */
  private async drop(from: Side, to: Side): Promise<void> {
    const complete = await this.transaction(async () => {
      await this.client.query(`select ${LOCK.move}`);
      const missing = await this.client.query<{ n: number }>(
        `select (select count(*) from vault.data_key o where o.epoch = $1 and not exists
           (select 1 from vault.data_key n where n.epoch = $2 and n.kind = o.kind and n.subject_id = o.subject_id))::int
          + (select count(*) from vault.engagement_key where epoch = $1)::int as n`,
        [from.epoch, to.epoch],
      );
      if (missing.rows[0]?.n) {
        await this.client.query('update vault.epoch set copied_kind = null, copied_subject = null where epoch = $1', [
          from.epoch,
        ]);
        return false;
      }
      await this.compareSample(from, to);
      await this.client.query(`drop table vault.data_key_${from.epoch}`);
      await this.client.query("update vault.epoch set state = 'dropped' where epoch = $1", [from.epoch]);
      return true;
    });
    if (!complete) throw new Error(`Keys of epoch ${from.epoch} are missing in epoch ${to.epoch}; close again`);
    this.onStep('dropped');
  }

  private async compareSample(from: Side, to: Side): Promise<void> {
    const { rows } = await this.client.query<{ kind: string; subject_id: string; old: Buffer; new: Buffer }>(
      `select o.kind, o.subject_id, o.wrapped as old, n.wrapped as new
       from vault.data_key_${from.epoch} o join vault.data_key_${to.epoch} n using (kind, subject_id) order by random() limit 100`,
    );
    for (const row of rows) {
      const before = unwrap(from.kek, dataKeyContext(from.epoch, row.kind, row.subject_id), row.old);
      const after = unwrap(to.kek, dataKeyContext(to.epoch, row.kind, row.subject_id), row.new);
      if (!timingSafeEqual(before, after)) throw new Error(`A key changed on its way to epoch ${to.epoch}`);
      before.fill(0);
      after.fill(0);
    }
  }

  private async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.client.query('begin');
    try {
      const result = await work();
      await this.client.query('commit');
      return result;
    } catch (error) {
      await this.client.query('rollback').catch(() => undefined);
      throw error;
    }
  }
}
