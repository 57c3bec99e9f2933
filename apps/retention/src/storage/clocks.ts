import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';

export interface EngagementClock {
  engagementId: string;
  retentionMonths: number;
  endedAt: Date | null;
}

/** Keeps the newest snapshot; an older one that arrives late changes nothing.
 * @returns the clock, or undefined when the snapshot was old */
export async function keepTerms(
  tx: EntityManager,
  e: { engagementId: string; version: number; retentionMonths: number; endedAt?: string },
): Promise<EngagementClock | undefined> {
  const [clock] = await rows<EngagementClock>(
    tx,
    `insert into engagement_clock (engagement_id, version, retention_months, ended_at) values ($1, $2, $3, $4)
     on conflict (engagement_id) do update set version = excluded.version, retention_months = excluded.retention_months,
       ended_at = coalesce(excluded.ended_at, engagement_clock.ended_at)
     where excluded.version > engagement_clock.version
     returning engagement_id as "engagementId", retention_months as "retentionMonths", ended_at as "endedAt"`,
    [e.engagementId, e.version, e.retentionMonths, e.endedAt ?? null],
  );
  return clock;
}

export async function setEraseBy(tx: EntityManager, engagementId: string, eraseBy: string): Promise<void> {
  await tx.query('update engagement_clock set erase_by = $2 where engagement_id = $1', [engagementId, eraseBy]);
}

export async function findEngagementClock(
  tx: EntityManager,
  engagementId: string,
): Promise<EngagementClock | undefined> {
  const [clock] = await rows<EngagementClock>(
    tx,
    `select engagement_id as "engagementId", retention_months as "retentionMonths", ended_at as "endedAt"
     from engagement_clock where engagement_id = $1`,
    [engagementId],
  );
  return clock;
}

/** Clocks of engagements in the scope. */
export async function listEngagementClocks(tx: EntityManager): Promise<EngagementClock[]> {
  return rows<EngagementClock>(
    tx,
    `select engagement_id as "engagementId", retention_months as "retentionMonths", ended_at as "endedAt"
     from engagement_clock order by engagement_id`,
  );
}

export async function insertInformBy(
  tx: EntityManager,
  leads: readonly { engagementId: string; leadId: string; informBy: string }[],
): Promise<void> {
  await tx.query(
    `insert into lead_clock (engagement_id, lead_id, inform_by)
     select engagement_id, lead_id, min(inform_by) from unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
       as l (engagement_id, lead_id, inform_by) group by 1, 2 order by 1, 2
     on conflict (engagement_id, lead_id) do update set inform_by = least(lead_clock.inform_by, excluded.inform_by)`,
    [leads.map((l) => l.engagementId), leads.map((l) => l.leadId), leads.map((l) => l.informBy)],
  );
}

/** Stops clocks, or remembers that they need not start: registration and conversation come by different topics, in any order. */
export async function setTold(
  tx: EntityManager,
  leads: readonly { engagementId: string; leadId: string; toldAt: string }[],
): Promise<void> {
  await tx.query(
    `insert into lead_clock (engagement_id, lead_id, told_at)
     select engagement_id, lead_id, min(told_at) from unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
       as l (engagement_id, lead_id, told_at) group by 1, 2 order by 1, 2
     on conflict (engagement_id, lead_id) do update set told_at = least(lead_clock.told_at, excluded.told_at)`,
    [leads.map((l) => l.engagementId), leads.map((l) => l.leadId), leads.map((l) => l.toldAt)],
  );
}

/** People of an engagement whom nobody told, and whose month is over. */
export async function untoldLeads(
  tx: EntityManager,
  engagementId: string,
  now: string,
  limit: number,
): Promise<string[]> {
  const found = await rows<{ id: string }>(
    tx,
    `select lead_id as id from lead_clock where engagement_id = $1 and told_at is null and inform_by <= $2 order by inform_by limit $3`,
    [engagementId, now, limit],
  );
  return found.map((l) => l.id);
}

export async function nextInformBy(tx: EntityManager, engagementId: string): Promise<Date | undefined> {
  const [next] = await rows<{ at: Date | null }>(
    tx,
    'select min(inform_by) as at from lead_clock where engagement_id = $1 and told_at is null',
    [engagementId],
  );
  return next?.at ?? undefined;
}

export interface LeadClock {
  /** null: told before we heard of the registration. */
  informBy: Date | null;
  toldAt: Date | null;
}

export async function leadClock(
  tx: EntityManager,
  engagementId: string,
  leadId: string,
): Promise<LeadClock | undefined> {
  const [clock] = await rows<LeadClock>(
    tx,
    'select inform_by as "informBy", told_at as "toldAt" from lead_clock where engagement_id = $1 and lead_id = $2',
    [engagementId, leadId],
  );
  return clock;
}

export async function engagementOfLead(tx: EntityManager, leadId: string): Promise<string | undefined> {
  const [found] = await rows<{ engagementId: string }>(
    tx,
    'select engagement_id as "engagementId" from lead_clock where lead_id = $1',
    [leadId],
  );
  return found?.engagementId;
}

/** Deletes clocks of one person, or up to `limit` of an engagement's. @returns how many */
export function deleteLeadClocks(
  tx: EntityManager,
  of: { engagementId: string; leadId: string | null },
  limit: number,
): Promise<number> {
  return affected(
    tx,
    `delete from lead_clock where (engagement_id, lead_id) in (select engagement_id, lead_id from lead_clock
       where engagement_id = $1 and ($2::uuid is null or lead_id = $2) limit $3)`,
    [of.engagementId, of.leadId, limit],
  );
}

/** Holds a due row until the transaction ends: whoever schedules it earlier waits. */
export async function lockTimer(tx: EntityManager, id: string): Promise<void> {
  await tx.query('select 1 from due where id = $1 for update', [id]);
}
