import type { Role } from '@avtala/access';
import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';

export interface LiveSession {
  readonly sessionId: string;
  readonly role: Role;
  /** Absent for roles that may enter every engagement. */
  readonly engagementIds: readonly string[] | null;
}

/** Those of the sessions that are still good, by the rule of `agency.principal()` (engagements.migration.ts), but without counting as somebody
 * at work: a tab that is left open must not keep its session from becoming idle. */
export function liveSessions(tx: EntityManager, sessionIds: readonly string[]): Promise<LiveSession[]> {
  return rows<LiveSession>(
    tx,
    `select s.id as "sessionId", u.role,
       case when u.role in ('admin', 'dpo') then null
         else array(select m.engagement_id from membership m where m.user_id = u.id) end as "engagementIds"
     from auth_session s join auth_user u on u.id = s."userId"
     where s.id = any($1::uuid[]) and s.aal = 2 and u.disabled_at is null
       and s."createdAt" > clock_timestamp() - interval '12 hours'
       and s.seen_at > clock_timestamp() - case u.role when 'client' then interval '60 minutes' else interval '30 minutes' end`,
    [sessionIds],
  );
}
