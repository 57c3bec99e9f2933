import type { Ground } from '@avtala/contracts';
import { rows, type Statement } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { LeadState } from '../domain/call.js';
import type { NumberFacts } from '../domain/calling-rules.js';
import { hashesOf, packHashes } from './packed.js';

/** A lead's row with its provenance. Who it is lies in `sealed`. */
export interface LeadRow {
  engagement_id: string;
  id: string;
  version: number;
  sealed: Buffer;
  merge_bidx: Buffer | null;
  name_phone_bidx: Buffer | null;
  state: LeadState;
  restricted: boolean;
  informed_at: Date | null;
  obtained_at: Date;
  callable_at: Date | null;
  /** 0 callback, 1 never called, 2 tried again. */
  queue: number;
  attempts: number;
  callback_for: string | null;
  /** The booker who has it now, or had it last. */
  claimed_by: string | null;
  /** Real time; null = with nobody. */
  claimed_until: Date | null;
  number_kind: 'company' | 'private' | null;
  /** Calendar date. */
  nix_on: string | null;
  nix_listed: boolean;
  nix_blocked: boolean;
  source: string;
  ground: Ground;
}

/** Blind indexes of one lead under its engagement's pepper. */
export interface LeadIndexes {
  email: Buffer | null;
  merge: Buffer | null;
  phone: Buffer | null;
  namePhone: Buffer | null;
  /** Of words of name and company, 32 bits each. */
  tokens: readonly number[];
}

/** What the row knows of the lead's number (B10). */
export function numberOf(lead: LeadRow): NumberFacts {
  return {
    kind: lead.number_kind,
    nixOn: lead.nix_on ? Temporal.PlainDate.from(lead.nix_on) : null,
    listed: lead.nix_listed,
  };
}

/** Columns of {@link LeadRow}, from {@link FROM}. */
export const ROW = `l.engagement_id, l.id, l.version, l.sealed, l.merge_bidx, l.name_phone_bidx, l.state, l.restricted, l.informed_at,
  l.obtained_at, l.callable_at, l.queue, l.attempts, l.callback_for, l.claimed_by, l.claimed_until, l.number_kind, l.nix_on::text, l.nix_listed,
  l.nix_blocked, p.source, p.ground`;
export const FROM = 'lead l JOIN provenance p ON p.engagement_id = l.engagement_id AND p.id = l.provenance_id';

/** Which engagement each lead is in; leads that are not there are absent. Sees every engagement: check the caller's right to it. */
export async function homesOf(tx: EntityManager, ids: readonly string[]): Promise<Map<string, string>> {
  const found = await rows<{ lead_id: string; engagement_id: string }>(tx, 'SELECT * FROM lead_homes($1)', [ids]);
  return new Map(found.map((row) => [row.lead_id, row.engagement_id]));
}

/**
 * The lead, locked until the transaction ends. Whoever emits about a lead does this first: outbox positions are given before
 * commit, and without the lock the later event can be published first (style.md §4).
 */
export async function lockLead(tx: EntityManager, engagementId: string, id: string): Promise<LeadRow | undefined> {
  const found = await rows<LeadRow>(
    tx,
    `SELECT ${ROW} FROM ${FROM} WHERE l.engagement_id = $1 AND l.id = $2 FOR UPDATE OF l`,
    [engagementId, id],
  );
  return found[0];
}

/** Leads by id, whatever their engagement, as far as the scope reaches. */
export async function readLeads(
  tx: EntityManager,
  ids: readonly string[],
  engagementIds: readonly string[],
): Promise<LeadRow[]> {
  return rows<LeadRow>(tx, `SELECT ${ROW} FROM ${FROM} WHERE l.engagement_id = ANY ($1) AND l.id = ANY ($2)`, [
    engagementIds,
    ids,
  ]);
}

/** Ids of leads that one of these e-mails or names with phone belongs to. */
export function idsByIndexes(engagementId: string, indexes: { merge: Buffer[]; namePhone: Buffer[] }): Statement {
  return {
    sql: `SELECT l.id FROM ${hashesOf('$2', 'h')}
       CROSS JOIN LATERAL (SELECT id FROM lead WHERE engagement_id = $1 AND merge_bidx = h.hash LIMIT 1) l
     UNION SELECT l.id FROM ${hashesOf('$3', 'h')}
       CROSS JOIN LATERAL (SELECT id FROM lead WHERE engagement_id = $1 AND name_phone_bidx = h.hash LIMIT 1) l`,
    parameters: [engagementId, packHashes(indexes.merge), packHashes(indexes.namePhone)],
  };
}

/** Leads that one of these e-mails or names with phone belongs to, locked in the order of their ids. */
export async function lockByIndexes(
  tx: EntityManager,
  engagementId: string,
  indexes: { merge: Buffer[]; namePhone: Buffer[] },
): Promise<LeadRow[]> {
  const { sql, parameters } = idsByIndexes(engagementId, indexes);
  const ids = await rows<{ id: string }>(tx, sql, parameters);
  if (!ids.length) return [];
  return rows<LeadRow>(
    tx,
    `SELECT ${ROW} FROM ${FROM} WHERE l.engagement_id = $1 AND l.id = ANY ($2) ORDER BY l.id FOR UPDATE OF l`,
    [engagementId, ids.map((row) => row.id)],
  );
}

/** Who the lead is, written anew; the version is the caller's, counted under the lead's lock. What is known of a number goes with it (B10): of another
 * one nothing is, and a private person's has to be checked against NIX before it is called. */
export async function rewriteLead(
  tx: EntityManager,
  lead: { engagement_id: string; id: string },
  to: { sealed: Buffer; indexes: LeadIndexes; version: number },
): Promise<void> {
  const { email, merge, phone, namePhone, tokens } = to.indexes;
  await tx.query(
    `UPDATE lead SET sealed = $3, email_bidx = $4, merge_bidx = $5, phone_bidx = $6, name_phone_bidx = $7, version = $8, name_tokens = $9,
       number_kind = CASE WHEN ${SAME_NUMBER} OR number_kind = 'private' THEN number_kind END, nix_on = CASE WHEN ${SAME_NUMBER} THEN nix_on END,
       nix_listed = nix_listed AND ${SAME_NUMBER}, nix_blocked = nix_blocked AND ${SAME_NUMBER}
     WHERE engagement_id = $1 AND id = $2`,
    [lead.engagement_id, lead.id, to.sealed, email, merge, phone, namePhone, to.version, tokens],
  );
}

/** Both are made with the engagement's present pepper. */
const SAME_NUMBER = '(phone_bidx IS NOT DISTINCT FROM $6)';

export interface LeadStep {
  version: number;
  state: LeadState;
  callableAt: string | null;
  informedAt: string | null;
  restricted: boolean;
}

/** What happened to the lead, as state; ends its claim. */
export async function stepLead(
  tx: EntityManager,
  lead: { engagement_id: string; id: string },
  to: LeadStep,
): Promise<void> {
  await tx.query(
    `UPDATE lead SET version = $3, state = $4, callable_at = $5, informed_at = $6, restricted = $7, claimed_until = NULL
     WHERE engagement_id = $1 AND id = $2`,
    [lead.engagement_id, lead.id, to.version, to.state, to.callableAt, to.informedAt, to.restricted],
  );
}

/** What is known of a lead's number; it is asked anew whether that lets it be called. */
export async function setNumber(
  tx: EntityManager,
  lead: { engagement_id: string; id: string },
  number: { kind: 'company' | 'private'; nixOn: string | null; listed: boolean },
): Promise<void> {
  await tx.query(
    `UPDATE lead SET number_kind = $3, nix_on = $4, nix_listed = $5, nix_blocked = false WHERE engagement_id = $1 AND id = $2`,
    [lead.engagement_id, lead.id, number.kind, number.nixOn, number.listed],
  );
}

/** How many other leads of the engagement have this phone. */
export async function sharesPhone(tx: EntityManager, engagementId: string, id: string): Promise<boolean> {
  const found = await rows(
    tx,
    `SELECT 1 FROM lead o JOIN lead l ON l.engagement_id = $1 AND l.id = $2
     WHERE o.engagement_id = $1 AND o.phone_bidx = l.phone_bidx AND o.id <> l.id LIMIT 1`,
    [engagementId, id],
  );
  return found.length > 0;
}

/** Leads a "no" is about, by the blind indexes of their engagement. */
export async function lockByNo(
  tx: EntityManager,
  engagementId: string,
  indexes: { merge: Buffer | null; phone: Buffer | null; namePhone: Buffer | null },
): Promise<LeadRow[]> {
  return rows<LeadRow>(
    tx,
    `SELECT ${ROW} FROM ${FROM} WHERE l.engagement_id = $1 AND l.state <> 'objected'
       AND (l.merge_bidx = $2 OR l.phone_bidx = $3 OR l.name_phone_bidx = $4) ORDER BY l.id FOR UPDATE OF l`,
    [engagementId, indexes.merge, indexes.phone, indexes.namePhone],
  );
}

/** Indexes under a new pepper. */
export async function rewriteIndexes(
  tx: EntityManager,
  engagementId: string,
  leads: readonly { id: string; indexes: LeadIndexes }[],
): Promise<void> {
  if (!leads.length) return;
  await tx.query(
    `UPDATE lead SET email_bidx = n.email, merge_bidx = n.merge, phone_bidx = n.phone, name_phone_bidx = n.name_phone,
       name_tokens = n.tokens::int[]
     FROM unnest($2::uuid[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::text[]) AS n (id, email, merge, phone, name_phone, tokens)
     WHERE lead.engagement_id = $1 AND lead.id = n.id`,
    [
      engagementId,
      leads.map((l) => l.id),
      leads.map((l) => l.indexes.email),
      leads.map((l) => l.indexes.merge),
      leads.map((l) => l.indexes.phone),
      leads.map((l) => l.indexes.namePhone),
      leads.map((l) => `{${l.indexes.tokens.join(',')}}`),
    ],
  );
}
