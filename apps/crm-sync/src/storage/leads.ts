import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { MeetingState } from '../domain/meeting.js';

/** The lead's row, made when there is none yet. Everybody who does something about a lead takes it first (order of its events, and no lost news). */
export async function lockCase(tx: EntityManager, engagementId: string, leadId: string): Promise<void> {
  await tx.query('insert into lead_case (engagement_id, lead_id) values ($1, $2) on conflict do nothing', [
    engagementId,
    leadId,
  ]);
  await tx.query('select 1 from lead_case where engagement_id = $1 and lead_id = $2 for update', [
    engagementId,
    leadId,
  ]);
}

/** Something changed that a push under way may not have seen. */
export async function countNews(tx: EntityManager, engagementId: string, leadId: string): Promise<void> {
  await tx.query('update lead_case set news = news + 1 where engagement_id = $1 and lead_id = $2', [
    engagementId,
    leadId,
  ]);
}

export async function noteContact(
  tx: EntityManager,
  engagementId: string,
  leadId: string,
  told: { informed: boolean; interested: boolean },
): Promise<void> {
  await tx.query(
    `update lead_case set informed = informed or $3, interested = interested or $4 where engagement_id = $1 and lead_id = $2`,
    [engagementId, leadId, told.informed, told.interested],
  );
}

/** @returns false when crm-sync knows nothing of the lead */
export async function noteChange(tx: EntityManager, engagementId: string, leadId: string): Promise<boolean> {
  return (
    (await affected(
      tx,
      `update lead_case set contact_revision = contact_revision + 1 where engagement_id = $1 and lead_id = $2`,
      [engagementId, leadId],
    )) > 0
  );
}

/** Applies a "no", or its lifting (null), unless a newer one was applied (protocols.md §1). An objection is not lifted by a release.
 * @returns false when it was older */
export async function applyNo(
  tx: EntityManager,
  engagementId: string,
  leadId: string,
  no: { barred: 'objected' | 'restricted' | null; leadVersion: number },
): Promise<boolean> {
  return (
    (await affected(
      tx,
      `update lead_case set no_version = $4, barred = case when barred = 'objected' then barred else $3 end
       where engagement_id = $1 and lead_id = $2 and no_version < $4`,
      [engagementId, leadId, no.barred, no.leadVersion],
    )) > 0
  );
}

export async function saveMeeting(
  tx: EntityManager,
  m: {
    engagementId: string;
    bookingId: string;
    leadId: string;
    startsAt: string;
    endsAt: string;
    state: MeetingState;
    tellAt: Temporal.Instant;
  },
): Promise<void> {
  await tx.query(
    `insert into meeting (engagement_id, booking_id, lead_id, starts_at, ends_at, state, tell_at) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (engagement_id, booking_id) do update set starts_at = excluded.starts_at, ends_at = excluded.ends_at,
       state = excluded.state, tell_at = excluded.tell_at, revision = meeting.revision + 1`,
    [m.engagementId, m.bookingId, m.leadId, m.startsAt, m.endsAt, m.state, m.tellAt.toString()],
  );
}

/** Leads that a CRM connected only now should hear of, a page at a time. */
export async function leadsToTell(
  tx: EntityManager,
  engagementId: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const found = await rows<{ leadId: string }>(
    tx,
    `select lead_id as "leadId" from lead_case c
     where engagement_id = $1 and lead_id > $2 and barred is null
       and (interested or exists (select from meeting m where m.engagement_id = c.engagement_id and m.lead_id = c.lead_id))
     order by lead_id limit $3`,
    [engagementId, after, limit],
  );
  return found.map((r) => r.leadId);
}
