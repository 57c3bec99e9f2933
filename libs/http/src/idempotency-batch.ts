import { affected, byteaArray, textArray, uuidArray, type Statement } from '@avtala/database';
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

/** A claim with the answer it will have if all goes well: written at once, since only this transaction sees it until it commits. */
export interface ExpectedAnswer {
  readonly claim: IdempotencyClaim;
  readonly status: number;
  readonly resourceId: string;
  readonly leadId: string;
}

/**
 * `claimKey` and `settleKey` for requests that share a transaction, to be sent ahead of their work. Their keys differ; a twin in another transaction
 * is waited for, at most `waitMs`: then the second statement fails with lock_not_available (55P03), and each claim is to be asked for alone.
 * What comes to another end is corrected by `settleKeys` or given up by `releaseKeys`. {@link claimsOf} reads the answer to the second statement.
 */
export function claimStatements(
  expected: readonly ExpectedAnswer[],
  engagementId: string,
  waitMs: number,
): [Statement, Statement, Statement] {
  const claims = expected.map((e) => e.claim);
  return [
    lockTimeout(Math.max(1, Math.trunc(waitMs))),
    {
      name: 'claim-keys',
      sql: `insert into idempotency (principal, route, key, body_hmac, status, resource_id, lead_id, engagement_id)
        select c.*, $8::uuid from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::smallint[], $6::uuid[], $7::uuid[]) as c
        order by 1, 2, 3 on conflict do nothing returning principal, route, key`,
      parameters: [
        ...columns(claims),
        byteaArray(claims.map((c) => c.bodyHmac)),
        `{${expected.map((e) => e.status).join(',')}}`,
        uuidArray(expected.map((e) => e.resourceId)),
        uuidArray(expected.map((e) => e.leadId)),
        engagementId,
      ],
    },
    lockTimeout(0),
  ];
}

/** @param ms whole */
const lockTimeout = (ms: number): Statement => ({
  name: `lock-timeout-${ms}`,
  sql: `set local lock_timeout = ${ms}`,
});

/** @param mine rows of the claiming statement
 * @returns for each claim what it came to, in their order */
export async function claimsOf(
  tx: EntityManager,
  claims: readonly IdempotencyClaim[],
  mine: readonly object[],
): Promise<Claimed[]> {
  if (mine.length === claims.length) return claims.map(() => null);
  const ours = new Set((mine as Parameters<typeof nameOf>[0][]).map(nameOf));
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

/** Answers that are others than was expected, of claims of this transaction. */
export async function settleKeys(tx: EntityManager, settled: readonly ExpectedAnswer[]): Promise<void> {
  if (!settled.length) return;
  await tx.query(
    `update idempotency i set status = s.status, resource_id = s.resource_id, lead_id = s.lead_id
     from unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::uuid[], $6::uuid[]) as s (principal, route, key, status, resource_id, lead_id)
     where i.principal = s.principal and i.route = s.route and i.key = s.key`,
    [
      ...columns(settled.map((s) => s.claim)),
      settled.map((s) => s.status),
      settled.map((s) => s.resourceId),
      settled.map((s) => s.leadId),
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

function columns(claims: readonly IdempotencyClaim[]): [Buffer, Buffer, Buffer] {
  return [
    textArray(claims.map((c) => c.principal)),
    textArray(claims.map((c) => c.route)),
    textArray(claims.map((c) => c.key)),
  ];
}
