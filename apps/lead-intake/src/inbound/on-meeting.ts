import { BookingLinkAnswered, InviteDelivered, MeetingBooked } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { QUEUES } from '../domain/call.js';
import { insertActivity } from '../storage/activity.js';
import { lockLead } from '../storage/lead.js';

/** What scheduling tells about a lead. No version is counted: nobody is told of it again. */
@Controller()
export class OnMeeting {
  /** The invite carried the notice, so the person is informed (B8); the first time counts. */
  @Consumes(InviteDelivered, { interleaved: true })
  async informed(event: InviteDelivered, tx: EntityManager): Promise<void> {
    await tx.query(
      'UPDATE lead SET informed_at = least(informed_at, $3::timestamptz) WHERE engagement_id = $1 AND id = $2',
      [event.engagementId, event.leadId, event.deliveredAt],
    );
  }

  /** `callable_at` stays: the booker may take the meeting back within seconds, and the lead is then where it was. A meeting that was taken back
   * before its news came changes nothing. */
  @Consumes(MeetingBooked, { interleaved: true })
  async booked(event: MeetingBooked, tx: EntityManager): Promise<void> {
    await tx.query(
      `UPDATE lead SET state = 'booked' WHERE engagement_id = $1 AND id = $2 AND state <> 'objected' AND NOT EXISTS (
         SELECT FROM activity a WHERE a.engagement_id = $1 AND a.lead_id = $2 AND a.booking_id = $3 AND a.undone_at IS NOT NULL)`,
      [event.engagementId, event.leadId, event.bookingId],
    );
  }

  /** A no thanks is not called again; whoever wants another time is called before the others. Neither touches a meeting or an objection. */
  @Consumes(BookingLinkAnswered)
  async answered(event: BookingLinkAnswered, tx: EntityManager): Promise<void> {
    const { engagementId, leadId, answer, answeredAt } = event;
    const lead = await lockLead(tx, engagementId, leadId);
    if (!lead) return; // erased meanwhile
    const declined = answer === 'declined';
    await insertActivity(tx, {
      engagementId,
      id: randomUUIDv7(),
      leadId,
      at: answeredAt,
      userId: null,
      outcome: declined ? 'not-interested' : 'callback',
      informed: false,
      callbackAt: declined ? null : answeredAt,
      callbackFor: null,
      sealed: null,
      tellAt: null,
      before: null,
    });
    await tx.query(
      `UPDATE lead SET state = $3, callable_at = $4, queue = $5, callback_for = NULL
       WHERE engagement_id = $1 AND id = $2 AND state NOT IN ('objected', 'booked')`,
      [
        engagementId,
        leadId,
        declined ? 'closed' : 'open',
        declined ? null : answeredAt,
        declined ? lead.queue : QUEUES.callback,
      ],
    );
  }
}
