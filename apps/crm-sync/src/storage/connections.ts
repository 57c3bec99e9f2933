import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { CrmKind } from '../domain/connection-rules.js';
import type { Mapping } from '../domain/mapping.js';

export interface Connection {
  readonly id: string;
  readonly engagementId: string;
  readonly kind: CrmKind;
  readonly portalId: string | null;
  readonly state: 'connecting' | 'active' | 'broken';
  readonly code: string | null;
  /** What the client's administrator has to add first, by name. */
  readonly needs: readonly string[] | null;
  readonly mapping: Mapping;
}

const COLUMNS = `id, engagement_id as "engagementId", kind, portal_id as "portalId", state, code, needs, mapping`;

export async function findConnection(tx: EntityManager, id: string): Promise<Connection | undefined> {
  return (await rows<Connection>(tx, `select ${COLUMNS} from crm_connection where id = $1`, [id]))[0];
}

export function connectionsOf(tx: EntityManager, engagementId: string): Promise<Connection[]> {
  return rows<Connection>(tx, `select ${COLUMNS} from crm_connection where engagement_id = $1 order by id`, [
    engagementId,
  ]);
}

/** @returns false when the engagement has a connection of this kind already: the constraint decides, not an if */
export async function insertConnection(
  tx: EntityManager,
  c: {
    id: string;
    engagementId: string;
    kind: CrmKind;
    region: string | undefined;
    safeguard: string | undefined;
    portalId: string | undefined;
    mapping: Mapping;
    sealed: Buffer;
    createdAt: Temporal.Instant;
  },
): Promise<boolean> {
  const made = await affected(
    tx,
    `insert into crm_connection (id, engagement_id, kind, region, safeguard, portal_id, state, mapping, sealed, created_at)
     values ($1, $2, $3, $4, $5, $6, 'connecting', $7, $8, $9)
     on conflict on constraint one_connection_per_engagement_and_kind do nothing`,
    [
      c.id,
      c.engagementId,
      c.kind,
      c.region ?? null,
      c.safeguard ?? null,
      c.portalId ?? null,
      JSON.stringify(c.mapping),
      c.sealed,
      c.createdAt.toString(),
    ],
  );
  return made > 0;
}

export async function setConnectionState(
  tx: EntityManager,
  id: string,
  state: Connection['state'],
  code: string | null,
  needs: readonly string[] = [],
): Promise<void> {
  await tx.query('update crm_connection set state = $2, code = $3, needs = $4 where id = $1', [
    id,
    state,
    code,
    needs.length ? needs : null,
  ]);
}

export async function setMapping(tx: EntityManager, id: string, mapping: Mapping): Promise<void> {
  await tx.query('update crm_connection set mapping = $2 where id = $1', [id, JSON.stringify(mapping)]);
}

export interface SealedTokens {
  readonly sealed: Buffer;
  readonly version: number;
}

/** @param lock hold the row until the transaction ends: one refresh at a time, whatever the number of processes */
export async function readTokens(tx: EntityManager, id: string, lock = false): Promise<SealedTokens | undefined> {
  const found = await rows<SealedTokens>(
    tx,
    `select sealed, token_version as version from crm_connection where id = $1 ${lock ? 'for update' : ''}`,
    [id],
  );
  return found[0];
}

/** @returns false when the vendor names another account than it did */
export async function saveTokens(
  tx: EntityManager,
  id: string,
  sealed: Buffer,
  portalId: string | undefined,
): Promise<boolean> {
  const saved = await affected(
    tx,
    `update crm_connection set sealed = $2, token_version = token_version + 1, portal_id = coalesce($3, portal_id) where id = $1 and (portal_id = $3 or portal_id is null or $3::text is null)`,
    [id, sealed, portalId ?? null],
  );
  return saved > 0;
}

/** What agency last said of an engagement. */
export interface Terms {
  readonly version: number;
  readonly retentionMonths: number;
  readonly crmErasure: 'delete-created' | 'withdraw-only';
}

export async function findTerms(tx: EntityManager, engagementId: string): Promise<Terms | undefined> {
  const found = await rows<Terms>(
    tx,
    `select version, retention_months as "retentionMonths", crm_erasure as "crmErasure" from engagement_terms where engagement_id = $1`,
    [engagementId],
  );
  return found[0];
}

/** The highest version wins: an older snapshot that arrives late changes nothing. */
export async function saveTerms(
  tx: EntityManager,
  t: { engagementId: string; version: number; retentionMonths: number; crmErasure?: string; endedAt?: string },
): Promise<void> {
  await tx.query(
    `insert into engagement_terms (engagement_id, version, retention_months, crm_erasure, ended_at)
     values ($1, $2, $3, coalesce($4, 'withdraw-only'), $5)
     on conflict (engagement_id) do update set version = excluded.version, retention_months = excluded.retention_months,
       crm_erasure = coalesce($4, engagement_terms.crm_erasure), ended_at = coalesce($5, engagement_terms.ended_at)
     where engagement_terms.version < excluded.version`,
    [t.engagementId, t.version, t.retentionMonths, t.crmErasure ?? null, t.endedAt ?? null],
  );
}
