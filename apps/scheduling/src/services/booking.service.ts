import type { Principal } from '@avtala/access';
import { MeetingBooked } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Due } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { SlotTaken } from '../domain/errors.js';
import { blockedBy } from '../domain/free-starts.js';
import { instantOf, minuteOf } from '../domain/span.js';
import { insertBooking, type Booking } from '../storage/bookings.js';
import { releaseKept } from '../storage/kept-slots.js';
import type { MeetingType } from '../storage/meeting-types.js';
import { BookingGate, openCase } from './booking-gate.js';
import { Candidates } from './candidates.js';
import type { LinkHolder } from './link-tokens.js';
import { KEPT_SLOT_ENDS, Telling } from './telling.js';

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
    private readonly due: Due,
    private readonly gate: BookingGate,
    private readonly candidates: Candidates,
  ) {}

  /** Books a lead into a host's time: the door is asked, the rules decide, the constraint picks the winner.
   * @param taken in the same transaction, under the lead's lock: what else the booking settles
   * @returns the booking's id; of the first one when the request is a repeat
   * @throws Missing, LeadNotBookable, EngagementNotOpen, StartRefused, CalendarUnreadable, SlotTaken; RetryLater when the door is away */
  async book(
    caller: Principal | LinkHolder,
    claim: IdempotencyClaim,
    wanted: NewBooking,
    taken?: (tx: EntityManager, id: string) => Promise<void>,
  ): Promise<string> {
    const id = randomUUIDv7();
    const asked = await this.gate.ask(caller, claim, wanted, id);
    if ('before' in asked) return asked.before;
    const { type, kept } = asked;
    const hostIds = wanted.hostId ? [wanted.hostId] : type.hostIds;
    const candidates = await this.candidates
      .of(type, hostIds, wanted.leadId, wanted.startsAt, kept)
      .catch((refusal: unknown) => this.gate.twinOr(caller, claim, refusal));
    if ('before' in candidates) return candidates.before;
    return this.db.withScope(scopeOf(type.engagementId), async (tx) => {
      const before = await claimKey(tx, claim);
      if (before?.resourceId) return before.resourceId;
      const now = this.clock.now();
      const bookedBy = 'userId' in caller ? caller.userId : null;
      const { zone } = await openCase(tx, type.engagementId, wanted.leadId, now);
      // Whoever books has decided: what was kept for them is given back first, so that its time is theirs to take.
      for (const kept of await releaseKept(tx, { leadId: wanted.leadId })) {
        await this.due.cancel(tx, { kind: KEPT_SLOT_ENDS, key: kept });
      }
      for (const hostId of await this.candidates.withRoom(tx, type, candidates, wanted.startsAt)) {
        const booking = bookingOf(id, type, wanted, { hostId, zone, decidedAt: now, bookedBy });
        if (!(await insertBooking(tx, booking, blockedBy(minuteOf(wanted.startsAt), type)))) continue;
        await taken?.(tx, id);
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
}

function bookingOf(
  id: string,
  type: MeetingType,
  wanted: NewBooking,
  more: { hostId: string; zone: string; decidedAt: Temporal.Instant; bookedBy: string | null },
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
    bookedBy: more.bookedBy,
  };
}
