import { IsBoolean, IsIn, IsInt, IsOptional, IsUUID, Min } from 'class-validator';
import { DomainEvent, DomainEventBase } from '../domain-event.js';
import { IsInstant, IsTimeZone } from '../fields.js';

/** What a CRM needs of a meeting; title and place are made where it is pushed. */
abstract class MeetingFacts extends DomainEventBase {
  @IsUUID() bookingId!: string;
  @IsUUID() leadId!: string;
  @IsUUID() engagementId!: string;
  @IsUUID() hostId!: string;
  @IsUUID() meetingTypeId!: string;
  @IsInstant() startsAt!: string;
  @IsInstant() endsAt!: string;
  @IsTimeZone() timeZone!: string;
  /** iTIP SEQUENCE (RFC 5546 §2.1.4): 0 when booked, up by one with every change of time. */
  @IsInt() @Min(0) sequence!: number;
  /** When it was decided, on the business clock. Its invite and push are due ten seconds later (the undo window). */
  @IsInstant() decidedAt!: string;
}

@DomainEvent('meeting.booked.v1', { owner: 'scheduling', key: 'leadId' })
export class MeetingBooked extends MeetingFacts {}

@DomainEvent('meeting.moved.v1', { owner: 'scheduling', key: 'leadId' })
export class MeetingMoved extends MeetingFacts {}

/** `silent`: cancelled by an erasure order; no CRM is told, it is settled by the saga. */
@DomainEvent('meeting.cancelled.v1', { owner: 'scheduling', key: 'leadId' })
export class MeetingCancelled extends MeetingFacts {
  @IsOptional() @IsBoolean() silent?: boolean;
}

@DomainEvent('meeting.held.v1', { owner: 'scheduling', key: 'leadId' })
export class MeetingHeld extends MeetingFacts {}

/** The lead did not come. */
@DomainEvent('meeting.missed.v1', { owner: 'scheduling', key: 'leadId' })
export class MeetingMissed extends MeetingFacts {}

/** A message about a booking was accepted by the mail server. It carried the notice of GDPR Art. 14, so the person is informed (B8). */
@DomainEvent('invite.delivered.v1', { owner: 'scheduling', key: 'leadId' })
export class InviteDelivered extends DomainEventBase {
  @IsUUID() bookingId!: string;
  @IsUUID() leadId!: string;
  @IsUUID() engagementId!: string;
  @IsInt() @Min(0) sequence!: number;
  @IsInstant() deliveredAt!: string;
}

export const INVITE_FAILURES = ['no-address', 'refused', 'not-allowed'] as const;

@DomainEvent('invite.failed.v1', { owner: 'scheduling', key: 'leadId' })
export class InviteFailed extends DomainEventBase {
  @IsUUID() bookingId!: string;
  @IsUUID() leadId!: string;
  @IsUUID() engagementId!: string;
  @IsInt() @Min(0) sequence!: number;
  @IsIn(INVITE_FAILURES) reason!: (typeof INVITE_FAILURES)[number];
}

export const LINK_ANSWERS = ['declined', 'time-wanted'] as const;

/** What a lead answered to a booking link other than by booking: no meeting, or another time than those that were free. Holds no personal data. */
@DomainEvent('booking-link.answered.v1', { owner: 'scheduling', key: 'leadId' })
export class BookingLinkAnswered extends DomainEventBase {
  @IsUUID() linkId!: string;
  @IsUUID() leadId!: string;
  @IsUUID() engagementId!: string;
  @IsIn(LINK_ANSWERS) answer!: (typeof LINK_ANSWERS)[number];
  @IsInstant() answeredAt!: string;
}
