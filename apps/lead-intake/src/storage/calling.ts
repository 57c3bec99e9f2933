import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { QUEUES, type LeadState } from '../domain/call.js';
import { FROM, lockLead, ROW, type LeadRow } from './lead.js';

/** Who may be handed out, apart from time and engagement: the words of the partial index `lead_queue`. */
const WAITING = `state = 'open' AND NOT restricted AND NOT nix_blocked`;

export interface Claim {
  bookerId: string;
  /** Engagements in whose calling hours we are. */
  openIds: readonly string[];
  /** All that run: a callback is kept at the hour the person named, whatever the office hours. */
  runningIds: readonly string[];
  /** Business time. */
  now: string;
  /** From this moment on a callback may be kept outside calling hours; older ones wait for them. */
  promisedSince: string;
  realNow: Date;
  claimedUntil: Date;
  /** Kept ready for the booker, who has not been shown it. */
  reserve: boolean;
}

/** The lead reserved for this booker, now theirs until `claimedUntil`, if the reservation stands and nothing has happened to the lead since. */
export async function takeReserved(
  tx: EntityManager,
  claim: Pick<Claim, 'bookerId' | 'runningIds' | 'realNow' | 'claimedUntil' | 'reserve'>,
): Promise<LeadRow | undefined> {
  const [taken] = await rows<{ engagement_id: string; id: string }>(
    tx,
    `WITH taken AS (
       UPDATE lead SET claimed_until = $4, reserved = $5
       WHERE claimed_by = $1 AND reserved AND engagement_id = ANY ($2) AND claimed_until >= $3 AND ${WAITING}
         AND NOT EXISTS (SELECT FROM tombstone t WHERE t.kind = 'lead' AND t.id = lead.id)
       RETURNING engagement_id, id)
     SELECT engagement_id, id FROM taken`,
    [claim.bookerId, claim.runningIds, claim.realNow, claim.claimedUntil, claim.reserve],
  );
  return taken && lockLead(tx, taken.engagement_id, taken.id);
}

/** The lead a booker was given last and still has. */
export async function leadInHand(
  tx: EntityManager,
  of: { bookerId: string; engagementIds: readonly string[]; realNow: Date },
): Promise<LeadRow | undefined> {
  const found = await rows<LeadRow>(
    tx,
    `SELECT ${ROW} FROM ${FROM} WHERE l.claimed_by = $1 AND l.engagement_id = ANY ($2) AND l.claimed_until >= $3 AND NOT l.reserved
       AND l.state = 'open' AND NOT l.restricted ORDER BY l.claimed_until DESC LIMIT 1`,
    [of.bookerId, of.engagementIds, of.realNow],
  );
  return found[0];
}

/**
 * Takes the next lead that may be called and is not with another booker, and leaves it with this one until `claimedUntil` (real time).
 * Due callbacks first, then who was never called, then who is tried again: each the first entries of one partial index, however many leads there are.
 * SKIP LOCKED: bookers who ask at once get different leads and do not wait for each other.
 */
export async function claimNext(tx: EntityManager, claim: Claim): Promise<LeadRow | undefined> {
  const callback = await pick(tx, claim, {
    queue: QUEUES.callback,
    engagementIds: claim.runningIds,
    also: `AND (callback_for IS NULL OR callback_for = $4) AND (engagement_id = ANY ($5) OR callable_at >= $6)`,
    values: [claim.bookerId, claim.openIds, claim.promisedSince],
  });
  const open = { engagementIds: claim.openIds, also: '', values: [] };
  const found =
    callback ??
    (await pick(tx, claim, { ...open, queue: QUEUES.fresh })) ??
    (await pick(tx, claim, { ...open, queue: QUEUES.retry }));
  if (!found) return undefined;
  await tx.query(
    'UPDATE lead SET claimed_by = $3, claimed_until = $4, reserved = $5 WHERE engagement_id = $1 AND id = $2',
    [found.engagement_id, found.id, claim.bookerId, claim.claimedUntil, claim.reserve],
  );
  return lockLead(tx, found.engagement_id, found.id);
}

async function pick(
  tx: EntityManager,
  claim: Claim,
  from: { queue: number; engagementIds: readonly string[]; also: string; values: unknown[] },
): Promise<{ engagement_id: string; id: string } | undefined> {
  if (!from.engagementIds.length) return undefined;
  const [found] = await rows<{ engagement_id: string; id: string }>(
    tx,
    `SELECT engagement_id, id FROM lead
     WHERE engagement_id = ANY ($1) AND queue = ${from.queue} AND ${WAITING} AND callable_at <= $2
       AND (claimed_until IS NULL OR claimed_until < $3) ${from.also}
       AND NOT EXISTS (SELECT FROM tombstone t WHERE t.kind = 'lead' AND t.id = lead.id)
     ORDER BY callable_at, id LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [from.engagementIds, claim.now, claim.realNow, ...from.values],
  );
  return found;
}

/** Puts a lead off that turned out not to be callable yet; its place in the queue is by then. The claim ends. */
export async function putOff(
  tx: EntityManager,
  lead: { engagement_id: string; id: string },
  to: { callableAt?: string | null; nixBlocked?: boolean },
): Promise<void> {
  await tx.query(
    `UPDATE lead SET callable_at = coalesce($3, callable_at), nix_blocked = $4, claimed_until = NULL, reserved = false WHERE engagement_id = $1 AND id = $2`,
    [lead.engagement_id, lead.id, to.callableAt ?? null, to.nixBlocked ?? false],
  );
}

export interface CallStep {
  version: number;
  state: LeadState;
  queue: number;
  attempts: number;
  callableAt: string | null;
  callbackFor: string | null;
  informedAt: string | null;
  /** The booker who had it last. */
  bookerId: string | null;
  /** Until when they have it again (real time); null = the claim ends. */
  heldUntil: Date | null;
}

/** What a call, or taking it back, made of the lead. */
export async function stepCall(
  tx: EntityManager,
  lead: { engagement_id: string; id: string },
  to: CallStep,
): Promise<void> {
  await tx.query(
    `UPDATE lead SET version = $3, state = $4, queue = $5, attempts = $6, callable_at = $7, callback_for = $8, informed_at = $9,
       claimed_by = $10, claimed_until = $11, reserved = false
     WHERE engagement_id = $1 AND id = $2`,
    [
      lead.engagement_id,
      lead.id,
      to.version,
      to.state,
      to.queue,
      to.attempts,
      to.callableAt,
      to.callbackFor,
      to.informedAt,
      to.bookerId,
      to.heldUntil,
    ],
  );
}

/** Callbacks of these engagements, the longest due first: of everybody, or overdue personal ones only. */
export async function callbacksOf(
  tx: EntityManager,
  of: {
    engagementIds: readonly string[];
    dueBefore: string | null;
    limit: number;
    after: { at: string; id: string } | null;
  },
): Promise<LeadRow[]> {
  return rows<LeadRow>(
    tx,
    `SELECT ${ROW} FROM ${FROM}
     WHERE l.engagement_id = ANY ($1) AND l.queue = ${QUEUES.callback} AND l.state = 'open' AND NOT l.restricted AND NOT l.nix_blocked
       AND ($2::timestamptz IS NULL OR l.callable_at < $2) AND ($4::timestamptz IS NULL OR (l.callable_at, l.id) > ($4, $5::uuid))
       AND NOT EXISTS (SELECT FROM tombstone t WHERE t.kind = 'lead' AND t.id = l.id)
     ORDER BY l.callable_at, l.id LIMIT $3`,
    [of.engagementIds, of.dueBefore, of.limit, of.after?.at ?? null, of.after?.id ?? null],
  );
}

/** Gives a callback to another booker, or to anybody; one that is made ready for somebody is taken from them. @returns whether it was still waiting, and nobody
 * has it in hand: they are on the phone with it */
export async function moveCallback(
  tx: EntityManager,
  lead: { engagement_id: string; id: string },
  to: { userId: string | null },
): Promise<boolean> {
  const moved = await affected(
    tx,
    `UPDATE lead SET callback_for = $3, claimed_by = coalesce($3, claimed_by), claimed_until = NULL, reserved = false
     WHERE engagement_id = $1 AND id = $2 AND queue = ${QUEUES.callback} AND ${WAITING}
       AND (claimed_until IS NULL OR claimed_until < clock_timestamp() OR reserved)`,
    [lead.engagement_id, lead.id, to.userId],
  );
  return moved > 0;
}

/** Counts stop here: a screen says "10 000+", and an engagement of a million costs no more than one of ten thousand. */
export const COUNT_UP_TO = 10_000;

export interface QueueCounts {
  dueCallbacks: number;
  callable: number;
  waiting: number;
  handedOut: number;
  restricted: number;
  suppressed: number;
  attemptsUsed: number;
  nix: number;
  nextCallableAt: Date | null;
}

/** How many wait for what, each counted up to {@link COUNT_UP_TO} and read from an index of its own. */
export async function countQueue(
  tx: EntityManager,
  engagementIds: readonly string[],
  at: { bookerId: string; now: string; realNow: Date },
): Promise<QueueCounts> {
  const capped = (where: string) =>
    `(SELECT count(*)::int FROM (SELECT 1 FROM lead WHERE engagement_id = ANY ($1) AND ${where} LIMIT ${COUNT_UP_TO}) c)`;
  const due = (queue: string) => `queue ${queue} AND ${WAITING} AND callable_at <= $2`;
  const [found] = await rows<QueueCounts>(
    tx,
    `SELECT ${capped(`${due('= 0')} AND (callback_for IS NULL OR callback_for = $4) AND (claimed_until IS NULL OR claimed_until < $3)`)} AS "dueCallbacks",
       ${capped(`${due('= 1')} AND (claimed_until IS NULL OR claimed_until < $3)`)}
         + ${capped(`${due('= 2')} AND (claimed_until IS NULL OR claimed_until < $3)`)} AS callable,
       ${capped(`queue = 0 AND ${WAITING} AND callable_at > $2`)} + ${capped(`queue = 1 AND ${WAITING} AND callable_at > $2`)}
         + ${capped(`queue = 2 AND ${WAITING} AND callable_at > $2`)} AS waiting,
       ${capped(`claimed_by IS NOT NULL AND claimed_until >= $3 AND state = 'open'`)} AS "handedOut",
       ${capped('restricted')} AS restricted, ${capped(`state = 'objected'`)} AS suppressed,
       ${capped(`state = 'exhausted'`)} AS "attemptsUsed", ${capped('nix_blocked')} AS nix,
       (SELECT min(first.at) FROM unnest(ARRAY[0, 1, 2]) AS q (queue) CROSS JOIN LATERAL (
          SELECT callable_at AS at FROM lead WHERE engagement_id = ANY ($1) AND lead.queue = q.queue AND ${WAITING} AND callable_at > $2
          ORDER BY callable_at LIMIT 1) first) AS "nextCallableAt"`,
    [engagementIds, at.now, at.realNow, at.bookerId],
  );
  return found!;
}

/** Callbacks that this booker may keep, due before a moment, the longest due first. */
export async function peekCallbacks(
  tx: EntityManager,
  of: { engagementIds: readonly string[]; bookerId: string; before: string; realNow: Date },
  most: number,
): Promise<LeadRow[]> {
  return rows<LeadRow>(
    tx,
    `SELECT ${ROW} FROM ${FROM}
     WHERE l.engagement_id = ANY ($1) AND l.queue = ${QUEUES.callback} AND l.state = 'open' AND NOT l.restricted AND NOT l.nix_blocked
       AND l.callable_at < $2 AND (l.callback_for IS NULL OR l.callback_for = $3) AND (l.claimed_until IS NULL OR l.claimed_until < $4)
       AND NOT EXISTS (SELECT FROM tombstone t WHERE t.kind = 'lead' AND t.id = l.id)
     ORDER BY l.callable_at, l.id LIMIT $5`,
    [of.engagementIds, of.before, of.bookerId, of.realNow, most],
  );
}

/** The next few of the queue, without claiming them. */
export async function peekQueue(
  tx: EntityManager,
  claim: Pick<Claim, 'bookerId' | 'openIds' | 'runningIds' | 'now' | 'realNow'>,
  most: number,
): Promise<LeadRow[]> {
  const found: LeadRow[] = [];
  for (const queue of Object.values(QUEUES)) {
    if (found.length === most) break;
    const engagementIds = queue === QUEUES.callback ? claim.runningIds : claim.openIds;
    const more = await rows<LeadRow>(
      tx,
      `SELECT ${ROW} FROM ${FROM}
       WHERE l.engagement_id = ANY ($1) AND l.queue = ${queue} AND l.state = 'open' AND NOT l.restricted AND NOT l.nix_blocked
         AND l.callable_at <= $2 AND (l.claimed_until IS NULL OR l.claimed_until < $3) AND (l.callback_for IS NULL OR l.callback_for = $4)
         AND NOT EXISTS (SELECT FROM tombstone t WHERE t.kind = 'lead' AND t.id = l.id)
       ORDER BY l.callable_at, l.id LIMIT $5`,
      [engagementIds, claim.now, claim.realNow, claim.bookerId, most - found.length],
    );
    found.push(...more);
  }
  return found;
}
