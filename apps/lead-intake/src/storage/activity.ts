import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { LeadState } from '../domain/call.js';

export interface ActivityRow {
  id: string;
  at: Date;
  user_id: string | null;
  outcome: string;
  informed: boolean;
  callback_at: Date | null;
  callback_for: string | null;
  sealed: Buffer | null;
  undone_at: Date | null;
  /** Business time from which on the others hear of it; null = told, or nothing to tell. */
  tell_at: Date | null;
  before: Before | null;
}

/** Where the lead stood before the call. */
export interface Before {
  state: LeadState;
  queue: number;
  attempts: number;
  callableAt: string | null;
  callbackFor: string | null;
  informedAt: string | null;
  /** The lead's version after it: another one now, and it cannot be taken back any more. */
  after: { version: number; state: LeadState };
}

export async function insertActivity(
  tx: EntityManager,
  a: {
    engagementId: string;
    id: string;
    leadId: string;
    at: string;
    userId: string | null;
    outcome: string;
    informed: boolean;
    callbackAt: string | null;
    callbackFor: string | null;
    sealed: Buffer | null;
    tellAt: string | null;
    /** null: nothing that can be taken back. */
    before: Before | null;
    /** The meeting made in the call. */
    bookingId?: string | null;
  },
): Promise<void> {
  await tx.query(
    `INSERT INTO activity (engagement_id, id, lead_id, at, user_id, outcome, informed, callback_at, callback_for, sealed, tell_at, before, booking_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      a.engagementId,
      a.id,
      a.leadId,
      a.at,
      a.userId,
      a.outcome,
      a.informed,
      a.callbackAt,
      a.callbackFor,
      a.sealed,
      a.tellAt,
      a.before && JSON.stringify(a.before),
      a.bookingId ?? null,
    ],
  );
}

/** The newest first. @param after id of the last one of the page before */
export async function activitiesOf(
  tx: EntityManager,
  engagementId: string,
  leadId: string,
  page: { limit: number; after?: string | undefined } = { limit: 100 },
): Promise<ActivityRow[]> {
  return rows<ActivityRow>(
    tx,
    `SELECT * FROM activity WHERE engagement_id = $1 AND lead_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
    [engagementId, leadId, page.after ?? null, page.limit],
  );
}

/** One activity by its id, as far as the scope reaches. */
export async function findActivity(tx: EntityManager, id: string): Promise<(ActivityRow & Whose) | undefined> {
  return (await rows<ActivityRow & Whose>(tx, 'SELECT * FROM activity WHERE id = $1', [id]))[0];
}

interface Whose {
  engagement_id: string;
  lead_id: string;
}

/** What nobody was told of yet about a lead, in its order; the caller holds the lead's lock. */
export async function untoldOf(tx: EntityManager, engagementId: string, leadId: string): Promise<ActivityRow[]> {
  return rows<ActivityRow>(
    tx,
    'SELECT * FROM activity WHERE engagement_id = $1 AND lead_id = $2 AND tell_at IS NOT NULL AND undone_at IS NULL ORDER BY id',
    [engagementId, leadId],
  );
}

export async function markTold(tx: EntityManager, engagementId: string, ids: readonly string[]): Promise<void> {
  if (ids.length)
    await tx.query('UPDATE activity SET tell_at = NULL WHERE engagement_id = $1 AND id = ANY ($2)', [
      engagementId,
      ids,
    ]);
}

export async function markUndone(tx: EntityManager, engagementId: string, id: string, at: string): Promise<void> {
  await tx.query('UPDATE activity SET tell_at = NULL, undone_at = $3 WHERE engagement_id = $1 AND id = $2', [
    engagementId,
    id,
    at,
  ]);
}

/** The last activity that counts. */
export async function lastActivity(
  tx: EntityManager,
  engagementId: string,
  leadId: string,
): Promise<ActivityRow | undefined> {
  const found = await rows<ActivityRow>(
    tx,
    'SELECT * FROM activity WHERE engagement_id = $1 AND lead_id = $2 AND undone_at IS NULL ORDER BY id DESC LIMIT 1',
    [engagementId, leadId],
  );
  return found[0];
}
