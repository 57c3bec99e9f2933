import { fixedError, canonicalJson } from '@avtala/contracts';
import { affected, rows, sqlState } from '@avtala/database';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';

/** What makes a repeated POST recognisable (architecture.md §8). The body itself is never kept. */
export interface IdempotencyClaim {
  /** `user:<id>`, `key:<id>` or `service:<name>` */
  principal: string;
  /** Method and path as called, without the query. */
  route: string;
  key: string;
  bodyHmac: Buffer;
}

/** What was answered the first time; the resource is read again by its id. */
export interface SettledAnswer {
  status: number;
  resourceId: string | null;
}

export class IdempotencyKeyMissing extends fixedError(
  'invalid',
  'idempotency-key-missing',
  'Send an Idempotency-Key header of 1 to 200 visible characters with every POST',
) {}

export class IdempotencyKeyReused extends fixedError(
  'unprocessable',
  'idempotency-key-reused',
  'That Idempotency-Key was used with another body',
) {}

export class IdempotencyKeyInUse extends fixedError(
  'conflict',
  'idempotency-key-in-use',
  'The same request is still being worked on',
) {}

let secret: KeyObject | undefined;

/** Sets the key of the bodies' HMACs for this process; the same after every restart, or repeats would look like other bodies. */
export function useIdempotencySecret(value: string | Buffer): void {
  secret = createSecretKey(typeof value === 'string' ? Buffer.from(value, 'utf8') : value);
}

function bodyHmac(body: unknown): Buffer {
  if (!secret && process.env.NODE_ENV === 'test') useIdempotencySecret('only in tests');
  if (!secret) throw new Error('useIdempotencySecret() was not called at start');
  return createHmac('sha256', secret)
    .update(canonicalJson(body ?? null))
    .digest();
}

interface MaybePrincipal {
  userId?: string;
  keyId?: string;
  service?: string;
}

/** Reads the claim off a request; `request.principal` was put there by the access guard.
 * @throws IdempotencyKeyMissing */
export function claimOf(request: Request & { principal?: unknown }): IdempotencyClaim {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key)) throw new IdempotencyKeyMissing();
  const principal = request.principal as MaybePrincipal | undefined;
  return {
    principal: principal?.userId
      ? `user:${principal.userId}`
      : principal?.keyId
        ? `key:${principal.keyId}`
        : principal?.service
          ? `service:${principal.service}`
          : 'anyone',
    route: `${request.method} ${request.originalUrl.split('?')[0]}`,
    key,
    bodyHmac: bodyHmac(request.body),
  };
}

/** `@IdempotentKey() claim: IdempotencyClaim` on every POST handler. */
export const IdempotentKey = createParamDecorator((_: unknown, context: ExecutionContext) =>
  claimOf(context.switchToHttp().getRequest<Request>()),
);

/** What an earlier request under this key was answered, without waiting: asked before checks that the first one's own effect would fail
 * (its slot is taken, by itself). @throws IdempotencyKeyReused */
export async function answeredBefore(tx: EntityManager, claim: IdempotencyClaim): Promise<SettledAnswer | null> {
  const [row] = await rows<{ body_hmac: Buffer; status: number | null; resource_id: string | null }>(tx, FIND, [
    claim.principal,
    claim.route,
    claim.key,
  ]);
  if (!row || row.status === null) return null;
  if (!row.body_hmac.equals(claim.bodyHmac)) throw new IdempotencyKeyReused();
  return { status: row.status, resourceId: row.resource_id };
}

const FIND = `select body_hmac, status, resource_id from idempotency where principal = $1 and route = $2 and key = $3`;

/** First statement of a POST's transaction. A concurrent twin waits here for the first to end.
 * @returns null: the work is ours, end it with settleKey; else what the first was answered
 * @throws IdempotencyKeyReused another body under this key; IdempotencyKeyInUse the first took longer than `waitMs` */
export async function claimKey(
  tx: EntityManager,
  claim: IdempotencyClaim,
  waitMs = 5_000,
): Promise<SettledAnswer | null> {
  await tx.query(`set local lock_timeout = ${Math.max(1, Math.trunc(waitMs))}`);
  try {
    // The unique index makes the twin wait for the first transaction: committed → no row here; rolled back → the row is ours.
    const mine = await rows(
      tx,
      `insert into idempotency (principal, route, key, body_hmac) values ($1, $2, $3, $4)
       on conflict do nothing returning key`,
      [claim.principal, claim.route, claim.key, claim.bodyHmac],
    );
    await tx.query('set local lock_timeout = 0'); // the work itself waits as long as the statement timeout lets it
    if (mine.length) return null;
  } catch (error) {
    if (sqlState(error) === '55P03') throw new IdempotencyKeyInUse({ cause: error });
    throw error;
  }
  const answer = await answeredBefore(tx, claim);
  if (!answer) throw new IdempotencyKeyInUse();
  return answer;
}

/** Last statement of the same transaction: what was answered, and whose record it is (gone with the lead or the engagement). */
export async function settleKey(
  tx: EntityManager,
  claim: IdempotencyClaim,
  answer: { status: number; resourceId?: string | null; leadId?: string; engagementId?: string },
): Promise<void> {
  await tx.query(
    `update idempotency set status = $4, resource_id = $5, lead_id = $6, engagement_id = $7
     where principal = $1 and route = $2 and key = $3`,
    [
      claim.principal,
      claim.route,
      claim.key,
      answer.status,
      answer.resourceId ?? null,
      answer.leadId ?? null,
      answer.engagementId ?? null,
    ],
  );
}

/** Part of erasing: forgets the keys of a lead, or of everybody in an engagement. @returns how many there were */
export async function forgetKeys(tx: EntityManager, of: { engagementId: string; leadId?: string }): Promise<number> {
  return affected(
    tx,
    of.leadId ? `delete from idempotency where lead_id = $1` : `delete from idempotency where engagement_id = $1`,
    [of.leadId ?? of.engagementId],
  );
}

/** Forgets what is older than seven days of real time. @returns how many */
export async function pruneKeys(tx: EntityManager): Promise<number> {
  return affected(tx, `delete from idempotency where at < clock_timestamp() - interval '7 days'`);
}
