import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { MeetingRules } from '../domain/free-starts.js';

export interface MeetingType extends MeetingRules {
  id: string;
  engagementId: string;
  name: string;
  location: string | null;
  /** In the order in which they are tried. */
  hostIds: string[];
  /** Meetings of this type a host has in one day of theirs at most; null: any number. */
  maxPerDay: number | null;
}

export async function insertMeetingType(tx: EntityManager, t: MeetingType): Promise<void> {
  await tx.query(
    `insert into meeting_type (engagement_id, id, name, location, length_minutes, buffer_before_minutes, buffer_after_minutes,
       notice_minutes, horizon_days, step_minutes, max_per_day) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      t.engagementId,
      t.id,
      t.name,
      t.location,
      t.lengthMinutes,
      t.bufferBeforeMinutes,
      t.bufferAfterMinutes,
      t.noticeMinutes,
      t.horizonDays,
      t.stepMinutes,
      t.maxPerDay,
    ],
  );
  await tx.query(
    `insert into meeting_type_host (engagement_id, meeting_type_id, host_id, position)
     select $1, $2, host, n from unnest($3::uuid[]) with ordinality as h(host, n)`,
    [t.engagementId, t.id, t.hostIds],
  );
}

const COLUMNS = `t.id, t.engagement_id as "engagementId", t.name, t.location, t.length_minutes as "lengthMinutes",
       t.buffer_before_minutes as "bufferBeforeMinutes", t.buffer_after_minutes as "bufferAfterMinutes",
       t.notice_minutes as "noticeMinutes", t.horizon_days as "horizonDays", t.step_minutes as "stepMinutes", t.max_per_day as "maxPerDay",
       array(select host_id from meeting_type_host h where h.meeting_type_id = t.id order by position) as "hostIds"`;

export async function findMeetingType(tx: EntityManager, id: string): Promise<MeetingType | undefined> {
  const [found] = await rows<MeetingType>(tx, `select ${COLUMNS} from meeting_type t where t.id = $1`, [id]);
  return found;
}

/** Those of the engagements in the transaction's scope, the oldest first. */
export function listMeetingTypes(tx: EntityManager, engagementId: string | null): Promise<MeetingType[]> {
  return rows<MeetingType>(
    tx,
    `select ${COLUMNS} from meeting_type t where $1::uuid is null or t.engagement_id = $1 order by t.id`,
    [engagementId],
  );
}
