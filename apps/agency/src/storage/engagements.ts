import type { EntityManager } from 'typeorm';
import type { CrmErasure } from '@avtala/contracts';
import { Missing } from '@avtala/contracts';
import { rows } from '@avtala/database';

/** An engagement as its row has it; dates as `2027-03-01`, instants as ISO 8601. */
export interface EngagementRow {
  readonly engagementId: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly name: string;
  readonly controllerName: string;
  readonly controllerNumber: string;
  readonly processorName: string;
  readonly processorNumber: string;
  readonly retentionMonths: number;
  readonly bindingMonths: number;
  readonly startsOn: string;
  readonly timeZone: string;
  readonly eraseOnReply: boolean;
  readonly crmErasure: CrmErasure;
  readonly noticeSource: string | null;
  readonly version: number;
  readonly startedAt: Date | null;
  readonly noticeGivenAt: Date | null;
  readonly effectiveEndAt: Date | null;
  readonly endedAt: Date | null;
  readonly assessed: boolean;
  readonly memberIds: string[];
}

const COLUMNS = `
  e.engagement_id as "engagementId", e.client_id as "clientId",
  (select c.name from client c where c.client_id = e.client_id) as "clientName", e.name, e.controller_name as "controllerName",
  e.controller_number as "controllerNumber", e.processor_name as "processorName", e.processor_number as "processorNumber",
  e.retention_months as "retentionMonths", e.binding_months as "bindingMonths", to_char(e.starts_on, 'YYYY-MM-DD') as "startsOn",
  e.time_zone as "timeZone", e.erase_on_reply as "eraseOnReply", e.crm_erasure as "crmErasure", e.notice_source as "noticeSource",
  e.version, e.started_at as "startedAt", e.notice_given_at as "noticeGivenAt", e.effective_end_at as "effectiveEndAt",
  e.ended_at as "endedAt",
  exists (select from assessment a where a.engagement_id = e.engagement_id) as assessed,
  array(select m.user_id from membership m where m.engagement_id = e.engagement_id order by 1) as "memberIds"`;

/** @throws Missing outside the scope, or when there is none */
export async function readEngagement(tx: EntityManager, engagementId: string): Promise<EngagementRow> {
  const [row] = await rows<EngagementRow>(tx, `select ${COLUMNS} from engagement e where e.engagement_id = $1`, [
    engagementId,
  ]);
  if (!row) throw new Missing('engagement');
  return row;
}

/** Every engagement in the scope, newest first. */
export function listEngagements(tx: EntityManager): Promise<EngagementRow[]> {
  return rows<EngagementRow>(tx, `select ${COLUMNS} from engagement e order by e.starts_on desc, e.engagement_id`);
}

/** Takes the row's lock first: the outbox's order is then the engagement's order (style.md §4).
 * @throws Missing outside the scope, or when there is none */
export async function lockEngagement(tx: EntityManager, engagementId: string): Promise<EngagementRow> {
  const locked = await rows(tx, `select 1 from engagement where engagement_id = $1 for update`, [engagementId]);
  if (locked.length === 0) throw new Missing('engagement');
  return readEngagement(tx, engagementId); // a statement of its own: its snapshot is younger than the lock
}

/** Counts the version up. @returns the new one */
export async function nextVersion(tx: EntityManager, engagementId: string): Promise<number> {
  const [row] = await rows<{ version: number }>(
    tx,
    `update engagement set version = version + 1 where engagement_id = $1 returning version`,
    [engagementId],
  );
  return row!.version;
}
