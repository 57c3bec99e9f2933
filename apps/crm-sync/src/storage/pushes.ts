import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import { type Cause, causeOf } from '../domain/causes.js';
import type { Link, Provenance } from '../domain/records.js';

export type CrmObject = 'contact' | 'meeting';

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
     select k.*, 'sent', 1, $6::timestamptz from ${KEYS} as k
     on conflict (connection_id, object, external_key) do update set state = 'sent', tries = crm_push.tries + 1, at = excluded.at`,
    [...keyColumns(pushes), at.toString()],
  );
}

/** A push that a rule stops, with the rule's name; rows that were attempted keep their tries. */
export async function block(
  tx: EntityManager,
  pushes: readonly PushKey[],
  code: string,
  at: Temporal.Instant,
): Promise<void> {
  if (pushes.length === 0) return;
  await tx.query(
    `insert into crm_push (connection_id, engagement_id, lead_id, object, external_key, state, cause, code, at)
     select k.*, 'blocked', $6, $7, $8::timestamptz from ${KEYS} as k
     on conflict (connection_id, object, external_key) do update set state = 'blocked', cause = excluded.cause, code = excluded.code,
       at = excluded.at`,
    [...keyColumns(pushes), causeOf(code), code, at.toString()],
  );
}

/** Everything of a lead, or of everybody in the engagement, that was to be told and may not be any more. What is out is out. */
export async function blockOpen(
  tx: EntityManager,
  of: { engagementId: string; leadId: string | null; cause: Cause },
  at: Temporal.Instant,
): Promise<void> {
  await tx.query(
    `update crm_push set state = 'blocked', cause = $3, code = $3, held = false, at = $4
     where engagement_id = $1 and ($2::uuid is null or lead_id = $2) and state in ('queued', 'retrying', 'parked')`,
    [of.engagementId, of.leadId, of.cause, at.toString()],
  );
}

/** The same of one lead at one connection. */
export async function blockOpenOf(
  tx: EntityManager,
  connectionId: string,
  leadId: string,
  cause: Cause,
  at: Temporal.Instant,
): Promise<void> {
  await tx.query(
    `update crm_push set state = 'blocked', cause = $3, code = $3, held = false, at = $4
     where connection_id = $1 and lead_id = $2 and state in ('queued', 'retrying', 'parked')`,
    [connectionId, leadId, cause, at.toString()],
  );
}

/** What of a lead is behind at one connection stands in the queue from now on; what never was said and need not be said any more leaves it.
 * What a person set aside stays aside. The caller holds the lead's lock.
 * @param why the connection is broken: parked with this cause instead */
export async function queueBehind(
  tx: EntityManager,
  of: { connectionId: string; engagementId: string; leadId: string },
  at: Temporal.Instant,
  why: Cause | null = null,
): Promise<void> {
  const parameters = [of.connectionId, of.engagementId, of.leadId];
  await tx.query(
    `delete from crm_push p where connection_id = $1 and engagement_id = $2 and lead_id = $3 and tries = 0
       and state in ('queued', 'blocked') and not exists (${BEHIND} and b.object = p.object and b.key = p.external_key)`,
    parameters,
  );
  await tx.query(
    `insert into crm_push (connection_id, engagement_id, lead_id, object, external_key, state, cause, at)
     select $1, $2, $3, b.object, b.key, $4, $5, $6::timestamptz from (${BEHIND}) b
     on conflict (connection_id, object, external_key) do update set state = excluded.state, cause = excluded.cause, code = null,
       fields = null, at = excluded.at where not crm_push.held and crm_push.state <> 'sent'`,
    [...parameters, why ? 'parked' : 'queued', why, at.toString()],
  );
}

/** The same rule as domain/due-pushes.ts, for showing: its undo windows are counted as over. */
const BEHIND = `select * from (
  select 'contact' as object, c.lead_id as key from lead_case c
    left join crm_push p on p.connection_id = $1 and p.object = 'contact' and p.external_key = c.lead_id
    where c.engagement_id = $2 and c.lead_id = $3 and c.barred is null and coalesce(p.pushed_revision, 0) < c.contact_revision
      and (c.interested or p.pushed_revision > 0 or exists (select from meeting m left join crm_push q on q.connection_id = $1
        and q.object = 'meeting' and q.external_key = m.booking_id
        where m.engagement_id = $2 and m.lead_id = $3 and (m.state <> 'cancelled' or q.tries > 0)))
  union all
  select 'meeting', m.booking_id from meeting m
    join lead_case c on c.engagement_id = m.engagement_id and c.lead_id = m.lead_id and c.barred is null
    left join crm_push p on p.connection_id = $1 and p.object = 'meeting' and p.external_key = m.booking_id
    where m.engagement_id = $2 and m.lead_id = $3 and coalesce(p.pushed_revision, 0) < m.revision
      and (m.state <> 'cancelled' or p.tries > 0)) b where true`;

/** Leads whose work did not come through: tried again by itself (`retrying`), when the vendor's day is over (`queued`), or not at all. */
export async function delayed(
  tx: EntityManager,
  of: { connectionId: string; leadIds: readonly string[] },
  to: { state: 'retrying' | 'queued' | 'parked'; cause: Cause; code: string },
  at: Temporal.Instant,
): Promise<void> {
  await tx.query(
    `update crm_push set state = $3, cause = $4, code = $5, at = $6 where connection_id = $1 and lead_id = any($2::uuid[])
       and state in ('queued', 'sent', 'retrying') and (state, cause) is distinct from ($3, $4)`,
    [of.connectionId, of.leadIds, to.state, to.cause, to.code, at.toString()],
  );
}

/** What was written, as the screen shows it: names only. */
export interface Written {
  readonly operation: 'create' | 'update' | 'none';
  readonly fields: readonly string[];
}

export interface PushOutcome {
  readonly state: 'confirmed' | 'parked' | 'blocked';
  /** The revision that was told, or that needs no telling any more; null leaves it behind. */
  readonly revision: number | null;
  /** The vendor's code, or ours. */
  readonly code?: string;
  /** Names of the fields a refusal is about. */
  readonly fields?: readonly string[];
  readonly requestId?: string;
  readonly written?: Written;
}

/** Outcomes of a batch, in one statement. */
export async function settlePushes(
  tx: EntityManager,
  settled: readonly { readonly key: PushKey; readonly outcome: PushOutcome }[],
  at: Temporal.Instant,
): Promise<void> {
  const items = settled.map(({ key, outcome: o }) => ({
    c: key.connectionId,
    o: key.object,
    k: key.key,
    s: o.state,
    r: o.revision,
    cause: o.code === undefined ? null : causeOf(o.code),
    code: o.code ?? null,
    f: o.fields?.length ? o.fields : null,
    q: o.requestId ?? null,
    op: o.written?.operation ?? null,
    w: o.written?.fields ?? null,
  }));
  await tx.query(
    `update crm_push p set state = i.s, pushed_revision = coalesce(i.r, pushed_revision), cause = i.cause, code = i.code, fields = i.f,
       vendor_request_id = i.q, operation = coalesce(i.op, operation), sent_fields = coalesce(i.w, sent_fields), at = $2
     from jsonb_to_recordset($1::jsonb) as i (c uuid, o text, k uuid, s text, r int, cause text, code text, f text[], q text, op text, w text[])
     where p.connection_id = i.c and p.object = i.o and p.external_key = i.k`,
    [JSON.stringify(items), at.toString()],
  );
}

export interface LinkToSave {
  readonly key: PushKey;
  readonly vendorId: string | null;
  readonly provenance: Provenance;
  readonly merged: boolean;
  readonly marks: Link['marks'];
}

/** Records where keys lead, with the marks of what is there or about to be. */
export async function saveLinks(tx: EntityManager, links: readonly LinkToSave[]): Promise<void> {
  if (links.length === 0) return;
  const items = JSON.stringify(links.map(({ key: k, ...l }) => ({ ...k, ...l })));
  await tx.query(
    `insert into crm_record (connection_id, object, vendor_id, engagement_id)
     select distinct "connectionId", object, "vendorId", "engagementId"
     from jsonb_to_recordset($1::jsonb) as i ("connectionId" uuid, object text, "vendorId" text, "engagementId" uuid)
     where "vendorId" is not null on conflict do nothing`,
    [items],
  );
  await tx.query(
    `insert into crm_link (connection_id, object, external_key, engagement_id, lead_id, vendor_id, provenance, merged, marks)
     select "connectionId", object, key, "engagementId", "leadId", "vendorId", provenance, merged, marks
     from jsonb_to_recordset($1::jsonb) as i ("connectionId" uuid, object text, key uuid, "engagementId" uuid, "leadId" uuid,
       "vendorId" text, provenance text, merged boolean, marks jsonb)
     on conflict (connection_id, object, external_key) do update set vendor_id = excluded.vendor_id,
       provenance = excluded.provenance, merged = excluded.merged, marks = excluded.marks`,
    [items],
  );
}

export async function markGone(tx: EntityManager, key: PushKey): Promise<void> {
  await tx.query(`update crm_link set gone = true where connection_id = $1 and object = $2 and external_key = $3`, [
    key.connectionId,
    key.object,
    key.key,
  ]);
}

/** Leads with a push that failed, or is under way and may: tried again when the client's mapping changes. */
export async function leadsThatFailed(tx: EntityManager, connectionId: string): Promise<string[]> {
  const found = await rows<{ leadId: string }>(
    tx,
    `select distinct lead_id as "leadId" from crm_push where connection_id = $1 and state in ('parked', 'sent', 'retrying') and not held order by 1 limit 10000`,
    [connectionId],
  );
  return found.map((r) => r.leadId);
}
