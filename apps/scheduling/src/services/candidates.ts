import { Missing } from '@avtala/contracts';
import { log } from '@avtala/observability';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { decideBooking } from '../domain/decide-booking.js';
import { CalendarUnreadable, SlotTaken, StartRefused, type BookingRefusal } from '../domain/errors.js';
import { blockedBy, isFree } from '../domain/free-starts.js';
import { minuteOf } from '../domain/span.js';
import { bookedPerDay, lockDay, type KeptSlot } from '../storage/kept-slots.js';
import type { MeetingType } from '../storage/meeting-types.js';
import { Availability } from './availability.js';

/** A host who may take the meeting. */
export interface Candidate {
  hostId: string;
  zone: string;
}

/** Who can meet at a start, by hours, rules and own calendar: the same for booking, keeping and reassigning. Who gets the slot is for the
 * constraint to decide. */
@Injectable()
export class Candidates {
  constructor(
    private readonly clock: Clock,
    private readonly availability: Availability,
  ) {}

  /** @param kept the lead's own kept slot: not in the way, and its host comes first
   * @returns at least one, in the order to try them
   * @throws the most telling reason when there is none: SlotTaken, CalendarUnreadable, StartRefused, Missing */
  async of(
    type: MeetingType,
    hostIds: readonly string[],
    leadId: string,
    startsAt: Temporal.Instant,
    kept?: KeptSlot,
  ): Promise<Candidate[]> {
    const start = minuteOf(startsAt);
    const hosts = await this.availability.now(type.engagementId, hostIds, blockedBy(start, type), { kept });
    const now = this.clock.now();
    let refusal: BookingRefusal | undefined;
    let unreadable: string | undefined;
    let busy = false;
    const free: Candidate[] = [];
    for (const host of hosts) {
      const decision = decideBooking(startsAt, now, type, host.time);
      if (!decision.ok) refusal ??= decision.reason;
      else if (host.unreadable) unreadable ??= host.hostId;
      else if (!isFree(start, host.busy, type)) busy = true;
      else free.push({ hostId: host.hostId, zone: host.time.zone });
    }
    if (free.length) return free.sort((a, b) => Number(b.hostId === kept?.hostId) - Number(a.hostId === kept?.hostId));
    log.info('booking.refused', {
      leadId,
      meetingTypeId: type.id,
      reason: busy ? 'slot-taken' : unreadable ? 'calendar-unreadable' : refusal,
    });
    if (busy) throw new SlotTaken(hostIds.length === 1 ? hostIds[0] : undefined, startsAt);
    if (unreadable) throw new CalendarUnreadable(unreadable);
    if (refusal) throw new StartRefused(refusal, { startsAt: startsAt.toString(), noticeMinutes: type.noticeMinutes });
    throw new Missing('host');
  }

  /** Those whose day still has room under the type's limit. Taken in the order of their ids, so that two who count wait for each other and never
   * in a circle.
   * @throws StartRefused day-full, when none has */
  async withRoom(
    tx: EntityManager,
    type: MeetingType,
    candidates: readonly Candidate[],
    startsAt: Temporal.Instant,
  ): Promise<string[]> {
    if (type.maxPerDay === null) return candidates.map((c) => c.hostId);
    const dayOf = (c: Candidate) => startsAt.toZonedDateTimeISO(c.zone).toPlainDate().toString();
    const order = candidates.toSorted((a, b) => (a.hostId < b.hostId ? -1 : 1));
    for (const c of order) await lockDay(tx, type.id, c.hostId, dayOf(c));
    const start = minuteOf(startsAt);
    const booked = await bookedPerDay(tx, type.id, candidates, { from: start - 2 * 1440, to: start + 2 * 1440 });
    const room = candidates.filter((c) => (booked.get(`${c.hostId} ${dayOf(c)}`) ?? 0) < type.maxPerDay!);
    if (!room.length) throw new StartRefused('day-full', { startsAt: startsAt.toString(), maxPerDay: type.maxPerDay });
    return room.map((c) => c.hostId);
  }
}
