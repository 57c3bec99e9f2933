import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import {
  answeredBefore,
  IdempotencyKeyInUse,
  IdempotencyKeyReused,
  type IdempotencyClaim,
  type SettledAnswer,
} from './idempotency.js';

/** What a claim came to: the work is ours, or it was answered before, or the key was used with another body or is at work elsewhere. */
export type Claimed = null | SettledAnswer | IdempotencyKeyReused | IdempotencyKeyInUse;

/**
 * `claimKey` for requests that share a transaction. Their keys differ; a twin in another transaction is waited for, at most `waitMs`.
 * @returns for each claim what it came to, in their order
 * @throws QueryFailedError lock_not_available (55P03) when a twin took longer: ask for each claim alone then
 */
export async function claimKeys(
  tx: EntityManager,
  claims: readonly IdempotencyClaim[],
  waitMs: number,
): Promise<Claimed[]> {
  await tx.query(`set local lock_timeout = ${Math.max(1, Math.trunc(waitMs))}`);
  const mine = await rows<{ principal: string; route: string; key: string }>(
    tx,
    `insert into idempotency (principal, route, key, body_hmac)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) as c (principal, route, key, body_hmac) order by 1, 2, 3
     on conflict do nothing returning principal, route, key`,
    [...columns(claims), claims.map((c) => c.bodyHmac)],
  );
  await tx.query('set local lock_timeout = 0');
  const ours = new Set(mine.map(nameOf));
  const came: Claimed[] = [];
  for (const claim of claims) {
    if (ours.has(nameOf(claim))) came.push(null);
    else came.push((await before(tx, claim)) ?? new IdempotencyKeyInUse());
  }
  return came;
}

async function before(tx: EntityManager, claim: IdempotencyClaim): Promise<Claimed> {
  try {
    return await answeredBefore(tx, claim);
  } catch (error) {
    if (error instanceof IdempotencyKeyReused) return error;
    throw error;
  }
}

/** `settleKey` for each of them. */
export async function settleKeys(
  tx: EntityManager,
  settled: readonly { claim: IdempotencyClaim; status: number; resourceId: string; leadId: string }[],
  engagementId: string,
): Promise<void> {
  if (!settled.length) return;
  await tx.query(
    `update idempotency i set status = s.status, resource_id = s.resource_id, lead_id = s.lead_id, engagement_id = $7
     from unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::uuid[], $6::uuid[]) as s (principal, route, key, status, resource_id, lead_id)
     where i.principal = s.principal and i.route = s.route and i.key = s.key`,
    [
      ...columns(settled.map((s) => s.claim)),
      settled.map((s) => s.status),
      settled.map((s) => s.resourceId),
      settled.map((s) => s.leadId),
      engagementId,
    ],
  );
}

/** Gives up claims of this transaction whose requests were refused: they may be sent again with the same key. */
export async function releaseKeys(tx: EntityManager, claims: readonly IdempotencyClaim[]): Promise<void> {
  if (!claims.length) return;
  await affected(
    tx,
    `delete from idempotency i using unnest($1::text[], $2::text[], $3::text[]) as c (principal, route, key)
     where i.principal = c.principal and i.route = c.route and i.key = c.key`,
    columns(claims),
  );
}

/** Tells two claims of one key. */
export function nameOf({ principal, route, key }: Pick<IdempotencyClaim, 'principal' | 'route' | 'key'>): string {
  return `${principal}\n${route}\n${key}`;
}

function columns(claims: readonly IdempotencyClaim[]): [string[], string[], string[]] {
  return [claims.map((c) => c.principal), claims.map((c) => c.route), claims.map((c) => c.key)];
}
