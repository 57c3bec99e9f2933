import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { BookingLinkState } from '../domain/link.js';

/** A link that was made for a lead who asked for it. */
export interface BookingLink {
  id: string;
  engagementId: string;
  leadId: string;
  meetingTypeId: string;
  /** null: any host of the type. */
  hostId: string | null;
  state: BookingLinkState;
  madeBy: string;
  madeAt: Temporal.Instant;
  expiresAt: Temporal.Instant;
  mail: 'due' | 'sent' | 'failed';
  mailCode: string | null;
  bookingId: string | null;
  timeWantedAt: Temporal.Instant | null;
}

type Row = Omit<BookingLink, 'madeAt' | 'expiresAt' | 'timeWantedAt'> & {
  madeAt: Date;
  expiresAt: Date;
  timeWantedAt: Date | null;
};

const COLUMNS = `id, engagement_id as "engagementId", lead_id as "leadId", meeting_type_id as "meetingTypeId", host_id as "hostId", state,
  made_by as "madeBy", made_at as "madeAt", expires_at as "expiresAt", mail, mail_code as "mailCode", booking_id as "bookingId",
  time_wanted_at as "timeWantedAt"`;

const instant = (date: Date) => Temporal.Instant.fromEpochMilliseconds(date.getTime());
const fromRow = (r: Row): BookingLink => ({
  ...r,
  madeAt: instant(r.madeAt),
  expiresAt: instant(r.expiresAt),
  timeWantedAt: r.timeWantedAt && instant(r.timeWantedAt),
});

/** A lead has one open link at most: those before it are withdrawn. The caller holds the lead's lock. @returns the ids of those */
export async function insertLink(
  tx: EntityManager,
  l: Pick<
    BookingLink,
    'id' | 'engagementId' | 'leadId' | 'meetingTypeId' | 'hostId' | 'madeBy' | 'madeAt' | 'expiresAt'
  >,
): Promise<string[]> {
  const before = await rows<{ id: string }>(
    tx,
    `with gone as (update booking_link set state = 'withdrawn' where engagement_id = $1 and lead_id = $2 and state = 'open' returning id)
     select id from gone`,
    [l.engagementId, l.leadId],
  );
  await tx.query(
    `insert into booking_link (engagement_id, id, lead_id, meeting_type_id, host_id, made_by, made_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [l.engagementId, l.id, l.leadId, l.meetingTypeId, l.hostId, l.madeBy, l.madeAt.toString(), l.expiresAt.toString()],
  );
  return before.map((b) => b.id);
}

export async function findLink(tx: EntityManager, id: string): Promise<BookingLink | undefined> {
  const [row] = await rows<Row>(tx, `select ${COLUMNS} from booking_link where id = $1`, [id]);
  return row && fromRow(row);
}

/** Ends an open link. @returns false when it was not open any more */
export async function endLink(
  tx: EntityManager,
  id: string,
  state: Exclude<BookingLinkState, 'open'>,
  bookingId: string | null = null,
): Promise<boolean> {
  const n = await affected(
    tx,
    `update booking_link set state = $2, booking_id = coalesce($3, booking_id) where id = $1 and state = 'open'`,
    [id, state, bookingId],
  );
  return n > 0;
}

/** @returns false when it is not open, or a time was asked for before */
export async function wantTime(tx: EntityManager, id: string, at: Temporal.Instant): Promise<boolean> {
  const n = await affected(
    tx,
    `update booking_link set time_wanted_at = $2 where id = $1 and state = 'open' and time_wanted_at is null`,
    [id, at.toString()],
  );
  return n > 0;
}

export async function settleMail(
  tx: EntityManager,
  id: string,
  mail: 'sent' | 'failed',
  code: string | null = null,
): Promise<void> {
  await tx.query('update booking_link set mail = $2, mail_code = $3 where id = $1', [id, mail, code]);
}
