import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { Connection } from './connections.js';

/** A connection and how it fares. Never its tokens. */
export interface ConnectionLine extends Connection {
  readonly region: string | null;
  readonly safeguard: string | null;
  readonly createdAt: Date;
  readonly lastReadAt: Date | null;
  readonly lastWriteAt: Date | null;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
  readonly dayLimit: number | null;
  readonly dayRemaining: number | null;
  readonly daySeenAt: Date | null;
  readonly blockedUntil: Date | null;
  readonly blockedReason: 'used-up' | 'reserve' | null;
}

const LINES = `select c.id, c.engagement_id as "engagementId", c.kind, c.portal_id as "portalId", c.state, c.code, c.needs, c.mapping,
    c.region, c.safeguard, c.created_at as "createdAt", c.last_read_at as "lastReadAt", c.last_write_at as "lastWriteAt",
    c.last_error as "lastError", c.last_error_at as "lastErrorAt", d.day_limit as "dayLimit", d.remaining as "dayRemaining",
    d.seen_at as "daySeenAt", d.blocked_until as "blockedUntil", d.reason as "blockedReason"
  from crm_connection c left join vendor_day d on d.kind = c.kind and d.account = coalesce(c.portal_id, 'connection:' || c.id)`;

/** Those of the engagements in scope, oldest first. */
export function connectionLines(tx: EntityManager, engagementIds: readonly string[]): Promise<ConnectionLine[]> {
  const sql = `${LINES} where c.engagement_id = any($1::uuid[]) order by c.created_at, c.id`;
  return rows<ConnectionLine>(tx, sql, [engagementIds]);
}

export async function connectionLine(tx: EntityManager, id: string): Promise<ConnectionLine | undefined> {
  return (await rows<ConnectionLine>(tx, `${LINES} where c.id = $1`, [id]))[0];
}

/** The vendor answered. */
export async function noteUse(tx: EntityManager, id: string, at: Temporal.Instant, wrote: boolean): Promise<void> {
  await tx.query(
    `update crm_connection set last_read_at = $2, last_write_at = case when $3 then $2 else last_write_at end where id = $1`,
    [id, at.toString(), wrote],
  );
}

/** @param code ours or the vendor's, never its words */
export async function noteError(tx: EntityManager, id: string, at: Temporal.Instant, code: string): Promise<void> {
  await tx.query('update crm_connection set last_error = $2, last_error_at = $3 where id = $1', [
    id,
    code,
    at.toString(),
  ]);
}

/** New credentials: whoever has an older token finds a newer version. */
export async function resealTokens(tx: EntityManager, id: string, sealed: Buffer): Promise<void> {
  await tx.query(
    `update crm_connection set sealed = $2, token_version = token_version + 1, state = 'connecting', code = null, needs = null where id = $1`,
    [id, sealed],
  );
}
