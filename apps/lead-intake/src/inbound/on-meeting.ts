import { InviteDelivered, MeetingBooked } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

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

  @Consumes(MeetingBooked, { interleaved: true })
  async booked(event: MeetingBooked, tx: EntityManager): Promise<void> {
    await tx.query(
      `UPDATE lead SET state = 'booked', callable_at = NULL WHERE engagement_id = $1 AND id = $2 AND state <> 'objected'`,
      [event.engagementId, event.leadId],
    );
  }
}
