import { ContactsClient, scopeOfCaller, type Principal } from '@avtala/access';
import { MeetingBooked, Missing, RetryLater } from '@avtala/contracts';
import { Db, rows, scopeOf } from '@avtala/database';
import { answeredBefore, claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { isBuried } from '@avtala/messaging';
import { log } from '@avtala/observability';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { decideBooking } from '../domain/decide-booking.js';
import {
  CalendarUnreadable,
  EngagementNotOpen,
  LeadNotBookable,
  SlotTaken,
  StartRefused,
  type BookingRefusal,
} from '../domain/errors.js';
import { blockedBy, isFree } from '../domain/free-starts.js';
import { instantOf, minuteOf } from '../domain/span.js';
import { insertBooking, type Booking } from '../storage/bookings.js';
import { shareEngagement } from '../storage/engagements.js';
import { findCase, lockCase, type LeadCase } from '../storage/lead-cases.js';
import { findMeetingType, type MeetingType } from '../storage/meeting-types.js';
import { Availability } from './availability.js';
import { Telling } from './telling.js';

export interface NewBooking {
  meetingTypeId: string;
  leadId: string;
  /** Left out: the type's hosts are tried in their order. */
  hostId?: string | undefined;
  startsAt: Temporal.Instant;
}

@Injectable()
export class BookingService {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly telling: Telling,
    private readonly contacts: ContactsClient,
    private readonly availability: Availability,
  ) {}

  /** Books a lead into a host's time: the door is asked, the rules decide, the constraint picks the winner.
   * @returns the booking's id; of the first one when the request is a repeat
   * @throws Missing, LeadNotBookable, EngagementNotOpen, StartRefused, CalendarUnreadable, SlotTaken; RetryLater when the door is away */
  async book(caller: Principal, claim: IdempotencyClaim, wanted: NewBooking): Promise<string> {
    const asked = await this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const before = await answeredBefore(tx, claim);
      if (before?.resourceId) return before.resourceId;
      return { type: await findMeetingType(tx, wanted.meetingTypeId), lead: await findCase(tx, wanted.leadId) };
    });
    if (typeof asked === 'string') return asked;
    const { type, lead } = asked;
    if (!type || (wanted.hostId && !type.hostIds.includes(wanted.hostId))) throw new Missing('meeting type or host');
    const id = randomUUIDv7();
    if (lead ? lead.engagementId !== type.engagementId : await this.#isElsewhere(wanted.leadId))
      throw new Missing('lead');
    await mayBeContacted(this.contacts, wanted.leadId, id);
    if (!lead) throw new RetryLater('lead-not-here-yet'); // the door knows them: their registration is on its way

    const candidates = await this.#candidates(type, wanted);
    return this.db.withScope(scopeOf(type.engagementId), async (tx) => {
      const before = await claimKey(tx, claim);
      if (before?.resourceId) return before.resourceId;
      const now = this.clock.now();
      const { zone } = await openCase(tx, type.engagementId, wanted.leadId, now);
      for (const hostId of candidates) {
        const booking = bookingOf(id, type, wanted, { hostId, zone, decidedAt: now });
        if (!(await insertBooking(tx, booking, blockedBy(minuteOf(wanted.startsAt), type)))) continue;
        await this.telling.event(tx, MeetingBooked, booking);
        await this.telling.outsiders(tx, booking);
        await this.telling.audited(tx, 'booking.made', caller, booking);
        await settleKey(tx, claim, {
          status: 201,
          resourceId: id,
          leadId: booking.leadId,
          engagementId: booking.engagementId,
        });
        return id;
      }
      throw new SlotTaken(wanted.hostId, wanted.startsAt);
    });
  }

  /** Hosts whose hours, rules and own calendar allow the start. @throws the most telling reason when there is none */
  async #candidates(type: MeetingType, wanted: NewBooking): Promise<string[]> {
    const hostIds = wanted.hostId ? [wanted.hostId] : type.hostIds;
    const start = minuteOf(wanted.startsAt);
    const hosts = await this.availability.of(type.engagementId, hostIds, blockedBy(start, type));
    const now = this.clock.now();
    let refusal: BookingRefusal | undefined;
    let unreadable: string | undefined;
    let busy = false;
    const free: string[] = [];
    for (const host of hosts) {
      const decision = decideBooking(wanted.startsAt, now, type, host.time);
      if (!decision.ok) refusal ??= decision.reason;
      else if (host.unreadable) unreadable ??= host.hostId;
      else if (!isFree(start, host.busy, type)) busy = true;
      else free.push(host.hostId);
    }
    if (free.length) return free;
    log.info('booking.refused', {
      leadId: wanted.leadId,
      meetingTypeId: type.id,
      reason: busy ? 'slot-taken' : unreadable ? 'calendar-unreadable' : refusal,
    });
    if (busy) throw new SlotTaken(wanted.hostId, wanted.startsAt);
    if (unreadable) throw new CalendarUnreadable(unreadable);
    if (refusal)
      throw new StartRefused(refusal, { startsAt: wanted.startsAt.toString(), noticeMinutes: type.noticeMinutes });
    throw new Missing('host');
  }

  // Asked before the door: what it says of another engagement's lead (objected, erased) is not for this caller.
  async #isElsewhere(leadId: string): Promise<boolean> {
    return this.db.asCount(
      async (tx) => (await rows(tx, 'select 1 from lead_case where lead_id = $1', [leadId])).length > 0,
    );
  }
}

function bookingOf(
  id: string,
  type: MeetingType,
  wanted: NewBooking,
  more: { hostId: string; zone: string; decidedAt: Temporal.Instant },
): Booking {
  return {
    id,
    engagementId: type.engagementId,
    leadId: wanted.leadId,
    hostId: more.hostId,
    meetingTypeId: type.id,
    startsAt: wanted.startsAt,
    endsAt: instantOf(minuteOf(wanted.startsAt) + type.lengthMinutes),
    timeZone: more.zone,
    state: 'booked',
    sequence: 0,
    decidedAt: more.decidedAt,
  };
}

/** The last gate before anything is agreed with a person: whoever said no a second ago is not booked (architecture.md §2).
 * @throws Missing, LeadNotBookable, RetryLater */
export async function mayBeContacted(contacts: ContactsClient, leadId: string, eventId: string): Promise<void> {
  const status = (await contacts.read([leadId], 'booking', eventId)).get(leadId)?.status ?? 'unknown';
  if (status === 'unknown') throw new Missing('lead');
  if (status !== 'ok') throw new LeadNotBookable(status);
}

/** Locks, and checks under the lock, that the engagement is open and the lead may be booked (A5, B5, F4).
 * An order to erase waits for this transaction, or has committed its tombstone before the lock was given. */
export async function openCase(
  tx: EntityManager,
  engagementId: string,
  leadId: string,
  now: Temporal.Instant,
): Promise<LeadCase> {
  const engagement = await shareEngagement(tx, engagementId);
  if (!engagement?.startedAt) throw new RetryLater('engagement-not-here-yet');
  if (Temporal.Instant.compare(now, engagement.startedAt) < 0) {
    throw new EngagementNotOpen('engagement-not-started');
  }
  if (engagement.endedAt && Temporal.Instant.compare(now, engagement.endedAt) >= 0) {
    throw new EngagementNotOpen('engagement-ended');
  }
  const lead = await lockCase(tx, leadId);
  if (await isBuried(tx, { leadId, engagementId })) throw new LeadNotBookable('erased');
  if (!lead) throw new Missing('lead');
  if (lead.objected) throw new LeadNotBookable('objected');
  if (lead.restricted) throw new LeadNotBookable('restricted');
  return lead;
}
