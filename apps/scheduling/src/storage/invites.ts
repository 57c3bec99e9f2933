import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { Booking } from './bookings.js';

export type InviteMethod = 'REQUEST' | 'CANCEL';

/** One message that was tried at least once, or was refused. */
export interface Invite {
  sequence: number;
  method: InviteMethod;
  state: 'sending' | 'sent' | 'failed';
  messageMac: Buffer | null;
  code: string | null;
}

export async function invitesOf(tx: EntityManager, bookingId: string): Promise<Invite[]> {
  return rows<Invite>(
    tx,
    `select sequence, method, state, message_mac as "messageMac", code from invite where booking_id = $1 order by sequence`,
    [bookingId],
  );
}

/** What became of the last message about a meeting. */
export interface InviteStanding {
  readonly bookingId: string;
  readonly method: InviteMethod;
  readonly state: Invite['state'];
  readonly code: string | null;
}

export async function lastInvitesOf(
  tx: EntityManager,
  bookingIds: readonly string[],
): Promise<Map<string, InviteStanding>> {
  const found = await rows<InviteStanding>(
    tx,
    `select distinct on (booking_id) booking_id as "bookingId", method, state, code from invite
     where booking_id = any($1::uuid[]) order by booking_id, sequence desc`,
    [bookingIds],
  );
  return new Map(found.map((f) => [f.bookingId, f]));
}

/** The intent to send; committed before the message goes out, so that what was ever tried is known (architecture.md §4). */
export async function intendInvite(
  tx: EntityManager,
  b: Booking,
  i: { sequence: number; method: InviteMethod; messageMac: Buffer },
): Promise<void> {
  await tx.query(
    `insert into invite (engagement_id, lead_id, booking_id, sequence, method, message_mac, state)
     values ($1, $2, $3, $4, $5, $6, 'sending')
     on conflict (booking_id, sequence) do update set message_mac = excluded.message_mac, state = 'sending', code = null
       where invite.state <> 'sent'`,
    [b.engagementId, b.leadId, b.id, i.sequence, i.method, i.messageMac],
  );
}

/** The outcome. A message that was never tried (no address, not allowed) gets its row here; one that was sent stays sent, whatever a repetition met.
 * @returns false when that stood there already */
export async function settleInvite(
  tx: EntityManager,
  b: Booking,
  i: { sequence: number; method: InviteMethod; state: 'sent' | 'failed'; code?: string },
): Promise<boolean> {
  const n = await affected(
    tx,
    `insert into invite (engagement_id, lead_id, booking_id, sequence, method, state, code) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (booking_id, sequence) do update set state = excluded.state, code = excluded.code
       where invite.state <> 'sent' and (invite.state, invite.code) is distinct from (excluded.state, excluded.code)`,
    [b.engagementId, b.leadId, b.id, i.sequence, i.method, i.state, i.code ?? null],
  );
  return n > 0;
}
