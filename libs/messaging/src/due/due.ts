import { affected, afterCommit, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { Bell } from '../bell.js';
import type { DueItem } from './due-work.js';

export interface NewDue {
  readonly kind: string;
  /** Unique together with `kind`: scheduling it again is no second row. */
  readonly key: string;
  /** Left out for work that touches no engagement's rows. */
  readonly engagementId?: string | null;
  readonly leadId?: string | null;
  /** Business time. */
  readonly dueAt: Temporal.Instant;
  /** Ids and facts only. */
  readonly payload?: object;
  /** A period under a day: the test clock neither stops at it nor waits for it (protocols.md §6). */
  readonly background?: boolean;
}

export interface DueFilter {
  readonly kind?: string;
  readonly key?: string;
  readonly leadId?: string;
  readonly engagementId?: string;
  /** Kinds that stay, e.g. the erasure's own. */
  readonly except?: readonly string[];
}

/** The claim ran out and somebody else took the row: the effect's transaction must roll back. Tried again, not counted. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  readonly code = 'lease-lost';
  readonly kind = 'later';
  constructor() {
    super('The lease of this work ran out before it was done');
  }
}

/** Due work: rows with a `due_at` that a timer claims, instead of a job queue (architecture.md §4). */
export class Due {
  constructor(private readonly runner: Bell) {}

  /**
   * Adds a row, or finds it: of two `dueAt` the earlier stays and the payload is kept, unless `replace`, which takes the new
   * ones and starts afresh (attempts, backoff, parking). A row that is leased keeps its lease; with `replace` it must be done
   * again: its holder's `done` then finds the lease gone. A parked row is taken up again, from the start: what was given up on
   * is no reason to leave new work undone for ever. `eager` (a person presses "try again") ends the backoff of a row nobody works on.
   */
  async schedule(tx: EntityManager, w: NewDue, opts: { replace?: boolean; eager?: boolean } = {}): Promise<void> {
    await tx.query(
      `INSERT INTO due (kind, key, engagement_id, lead_id, due_at, payload, background) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (kind, key) DO UPDATE SET ${opts.replace ? REPLACE : keepEarlier(opts.eager ?? false)}`,
      [
        w.kind,
        w.key,
        w.engagementId ?? null,
        w.leadId ?? null,
        w.dueAt.toString(),
        JSON.stringify(w.payload ?? {}),
        w.background ?? false,
      ],
    );
    afterCommit(tx, () => this.runner.ring());
  }

  /** Calls work off. Rows at work now are only marked: they end as they will, but are not tried again.
   * @returns how many rows were called off, marked ones included
   * @throws TypeError a filter that names nothing would call off everything */
  async cancel(tx: EntityManager, filter: DueFilter): Promise<number> {
    const { sql, parameters } = where(filter);
    const gone = await affected(tx, `DELETE FROM due WHERE ${sql} AND NOT ${LEASED}`, parameters);
    return gone + (await affected(tx, `UPDATE due SET cancelled = true WHERE ${sql}`, parameters));
  }

  /** Rows at work now, i.e. under a lease that has not run out. An erasure says `stopped` when it is 0. */
  async leased(tx: EntityManager, filter: Omit<DueFilter, 'key'>): Promise<number> {
    const { sql, parameters } = where(filter);
    const found = await rows<{ n: number }>(
      tx,
      `SELECT count(*)::int AS n FROM due WHERE ${sql} AND ${LEASED}`,
      parameters,
    );
    return found[0]!.n;
  }

  /** The work is done: its row goes in the transaction of its effect. @throws LeaseLost */
  async done(tx: EntityManager, item: DueItem): Promise<void> {
    if (!(await affected(tx, 'DELETE FROM due WHERE id = $1 AND lease = $2', [item.id, item.lease])))
      throw new LeaseLost();
  }

  /** The same for many at once, in one statement. @throws LeaseLost when one of them is somebody else's by now */
  async doneAll(tx: EntityManager, items: readonly DueItem[]): Promise<void> {
    if (items.length === 0) return;
    const gone = await affected(
      tx,
      'DELETE FROM due USING unnest($1::uuid[], $2::uuid[]) AS c(id, lease) WHERE due.id = c.id AND due.lease = c.lease',
      [items.map((i) => i.id), items.map((i) => i.lease)],
    );
    if (gone < items.length) throw new LeaseLost();
  }

  /** Done for now and due once more at `dueAt` (business time); gone if it was called off meanwhile. @throws LeaseLost */
  async again(tx: EntityManager, item: DueItem, next: { dueAt: Temporal.Instant; payload?: object }): Promise<void> {
    const found = await affected(
      tx,
      `UPDATE due SET due_at = $3, payload = coalesce($4, payload), ${FRESH} WHERE id = $1 AND lease = $2`,
      [item.id, item.lease, next.dueAt.toString(), next.payload ? JSON.stringify(next.payload) : null],
    );
    if (!found) throw new LeaseLost();
    await tx.query('DELETE FROM due WHERE id = $1 AND cancelled', [item.id]);
    afterCommit(tx, () => this.runner.ring());
  }
}

const LEASED = `(lease_until IS NOT NULL AND lease_until > now())`;
const FRESH = `lease = NULL, lease_until = NULL, not_before = '-infinity', tries = 0, failures = 0, parked = false, error = NULL`;
/** Nobody works on a parked row. */
const keepEarlier = (eager: boolean): string => {
  const afresh = eager ? `(due.parked OR due.lease_until IS NULL OR due.lease_until < now())` : 'due.parked';
  return `due_at = least(due.due_at, excluded.due_at), cancelled = false, parked = false,
    tries = CASE WHEN ${afresh} THEN 0 ELSE due.tries END, failures = CASE WHEN ${afresh} THEN 0 ELSE due.failures END,
    error = CASE WHEN ${afresh} THEN NULL ELSE due.error END, not_before = CASE WHEN ${afresh} THEN '-infinity' ELSE due.not_before END`;
};
const REPLACE = `due_at = excluded.due_at, payload = excluded.payload, engagement_id = excluded.engagement_id,
  lead_id = excluded.lead_id, background = excluded.background, cancelled = false, ${FRESH}`;

function where(f: DueFilter): { sql: string; parameters: unknown[] } {
  const parameters: unknown[] = [];
  const parts: string[] = [];
  const equal = (column: string, value: string | undefined) => {
    if (value !== undefined) parts.push(`${column} = $${parameters.push(value)}`);
  };
  equal('kind', f.kind);
  equal('key', f.key);
  equal('lead_id', f.leadId);
  equal('engagement_id', f.engagementId);
  if (!parts.length) throw new TypeError('Name the kind, key, lead or engagement whose work is meant');
  if (f.except?.length) parts.push(`kind <> ALL ($${parameters.push(f.except)})`);
  return { sql: parts.join(' AND '), parameters };
}
