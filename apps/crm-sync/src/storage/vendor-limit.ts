import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { CrmKind } from '../domain/connection-rules.js';

/** What all processes know of one account's day. Business time. */
export interface VendorDay {
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly seenAt: Date | null;
  /** Nothing is sent before; `reserve`: what is left is the other apps', and only an erasure may use it. */
  readonly blockedUntil: Date | null;
  readonly reason: 'used-up' | 'reserve' | null;
  readonly timeZone: string | null;
}

const COLUMNS = `day_limit as "limit", remaining, seen_at as "seenAt", blocked_until as "blockedUntil", reason, time_zone as "timeZone"`;

/** @param account the vendor's name of it */
export async function findDay(tx: EntityManager, kind: CrmKind, account: string): Promise<VendorDay | undefined> {
  const sql = `select ${COLUMNS} from vendor_day where kind = $1 and account = $2`;
  return (await rows<VendorDay>(tx, sql, [kind, account]))[0];
}

/** What is given replaces what was known; what is left out stays. Of two ends of a block the later one stays, until it has passed. */
export async function noteDay(
  tx: EntityManager,
  of: { kind: CrmKind; account: string; now: Temporal.Instant },
  day: {
    limit?: number;
    remaining?: number;
    block?: { until: Temporal.Instant; reason: 'used-up' | 'reserve' };
    timeZone?: string;
  },
): Promise<void> {
  await tx.query(
    `insert into vendor_day as d (kind, account, day_limit, remaining, seen_at, blocked_until, reason, time_zone)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (kind, account) do update set day_limit = coalesce(excluded.day_limit, d.day_limit),
       remaining = coalesce(excluded.remaining, d.remaining), seen_at = coalesce(excluded.seen_at, d.seen_at),
       time_zone = coalesce(excluded.time_zone, d.time_zone),
       blocked_until = greatest(excluded.blocked_until, case when d.blocked_until > $9 then d.blocked_until end),
       reason = case when excluded.reason = 'used-up' or d.blocked_until is null or d.blocked_until <= $9
         then excluded.reason else d.reason end`,
    [
      of.kind,
      of.account,
      day.limit ?? null,
      day.remaining ?? null,
      day.remaining === undefined ? null : of.now.toString(),
      day.block?.until.toString() ?? null,
      day.block?.reason ?? null,
      day.timeZone ?? null,
      of.now.toString(),
    ],
  );
}
