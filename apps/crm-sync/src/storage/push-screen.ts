import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { Cause } from '../domain/causes.js';
import type { CrmKind } from '../domain/connection-rules.js';
import { SYNC_STATES, type SkipReason, type SyncState } from '../domain/push-states.js';
import { PUSH } from '../domain/work.js';
import type { CrmObject } from './pushes.js';

/** One line of the sync screen. Ids, states, names of fields, codes: no value that was sent. */
export interface PushLine {
  readonly id: string;
  readonly engagementId: string;
  readonly connectionId: string;
  readonly kind: CrmKind;
  readonly object: CrmObject;
  readonly key: string;
  readonly leadId: string;
  readonly state: SyncState;
  readonly tries: number;
  readonly cause: Cause | null;
  readonly code: string | null;
  readonly operation: 'create' | 'update' | 'none' | null;
  readonly sentFields: string[] | null;
  readonly refusedFields: string[] | null;
  readonly skipReason: SkipReason | null;
  readonly recordId: string | null;
  readonly requestId: string | null;
  readonly at: Date;
  readonly held: boolean;
  /** Business time; null when nothing is planned. */
  readonly dueAt: Date | null;
  /** Real time still to wait (backoff, a vendor's window), ms. */
  readonly waitsMs: number;
  /** Where the next page goes on. */
  readonly cursor: string;
}

const COLUMNS = `p.id, p.engagement_id as "engagementId", p.connection_id as "connectionId", c.kind, p.object, p.external_key as key,
  p.lead_id as "leadId", p.state, p.tries, p.cause, p.code, p.operation, p.sent_fields as "sentFields", p.fields as "refusedFields",
  p.skip_reason as "skipReason", l.vendor_id as "recordId", p.vendor_request_id as "requestId", p.at, p.held,
  case when not d.parked and p.state in ('queued', 'sent', 'retrying') then d.due_at end as "dueAt",
  greatest(0, extract(epoch from nullif(d.not_before, '-infinity') - clock_timestamp()) * 1000)::float8 as "waitsMs",
  p.urgency || '~' || (extract(epoch from p.at) * 1000000)::bigint || '~' || p.id as cursor`;
const JOINS = `join crm_connection c on c.id = p.connection_id
  left join crm_link l on l.connection_id = p.connection_id and l.object = p.object and l.external_key = p.external_key
  left join due d on d.kind = '${PUSH}' and d.key = p.connection_id || ':' || p.lead_id`;

export interface PushFilter {
  readonly connectionId?: string | undefined;
  readonly leadId?: string | undefined;
  readonly state?: SyncState | undefined;
  readonly cause?: Cause | undefined;
}

/** One page, what needs a person first, each group with its newest first. A walk along an index for each engagement, so that the page after a
 * hundred thousand rows costs what the first one does.
 * @param engagementIds those the caller may see
 * @param after `cursor` of the last line of the page before */
export function pushLines(
  tx: EntityManager,
  engagementIds: readonly string[],
  f: PushFilter,
  page: { limit: number; after: string | undefined },
): Promise<PushLine[]> {
  const [urgency, micros, id] = page.after?.split('~') ?? [];
  const parameters: unknown[] = [engagementIds, page.limit];
  const where: string[] = [];
  const add = (sql: (n: string) => string, value: unknown) => where.push(sql(`$${parameters.push(value)}`));
  if (f.connectionId) add((n) => `and connection_id = ${n}`, f.connectionId);
  if (f.leadId) add((n) => `and lead_id = ${n}`, f.leadId);
  if (f.state) add((n) => `and urgency = ${n}::smallint`, SYNC_STATES.indexOf(f.state));
  if (f.cause) add((n) => `and cause = ${n}`, f.cause);
  if (id) {
    const at = `$${parameters.push(urgency)}::smallint, 'epoch'::timestamptz + $${parameters.push(micros)}::bigint * interval '1 microsecond'`;
    where.push(`and (urgency, at, id) < (${at}, $${parameters.push(id)}::uuid)`);
  }
  return rows<PushLine>(
    tx,
    `select ${COLUMNS} from (
       select p.* from unnest($1::uuid[]) as e (id) cross join lateral (
         select * from crm_push where engagement_id = e.id ${where.join(' ')} order by urgency desc, at desc, id desc limit $2) p
       order by urgency desc, at desc, id desc limit $2) p ${JOINS} order by p.urgency desc, p.at desc, p.id desc`,
    parameters,
  );
}

export async function pushLine(tx: EntityManager, id: string): Promise<PushLine | undefined> {
  return (await rows<PushLine>(tx, `select ${COLUMNS} from crm_push p ${JOINS} where p.id = $1`, [id]))[0];
}

/** What one CRM was told of one meeting. */
export interface MeetingTold {
  readonly bookingId: string;
  readonly kind: CrmKind;
  readonly state: SyncState;
}

/** What CRMs were told of the meetings that start within a time; one line for each connection, none where there is nothing to tell yet. */
export function meetingsTold(
  tx: EntityManager,
  engagementIds: readonly string[],
  within: { from: Temporal.Instant; to: Temporal.Instant },
): Promise<MeetingTold[]> {
  return rows<MeetingTold>(
    tx,
    `select p.external_key as "bookingId", c.kind, p.state from meeting m
       join crm_connection c on c.engagement_id = m.engagement_id
       join crm_push p on p.connection_id = c.id and p.object = 'meeting' and p.external_key = m.booking_id
     where m.engagement_id = any($1::uuid[]) and m.starts_at >= $2 and m.starts_at < $3 order by p.external_key, c.kind`,
    [engagementIds, within.from.toString(), within.to.toString()],
  );
}

export interface PushCount {
  readonly state: SyncState;
  readonly cause: Cause | null;
  readonly count: number;
}

export function countPushes(
  tx: EntityManager,
  engagementIds: readonly string[],
  connectionId: string | undefined,
): Promise<PushCount[]> {
  return rows<PushCount>(
    tx,
    `select state, cause, count(*)::int as count from crm_push where engagement_id = any($1::uuid[]) and ($2::uuid is null or connection_id = $2)
     group by urgency, state, cause order by urgency desc, count desc`,
    [engagementIds, connectionId ?? null],
  );
}

export interface LockedPush {
  readonly state: SyncState;
  readonly cause: Cause | null;
  readonly held: boolean;
  readonly connectionId: string;
  readonly engagementId: string;
  readonly leadId: string;
}

/** The client restored the record: its link holds again, and if it is not there after all, the next push says so again. */
export async function linkAnew(tx: EntityManager, pushId: string): Promise<void> {
  await tx.query(
    `update crm_link l set gone = false, gone_why = null from crm_push p where p.id = $1 and l.connection_id = p.connection_id
       and l.object = p.object and l.external_key = p.external_key`,
    [pushId],
  );
}

/** The row as it stands under the lead's lock, which the caller holds. */
export async function lockedPush(tx: EntityManager, id: string): Promise<LockedPush | undefined> {
  const found = await rows<LockedPush>(
    tx,
    `select state, cause, held, connection_id as "connectionId", engagement_id as "engagementId", lead_id as "leadId"
     from crm_push where id = $1`,
    [id],
  );
  return found[0];
}

/** In the queue again. What was skipped, or stopped by a rule that a person lifts, is behind again. */
export async function requeue(
  tx: EntityManager,
  ids: readonly string[],
  at: Temporal.Instant,
  batch: string | null = null,
): Promise<void> {
  await tx.query(
    `update crm_push set state = 'queued', held = false, cause = null, code = null, fields = null, skip_reason = null, at = $2,
       retry_batch = coalesce($3, retry_batch),
       pushed_revision = case when state in ('skipped', 'blocked') then greatest(0, pushed_revision - 1) else pushed_revision end
     where id = any($1::uuid[])`,
    [ids, at.toString(), batch],
  );
}

export async function setAside(tx: EntityManager, id: string, at: Temporal.Instant): Promise<void> {
  await tx.query(
    `update crm_push set state = 'parked', held = true, cause = case when state = 'parked' then cause else 'by-person' end, at = $2 where id = $1`,
    [id, at.toString()],
  );
}

/** The present revision needs no telling; the next one does. */
export async function skipPush(tx: EntityManager, id: string, reason: SkipReason, at: Temporal.Instant): Promise<void> {
  await tx.query(
    `update crm_push p set state = 'skipped', held = false, cause = null, code = null, fields = null, skip_reason = $2, at = $3,
       pushed_revision = coalesce(case when object = 'contact'
         then (select contact_revision from lead_case c where c.engagement_id = p.engagement_id and c.lead_id = p.lead_id)
         else (select revision from meeting m where m.engagement_id = p.engagement_id and m.booking_id = p.external_key) end, pushed_revision)
     where id = $1`,
    [id, reason, at.toString()],
  );
}

/** Parked or failing of one cause, that this batch has not taken yet; the oldest first. */
export function pushesOfCause(
  tx: EntityManager,
  of: { engagementIds: readonly string[]; connectionId: string | null; cause: Cause; batch: string },
  limit: number,
): Promise<{ id: string; connectionId: string; engagementId: string; leadId: string }[]> {
  return rows(
    tx,
    `select id, connection_id as "connectionId", engagement_id as "engagementId", lead_id as "leadId" from crm_push
     where engagement_id = any($1::uuid[]) and cause = $2 and urgency >= 5 and ($3::uuid is null or connection_id = $3)
       and retry_batch is distinct from $4 order by urgency, at, id limit $5`,
    [of.engagementIds, of.cause, of.connectionId, of.batch, limit],
  );
}

export async function countOfCause(
  tx: EntityManager,
  of: { engagementIds: readonly string[]; connectionId: string | null; cause: Cause },
): Promise<number> {
  const found = await rows<{ n: number }>(
    tx,
    `select count(*)::int as n from crm_push
     where engagement_id = any($1::uuid[]) and cause = $2 and urgency >= 5 and ($3::uuid is null or connection_id = $3)`,
    [of.engagementIds, of.cause, of.connectionId],
  );
  return found[0]!.n;
}

/** Lines of one connection in a stable order, for walking through all of them.
 * @param after the object and key of the last line of the page before */
export function linesOfConnection(
  tx: EntityManager,
  connectionId: string,
  limit: number,
  after: { object: string; key: string } | undefined,
): Promise<PushLine[]> {
  return rows<PushLine>(
    tx,
    `select ${COLUMNS} from (select * from crm_push where connection_id = $1 and (object, external_key) > ($2, $3::uuid)
       order by object, external_key limit $4) p ${JOINS} order by p.object, p.external_key`,
    [connectionId, after?.object ?? '', after?.key ?? '00000000-0000-0000-0000-000000000000', limit],
  );
}
