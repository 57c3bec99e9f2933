import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';

export interface LeadCase {
  leadId: string;
  engagementId: string;
  zone: string;
  objected: boolean;
  restricted: boolean;
}

const COLUMNS = `lead_id as "leadId", engagement_id as "engagementId", time_zone as zone, objected, restricted`;

export async function findCase(tx: EntityManager, leadId: string): Promise<LeadCase | undefined> {
  const [found] = await rows<LeadCase>(tx, `select ${COLUMNS} from lead_case where lead_id = $1`, [leadId]);
  return found;
}

/** Takes the lead's row for this transaction. Whoever emits about a lead holds it first: outbox positions are given before the commit, and without
 * it the later event could be published first (style.md §4). An order to erase the lead waits here too. */
export async function lockCase(tx: EntityManager, leadId: string): Promise<LeadCase | undefined> {
  const [found] = await rows<LeadCase>(tx, `select ${COLUMNS} from lead_case where lead_id = $1 for update`, [leadId]);
  return found;
}

/** Cases of newly registered leads, set-based. A case that a "no" has opened before keeps it. */
export async function openCases(
  tx: EntityManager,
  leads: readonly { leadId: string; engagementId: string; timeZone: string }[],
): Promise<void> {
  await tx.query(
    `insert into lead_case (engagement_id, lead_id, time_zone, lead_version)
     select e, l, z, 0 from unnest($1::uuid[], $2::uuid[], $3::text[]) as c(e, l, z)
     on conflict (engagement_id, lead_id) do update set time_zone = excluded.time_zone`,
    [leads.map((l) => l.engagementId), leads.map((l) => l.leadId), leads.map((l) => l.timeZone)],
  );
}

/** Moves leads to the clock of their new number, where it is said; of several for one lead the last counts. */
export async function setZones(
  tx: EntityManager,
  leads: readonly { leadId: string; engagementId: string; timeZone?: string }[],
): Promise<void> {
  const to = [...new Map(leads.filter((l) => l.timeZone !== undefined).map((l) => [l.leadId, l])).values()];
  if (!to.length) return;
  await tx.query(
    `update lead_case set time_zone = z from unnest($1::uuid[], $2::uuid[], $3::text[]) as m(e, l, z)
     where engagement_id = e and lead_id = l`,
    [to.map((l) => l.engagementId), to.map((l) => l.leadId), to.map((l) => l.timeZone)],
  );
}

/** Applies a "no" or its end, unless something newer was applied: a release replayed late cannot undo a later restriction (protocols.md §1).
 * A "no" overtakes, so it may come before the registration; the case is then opened by it. */
export async function applyNo(
  tx: EntityManager,
  lead: { leadId: string; engagementId: string; leadVersion: number },
  change: { objected?: boolean; restricted?: boolean },
): Promise<void> {
  await tx.query(
    `insert into lead_case (engagement_id, lead_id, time_zone, lead_version, objected, restricted)
     values ($1, $2, 'Europe/Stockholm', $3, coalesce($4, false), coalesce($5, false))
     on conflict (engagement_id, lead_id) do update
       set lead_version = excluded.lead_version,
           objected = coalesce($4, lead_case.objected), restricted = coalesce($5, lead_case.restricted)
       where lead_case.lead_version < excluded.lead_version`,
    [lead.engagementId, lead.leadId, lead.leadVersion, change.objected ?? null, change.restricted ?? null],
  );
}
