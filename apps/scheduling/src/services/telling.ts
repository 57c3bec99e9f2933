import { AuditTrail, type Actor } from '@avtala/access';
import type { DomainEventBase, EventClass } from '@avtala/contracts';
import { Due, Outbox } from '@avtala/messaging';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { toldAt } from '../domain/undo-window.js';
import type { Booking } from '../storage/bookings.js';

export const CALENDAR_WRITE = 'calendar-write';
export const INVITE = 'invite';
export const KEPT_SLOT_ENDS = 'kept-slot-ends';

/** The facts every event about a meeting carries. */
export const meetingFacts = (b: Booking) => ({
  bookingId: b.id,
  leadId: b.leadId,
  engagementId: b.engagementId,
  hostId: b.hostId,
  meetingTypeId: b.meetingTypeId,
  startsAt: b.startsAt.toString(),
  endsAt: b.endsAt.toString(),
  timeZone: b.timeZone,
  sequence: b.sequence,
  decidedAt: b.decidedAt.toString(),
});

type MeetingEvent = EventClass<DomainEventBase & ReturnType<typeof meetingFacts>>;

/** What follows from every decision about a meeting, in its transaction: the event, the audit entry, and the work that tells outsiders. */
@Injectable()
export class Telling {
  constructor(
    private readonly outbox: Outbox,
    private readonly due: Due,
    private readonly audit: AuditTrail,
  ) {}

  async event(tx: EntityManager, eventClass: MeetingEvent, b: Booking, more: object = {}): Promise<void> {
    await this.outbox.append(tx, Object.assign(new eventClass(), meetingFacts(b), more), { at: b.decidedAt });
  }

  async audited(tx: EntityManager, action: string, principal: Actor, b: Booking): Promise<void> {
    await this.audit.record(tx, {
      action,
      principal,
      engagementId: b.engagementId,
      subjectIds: [b.leadId],
      detail: { booking: b.id, sequence: b.sequence },
    });
  }

  /** Calendar and invite, once the undo window has passed. One row each for a booking: who works on it brings the outside to what the booking says
   * then, so what was decided meanwhile needs no row of its own. */
  async outsiders(tx: EntityManager, b: Booking): Promise<void> {
    const common = { key: b.id, engagementId: b.engagementId, leadId: b.leadId, dueAt: toldAt(b.decidedAt) };
    await this.calendar(tx, b);
    await this.due.schedule(tx, { kind: INVITE, ...common });
  }

  async calendar(tx: EntityManager, b: Booking): Promise<void> {
    const { engagementId, leadId } = b;
    const dueAt = toldAt(b.decidedAt);
    await this.due.schedule(tx, { kind: CALENDAR_WRITE, key: b.id, engagementId, leadId, dueAt });
  }
}
