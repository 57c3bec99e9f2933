import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { CrmKind } from '../domain/connection-rules.js';
import type { CrmObject } from './pushes.js';

/** A record of a vendor's to which a link of ours leads. */
export interface LinkedRecord {
  readonly connectionId: string;
  readonly engagementId: string;
  readonly object: CrmObject;
  readonly vendorId: string;
}

interface Signalled {
  readonly object: CrmObject;
  readonly id: string;
  /** For good: that is heard also of a record whose deletion came before. */
  readonly erased: boolean;
}

/** Which of an account's records are ours, in whatever engagement. As x_count, which sees ids of all and nothing else. */
export function linkedRecords(
  tx: EntityManager,
  of: { kind: CrmKind; account: string },
  records: readonly Signalled[],
): Promise<LinkedRecord[]> {
  return rows<LinkedRecord>(
    tx,
    `select distinct l.connection_id as "connectionId", l.engagement_id as "engagementId", l.object, l.vendor_id as "vendorId"
     from crm_connection c join crm_link l on l.connection_id = c.id
     join unnest($3::text[], $4::text[], $5::boolean[]) as r (object, id, erased)
       on r.object = l.object and r.id = l.vendor_id and (not l.gone or r.erased)
     where c.kind = $1 and c.portal_id = $2`,
    [of.kind, of.account, records.map((r) => r.object), records.map((r) => r.id), records.map((r) => r.erased)],
  );
}

/** The same of one connection. */
export function linkedOf(
  tx: EntityManager,
  connectionId: string,
  records: readonly Signalled[],
): Promise<LinkedRecord[]> {
  return rows<LinkedRecord>(
    tx,
    `select distinct l.connection_id as "connectionId", l.engagement_id as "engagementId", l.object, l.vendor_id as "vendorId"
     from crm_link l join unnest($2::text[], $3::text[], $4::boolean[]) as r (object, id, erased) on r.object = l.object and r.id = l.vendor_id
     where l.connection_id = $1 and (not l.gone or r.erased)`,
    [connectionId, records.map((r) => r.object), records.map((r) => r.id), records.map((r) => r.erased)],
  );
}

/** Remembers signals that have an id. @returns those seen for the first time */
export async function freshSignals(tx: EntityManager, group: string, ids: readonly string[]): Promise<Set<string>> {
  const found = await rows<{ id: string }>(
    tx,
    `insert into inbox (grp, event_id) select $1, unnest($2::uuid[]) on conflict do nothing returning event_id as id`,
    [group, ids],
  );
  return new Set(found.map((r) => r.id));
}

export interface WatchedLink {
  readonly key: string;
  readonly leadId: string;
  readonly vendorId: string;
  /** Known to be deleted, but not that it is for good. */
  readonly gone: boolean;
  /** Fields we ever wrote. */
  readonly written: string[];
  readonly theirs: string[];
}

const WATCHED = `l.external_key as key, l.lead_id as "leadId", l.vendor_id as "vendorId", l.gone,
  array(select jsonb_object_keys(l.marks)) as written, l.theirs`;
/** Whoever is being erased is settled with the vendor by the erasure, which deletes records itself. */
const NOT_BURIED = `not exists (select from tombstone t where t.kind = 'lead' and t.id = l.lead_id
  or t.kind = 'engagement' and t.id = l.engagement_id)`;

/** @param erased those the vendor says were erased for good: heard of also where the deletion is known */
export function watchedLinks(
  tx: EntityManager,
  connectionId: string,
  object: CrmObject,
  vendorIds: readonly string[],
  erased: readonly string[] = [],
): Promise<WatchedLink[]> {
  return rows<WatchedLink>(
    tx,
    `select ${WATCHED} from crm_link l where connection_id = $1 and object = $2 and vendor_id = any($3::text[])
       and (not gone or gone_why is distinct from 'erased' and vendor_id = any($4::text[])) and ${NOT_BURIED}`,
    [connectionId, object, vendorIds, erased],
  );
}

/** Records of a connection by their ids, for looking at all of them in turn. */
export async function nextRecords(
  tx: EntityManager,
  connectionId: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const found = await rows<{ vendorId: string }>(
    tx,
    `select distinct vendor_id as "vendorId" from crm_link l where connection_id = $1 and object = 'contact' and vendor_id > $2 and not gone
       and ${NOT_BURIED} order by 1 limit $3`,
    [connectionId, after, limit],
  );
  return found.map((r) => r.vendorId);
}

/** The client deleted it: it is not made again, and what was still to be told of it is stopped by that rule; of a person, everything. That it was
 * erased for good may be heard after its deletion, and is the stricter rule.
 * @returns false when that was known */
export async function linkGone(
  tx: EntityManager,
  of: { connectionId: string; object: CrmObject; key: string; leadId: string },
  why: 'deleted' | 'erased',
  at: Temporal.Instant,
): Promise<boolean> {
  const known = await affected(
    tx,
    `update crm_link set gone = true, gone_why = $4 where connection_id = $1 and object = $2 and external_key = $3
       and (not gone or $4 = 'erased' and gone_why is distinct from 'erased')`,
    [of.connectionId, of.object, of.key, why],
  );
  if (!known) return false;
  const code = why === 'erased' ? 'erased-by-client' : 'deleted-by-client';
  await tx.query(
    `update crm_push set state = 'blocked', cause = $5, code = $5, held = false, at = $6 where connection_id = $1 and lead_id = $4
       and (object = $2 and external_key = $3 and state <> 'sent'
         or $2 = 'contact' and object = 'meeting' and (state in ('queued', 'retrying', 'parked') or state = 'blocked' and cause = 'deleted-by-client'))`,
    [of.connectionId, of.object, of.key, of.leadId, code, at.toString()],
  );
  return true;
}

/** Our link follows the record; it is the client's from now on. */
export async function moveLink(
  tx: EntityManager,
  of: { connectionId: string; engagementId: string; object: CrmObject; key: string },
  to: string,
): Promise<void> {
  await tx.query(
    `insert into crm_record (connection_id, object, vendor_id, engagement_id) values ($1, $2, $3, $4) on conflict do nothing`,
    [of.connectionId, of.object, to, of.engagementId],
  );
  await tx.query(
    `update crm_link set vendor_id = $4, merged = true where connection_id = $1 and object = $2 and external_key = $3 and not gone`,
    [of.connectionId, of.object, of.key, to],
  );
}

/** These fields are the client's. */
export async function fieldsBecameTheirs(
  tx: EntityManager,
  of: { connectionId: string; object: CrmObject; key: string },
  fields: readonly string[],
): Promise<void> {
  await tx.query(
    `update crm_link set theirs = array(select distinct unnest(theirs || $4::text[]) order by 1)
     where connection_id = $1 and object = $2 and external_key = $3`,
    [of.connectionId, of.object, of.key, fields],
  );
}

export async function findCursor(tx: EntityManager, connectionId: string): Promise<string | null> {
  const sql = 'select changes_cursor as cursor from crm_connection where id = $1';
  return (await rows<{ cursor: string | null }>(tx, sql, [connectionId]))[0]?.cursor ?? null;
}

export async function saveCursor(tx: EntityManager, connectionId: string, cursor: string): Promise<void> {
  await tx.query('update crm_connection set changes_cursor = $2 where id = $1', [connectionId, cursor]);
}
