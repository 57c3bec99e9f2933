import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { Meeting, MeetingState } from '../domain/meeting.js';
import type { Link, Provenance } from '../domain/records.js';

export type CrmObject = 'contact' | 'meeting';

/** All that decides a lead's push, read under the lead's lock. */
export interface PushState {
  readonly leadId: string;
  readonly interested: boolean;
  readonly informed: boolean;
  readonly barred: string | null;
  readonly buried: boolean;
  readonly contactRevision: number;
  readonly news: number;
  readonly contactPushed: number;
  readonly contactLink: Link | undefined;
  readonly meetings: readonly (Meeting & {
    readonly revision: number;
    readonly pushed: number;
    readonly attempted: boolean;
    readonly tellAt: Temporal.Instant;
    readonly link: Link | undefined;
  })[];
}

interface CaseRow {
  leadId: string;
  interested: boolean;
  informed: boolean;
  barred: string | null;
  buried: boolean;
  contactRevision: number;
  news: number;
}
interface MeetingRow {
  leadId: string;
  bookingId: string;
  startsAt: Date;
  endsAt: Date;
  state: MeetingState;
  revision: number;
  tellAt: Date;
}
interface PushRow {
  object: CrmObject;
  key: string;
  tries: number;
  pushed: number;
}
interface LinkRow extends Link {
  readonly object: CrmObject;
  readonly key: string;
}

/** Locks the leads' rows, in the order of their ids so that two batches cannot block each other, and reads what is known of them. */
export async function lockPushStates(
  tx: EntityManager,
  connectionId: string,
  engagementId: string,
  leadIds: readonly string[],
): Promise<Map<string, PushState>> {
  const cases = await rows<CaseRow>(
    tx,
    `select lead_id as "leadId", interested, informed, barred, contact_revision as "contactRevision", news,
       exists (select from tombstone t where t.kind = 'lead' and t.id = c.lead_id
                  or t.kind = 'engagement' and t.id = c.engagement_id) as buried
     from lead_case c where engagement_id = $1 and lead_id = any($2::uuid[]) order by lead_id for update of c`,
    [engagementId, leadIds],
  );
  const meetings = await rows<MeetingRow>(
    tx,
    `select lead_id as "leadId", booking_id as "bookingId", starts_at as "startsAt", ends_at as "endsAt", state, revision, tell_at as "tellAt"
     from meeting where engagement_id = $1 and lead_id = any($2::uuid[]) order by booking_id`,
    [engagementId, leadIds],
  );
  const pushes = await rows<PushRow>(
    tx,
    `select object, external_key as key, tries, pushed_revision as pushed from crm_push
     where connection_id = $1 and lead_id = any($2::uuid[])`,
    [connectionId, leadIds],
  );
  const links = await readLinks(tx, connectionId, leadIds);
  const push = new Map(pushes.map((p) => [`${p.object}:${p.key}`, p]));
  return new Map(
    cases.map((c) => [
      c.leadId,
      {
        ...c,
        contactPushed: push.get(`contact:${c.leadId}`)?.pushed ?? 0,
        contactLink: links.get(`contact:${c.leadId}`),
        meetings: meetings
          .filter((m) => m.leadId === c.leadId)
          .map((m) => ({
            bookingId: m.bookingId,
            startsAt: m.startsAt.toISOString(),
            endsAt: m.endsAt.toISOString(),
            state: m.state,
            revision: m.revision,
            tellAt: Temporal.Instant.fromEpochMilliseconds(m.tellAt.getTime()),
            pushed: push.get(`meeting:${m.bookingId}`)?.pushed ?? 0,
            attempted: (push.get(`meeting:${m.bookingId}`)?.tries ?? 0) > 0,
            link: links.get(`meeting:${m.bookingId}`),
          })),
      },
    ]),
  );
}

/** Links by `<object>:<key>`. */
export async function readLinks(
  tx: EntityManager,
  connectionId: string,
  leadIds: readonly string[],
): Promise<Map<string, Link>> {
  const found = await rows<LinkRow>(
    tx,
    `select object, external_key as key, vendor_id as "vendorId", provenance, merged, gone, marks from crm_link
     where connection_id = $1 and lead_id = any($2::uuid[])`,
    [connectionId, leadIds],
  );
  return new Map(found.map((l) => [`${l.object}:${l.key}`, l]));
}

/** One thing told to a vendor. */
export interface PushKey {
  readonly connectionId: string;
  readonly engagementId: string;
  readonly leadId: string;
  readonly object: CrmObject;
  /** The lead's or the booking's id. */
  readonly key: string;
}

const KEYS = `unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[])`;
const keyColumns = (pushes: readonly PushKey[]): unknown[] => [
  pushes.map((p) => p.connectionId),
  pushes.map((p) => p.engagementId),
  pushes.map((p) => p.leadId),
  pushes.map((p) => p.object),
  pushes.map((p) => p.key),
];

/** Commits the intent before the call: what was ever attempted can be found again at the vendor by its key, whatever becomes of us. */
export async function intend(tx: EntityManager, pushes: readonly PushKey[], at: Temporal.Instant): Promise<void> {
  if (pushes.length === 0) return;
  await tx.query(
    `insert into crm_push (connection_id, engagement_id, lead_id, object, external_key, state, tries, at)
     select k.*, 'intended', 1, $6::timestamptz from ${KEYS} as k
     on conflict (connection_id, object, external_key) do update set state = 'intended', tries = crm_push.tries + 1, at = excluded.at`,
    [...keyColumns(pushes), at.toString()],
  );
}

/** A push that cannot leave yet (or no more), with the reason; rows that were attempted keep their tries. */
export async function keepWaiting(
  tx: EntityManager,
  pushes: readonly PushKey[],
  code: string | null,
  at: Temporal.Instant,
): Promise<void> {
  if (pushes.length === 0) return;
  await tx.query(
    `insert into crm_push (connection_id, engagement_id, lead_id, object, external_key, state, code, at)
     select k.*, 'waiting', $6, $7::timestamptz from ${KEYS} as k
     on conflict (connection_id, object, external_key) do update set state = 'waiting', code = excluded.code, at = excluded.at`,
    [...keyColumns(pushes), code, at.toString()],
  );
}

export interface PushOutcome {
  readonly state: 'done' | 'failed';
  /** The revision that was told, or that needs no telling any more; null leaves it behind. */
  readonly revision: number | null;
  readonly code?: string;
  readonly fields?: readonly string[];
  readonly requestId?: string;
}

export async function settlePush(tx: EntityManager, key: PushKey, o: PushOutcome, at: Temporal.Instant): Promise<void> {
  await tx.query(
    `update crm_push set state = $4, pushed_revision = coalesce($5, pushed_revision), code = $6, fields = $7,
       vendor_request_id = $8, at = $9 where connection_id = $1 and object = $2 and external_key = $3`,
    [
      key.connectionId,
      key.object,
      key.key,
      o.state,
      o.revision,
      o.code ?? null,
      o.fields?.length ? o.fields : null,
      o.requestId ?? null,
      at.toString(),
    ],
  );
}

/** Records where a key leads, with the marks of what is there or about to be. */
export async function saveLink(
  tx: EntityManager,
  key: PushKey,
  link: { vendorId: string | null; provenance: Provenance; merged: boolean; marks: Link['marks'] },
): Promise<void> {
  if (link.vendorId !== null)
    await tx.query(
      `insert into crm_record (connection_id, object, vendor_id, engagement_id) values ($1, $2, $3, $4) on conflict do nothing`,
      [key.connectionId, key.object, link.vendorId, key.engagementId],
    );
  await tx.query(
    `insert into crm_link (connection_id, object, external_key, engagement_id, lead_id, vendor_id, provenance, merged, marks)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (connection_id, object, external_key) do update set vendor_id = excluded.vendor_id,
       provenance = excluded.provenance, merged = excluded.merged, marks = excluded.marks`,
    [
      key.connectionId,
      key.object,
      key.key,
      key.engagementId,
      key.leadId,
      link.vendorId,
      link.provenance,
      link.merged,
      JSON.stringify(link.marks),
    ],
  );
}

export async function markGone(tx: EntityManager, key: PushKey): Promise<void> {
  await tx.query(`update crm_link set gone = true where connection_id = $1 and object = $2 and external_key = $3`, [
    key.connectionId,
    key.object,
    key.key,
  ]);
}

export interface PushView {
  readonly object: CrmObject;
  readonly key: string;
  readonly leadId: string;
  readonly bookingId: string | null;
  readonly state: string;
  readonly tries: number;
  readonly code: string | null;
  readonly fields: string[] | null;
  readonly requestId: string | null;
  readonly at: Date;
}

/** @param after cursor: the object and key of the last row of the page before */
export function listPushes(
  tx: EntityManager,
  connectionId: string,
  limit: number,
  after: { object: string; key: string } | undefined,
): Promise<PushView[]> {
  return rows<PushView>(
    tx,
    `select object, external_key as key, lead_id as "leadId",
       case when object = 'meeting' then external_key end as "bookingId",
       state, tries, code, fields, vendor_request_id as "requestId", at
     from crm_push where connection_id = $1 and (object, external_key) > ($2, $3::uuid)
     order by object, external_key limit $4`,
    [connectionId, after?.object ?? '', after?.key ?? '00000000-0000-0000-0000-000000000000', limit],
  );
}

/** Leads with a push that failed, or is under way and may: tried again when the client's mapping changes. */
export async function leadsThatFailed(tx: EntityManager, connectionId: string): Promise<string[]> {
  const found = await rows<{ leadId: string }>(
    tx,
    `select distinct lead_id as "leadId" from crm_push where connection_id = $1 and state in ('failed', 'intended') order by 1 limit 10000`,
    [connectionId],
  );
  return found.map((r) => r.leadId);
}
