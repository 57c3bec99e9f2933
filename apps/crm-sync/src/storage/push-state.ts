import { rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { Meeting, MeetingState } from '../domain/meeting.js';
import type { Link } from '../domain/records.js';
import type { CrmObject } from './pushes.js';

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
  /** A person set it aside: nothing of the lead leaves to this CRM until somebody wants it again. */
  readonly contactHeld: boolean;
  readonly contactLink: Link | undefined;
  readonly meetings: readonly (Meeting & {
    readonly revision: number;
    readonly pushed: number;
    readonly attempted: boolean;
    readonly held: boolean;
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
  held: boolean;
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
    `select object, external_key as key, tries, pushed_revision as pushed, held from crm_push
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
        contactHeld: push.get(`contact:${c.leadId}`)?.held ?? false,
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
            held: push.get(`meeting:${m.bookingId}`)?.held ?? false,
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
    `select object, external_key as key, vendor_id as "vendorId", provenance, merged, gone, gone_why as "goneWhy", marks, theirs from crm_link
     where connection_id = $1 and lead_id = any($2::uuid[])`,
    [connectionId, leadIds],
  );
  return new Map(found.map((l) => [`${l.object}:${l.key}`, l]));
}
