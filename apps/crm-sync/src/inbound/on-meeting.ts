import { MeetingBooked, MeetingCancelled, MeetingHeld, MeetingMissed, MeetingMoved } from '@avtala/contracts';
import { Consumes } from '@avtala/messaging';
import { Controller } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { LeadNews } from '../services/lead-news.service.js';

/** What happened to a meeting, as the client's CRM should show it. */
@Controller()
export class OnMeeting {
  constructor(private readonly news: LeadNews) {}

  @Consumes(MeetingBooked, { interleaved: true })
  booked(e: MeetingBooked, tx: EntityManager): Promise<void> {
    return this.news.meeting(tx, e, 'booked');
  }

  @Consumes(MeetingMoved, { interleaved: true })
  moved(e: MeetingMoved, tx: EntityManager): Promise<void> {
    return this.news.meeting(tx, e, 'booked');
  }

  @Consumes(MeetingCancelled, { interleaved: true })
  cancelled(e: MeetingCancelled, tx: EntityManager): Promise<void> {
    return this.news.meeting(tx, e, 'cancelled');
  }

  @Consumes(MeetingHeld, { interleaved: true })
  held(e: MeetingHeld, tx: EntityManager): Promise<void> {
    return this.news.meeting(tx, e, 'held');
  }

  @Consumes(MeetingMissed, { interleaved: true })
  missed(e: MeetingMissed, tx: EntityManager): Promise<void> {
    return this.news.meeting(tx, e, 'missed');
  }
}
