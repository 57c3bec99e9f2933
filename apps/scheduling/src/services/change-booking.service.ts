import { ContactsClient, requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { MeetingCancelled, MeetingHeld, MeetingMissed, MeetingMoved, Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { answeredBefore, claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { isBuried } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { decideBooking } from '../domain/decide-booking.js';
import { decideChange, type Change } from '../domain/decide-change.js';
import { CalendarUnreadable, ChangeRefused, LeadNotBookable, SlotTaken, StartRefused } from '../domain/errors.js';
import { BookingChanged } from '../domain/link-errors.js';
import { blockedBy, isFree } from '../domain/free-starts.js';
import { instantOf, minuteOf, spanOf } from '../domain/span.js';
import {
  findBooking,
  freeSlots,
  lockBooking,
  moveSlot,
  type BookingsPage,
  pageOfBookings,
  updateBooking,
  type Booking,
} from '../storage/bookings.js';
import { eventsOfBooking, reopenEvents, standingsOf, type CalendarStanding } from '../storage/calendar-events.js';
import { lastInvitesOf, type InviteStanding } from '../storage/invites.js';
import { releaseKept } from '../storage/kept-slots.js';
import { lockCase } from '../storage/lead-cases.js';
import { findMeetingType } from '../storage/meeting-types.js';
import { Availability } from './availability.js';
import { mayBeContacted, openCase } from './booking-gate.js';
import { Candidates } from './candidates.js';
import type { LinkHolder } from './link-tokens.js';
import { Telling } from './telling.js';

const EVENTS = { cancel: MeetingCancelled, hold: MeetingHeld, miss: MeetingMissed } as const;
const AUDIT = { cancel: 'booking.cancelled', hold: 'booking.held', miss: 'booking.missed' } as const;

@Injectable()
export class ChangeBookingService {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly telling: Telling,
    private readonly contacts: ContactsClient,
    private readonly availability: Availability,
    private readonly candidates: Candidates,
  ) {}

  /** @throws Missing */
  async one(caller: Principal | LinkHolder, id: string): Promise<Booking> {
    const booking = await this.db.withScope(scopeOfCaller(caller), (tx) => findBooking(tx, id));
    if (!booking) throw new Missing('booking');
    return booking;
  }

  /** Where meetings stand in their hosts' calendars, and what became of the last message about each, by booking. */
  async standings(
    caller: Principal,
    bookings: readonly Booking[],
  ): Promise<{ calendars: Map<string, CalendarStanding>; invites: Map<string, InviteStanding> }> {
    const ids = bookings.map((b) => b.id);
    if (!ids.length) return { calendars: new Map(), invites: new Map() };
    return this.db.withScope(scopeOfCaller(caller), async (tx) => ({
      calendars: await standingsOf(tx, ids),
      invites: await lastInvitesOf(tx, ids),
    }));
  }

  /** @throws Missing an engagement that is not the caller's */
  async page(caller: Principal, of: BookingsPage): Promise<{ items: Booking[]; next: string | null }> {
    if (of.engagementId !== undefined) requireEngagement(caller, of.engagementId);
    const engagementIds = of.engagementId === undefined ? caller.engagementIds : [of.engagementId];
    if (!engagementIds.length) return { items: [], next: null };
    const scope = of.engagementId === undefined ? scopeOfCaller(caller) : scopeOf(of.engagementId);
    const items = await this.db.withScope(scope, (tx) => pageOfBookings(tx, engagementIds, of));
    return { items, next: items.length === of.limit ? items.at(-1)!.id : null };
  }

  /** Moves a meeting that has not begun, with the same host. The old slot goes and the new one comes in one transaction; when the new one is taken
   * nothing has changed.
   * @param seen SEQUENCE that the caller looked at: with another one nothing is done
   * @throws BookingChanged, Missing, ChangeRefused, LeadNotBookable, EngagementNotOpen, StartRefused, CalendarUnreadable, SlotTaken */
  async move(
    caller: Principal | LinkHolder,
    claim: IdempotencyClaim,
    id: string,
    startsAt: Temporal.Instant,
    seen?: number,
  ): Promise<void> {
    const { before, booking, type } = await this.#found(caller, claim, id);
    if (before) return;
    this.#decide('move', booking);
    await mayBeContacted(this.contacts, booking.leadId, id);

    const start = minuteOf(startsAt);
    const blocked = blockedBy(start, type);
    const own = spanOf(booking.startsAt, booking.endsAt);
    const [host] = await this.availability.now(booking.engagementId, [booking.hostId], blocked, { meeting: own });
    if (!host) throw new Missing('host');
    const decision = decideBooking(startsAt, this.clock.now(), type, host.time);
    if (!decision.ok) throw new StartRefused(decision.reason, { startsAt: startsAt.toString() });
    if (host.unreadable) throw new CalendarUnreadable(host.hostId);
    if (!isFree(start, host.busy, type)) throw new SlotTaken(host.hostId, startsAt);

    await this.#change(claim, booking, async (tx, current, now) => {
      requireSeen(current, seen);
      await openCase(tx, current.engagementId, current.leadId, now);
      const { newSequence } = this.#decide('move', current);
      if (startsAt.equals(current.startsAt)) throw new StartRefused('time-unchanged');
      await releaseKept(tx, { leadId: current.leadId }); // what was kept may be where it goes
      const sameDay = isSameDay(startsAt, current.startsAt, host.time.zone);
      if (!sameDay) await this.candidates.withRoom(tx, type, [{ hostId: host.hostId, zone: host.time.zone }], startsAt);
      if (!(await moveSlot(tx, current, blocked))) throw new SlotTaken(current.hostId, startsAt);
      const moved: Booking = {
        ...current,
        startsAt,
        endsAt: instantOf(decision.end),
        sequence: current.sequence + Number(newSequence),
        decidedAt: now,
      };
      await updateBooking(tx, moved);
      await this.telling.event(tx, MeetingMoved, moved);
      await this.telling.outsiders(tx, moved);
      await this.telling.audited(tx, 'booking.moved', caller, moved);
    });
  }

  /** Gives a meeting that has not begun to another host of its type, at the same time and under the same rules as booking. Both hosts' calendars follow.
   * @throws as move does */
  async reassign(caller: Principal, claim: IdempotencyClaim, id: string, hostId: string): Promise<void> {
    const found = await this.#found(caller, claim, id);
    if (found.before) return;
    const { booking, type } = found;
    if (!type.hostIds.includes(hostId)) throw new Missing('host');
    this.#decide('move', booking);
    await mayBeContacted(this.contacts, booking.leadId, id);
    if (hostId === booking.hostId) throw new StartRefused('host-unchanged');
    const candidates = await this.candidates.of(type, [hostId], booking.leadId, booking.startsAt);
    await this.#change(claim, booking, async (tx, current, now) => {
      await openCase(tx, current.engagementId, current.leadId, now);
      this.#decide('move', current);
      if (current.hostId === hostId) throw new StartRefused('host-unchanged');
      if (!current.startsAt.equals(booking.startsAt)) throw new SlotTaken(hostId, booking.startsAt); // moved meanwhile: its rules were not asked
      await this.candidates.withRoom(tx, type, candidates, current.startsAt);
      const blocked = blockedBy(minuteOf(current.startsAt), type);
      if (!(await moveSlot(tx, { id: current.id, hostId }, blocked))) throw new SlotTaken(hostId, current.startsAt);
      const moved: Booking = { ...current, hostId, sequence: current.sequence + 1, decidedAt: now };
      await updateBooking(tx, moved);
      await this.telling.event(tx, MeetingMoved, moved);
      await this.telling.outsiders(tx, moved);
      await this.telling.audited(tx, 'booking.reassigned', caller, moved);
    });
  }

  /** Writes the meeting into the host's calendar once more, as it was agreed: after a refusal, or when the host moved or deleted the event. One that was
   * cancelled is taken out of calendars once more, as long as any may still have it.
   * @throws Missing, ChangeRefused */
  async writeAgain(caller: Principal, claim: IdempotencyClaim, id: string): Promise<void> {
    const found = await this.#found(caller, claim, id);
    if (found.before) return;
    await this.#change(claim, found.booking, async (tx, current) => {
      const isLeft = (await eventsOfBooking(tx, current.id)).some((e) => e.state !== 'removed' && e.state !== 'erased');
      if (current.state !== 'cancelled' || !isLeft) this.#decide('move', current);
      await reopenEvents(tx, current.id);
      await this.telling.calendar(tx, current);
      await this.telling.audited(tx, 'booking.calendar-retried', caller, current);
    });
  }

  /** Cancels, or records that the lead came or did not.
   * @param seen as with move
   * @throws BookingChanged, Missing, ChangeRefused, LeadNotBookable when the lead is being erased */
  async end(
    caller: Principal | LinkHolder,
    claim: IdempotencyClaim,
    id: string,
    change: Exclude<Change, 'move'>,
    reason?: string,
    seen?: number,
  ): Promise<void> {
    const { before, booking } = await this.db.withScope(scopeOfCaller(caller), async (tx) => ({
      before: await answeredBefore(tx, claim),
      booking: await findBooking(tx, id),
    }));
    if (!booking) throw new Missing('booking');
    if (before) return;
    await this.#change(claim, booking, async (tx, current, now) => {
      requireSeen(current, seen);
      const { state, newSequence } = this.#decide(change, current);
      const ended: Booking = {
        ...current,
        state,
        sequence: current.sequence + Number(newSequence),
        decidedAt: newSequence ? now : current.decidedAt,
      };
      await updateBooking(tx, ended, reason);
      if (change === 'cancel') {
        await freeSlots(tx, [ended.id]);
        await this.telling.outsiders(tx, ended);
      }
      await this.telling.event(tx, EVENTS[change], change === 'cancel' ? ended : { ...ended, decidedAt: now });
      await this.telling.audited(tx, AUDIT[change], caller, ended);
    });
  }

  async #found(caller: Principal | LinkHolder, claim: IdempotencyClaim, id: string) {
    const found = await this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const booking = await findBooking(tx, id);
      const type = booking && (await findMeetingType(tx, booking.meetingTypeId));
      return { before: (await answeredBefore(tx, claim)) !== null, booking, type };
    });
    const { before, booking, type } = found;
    if (!booking || !type) throw new Missing('booking');
    return { before, booking, type };
  }

  /** One transaction: the key, the lead's lock, the tombstone, the booking as it is now, what is to be done, the answer. */
  async #change(
    claim: IdempotencyClaim,
    booking: Booking,
    work: (tx: EntityManager, current: Booking, now: Temporal.Instant) => Promise<void>,
  ): Promise<void> {
    await this.db.withScope(scopeOf(booking.engagementId), async (tx) => {
      if (await claimKey(tx, claim)) return;
      await lockCase(tx, booking.leadId);
      if (await isBuried(tx, booking)) throw new LeadNotBookable('erased');
      const current = await lockBooking(tx, booking.id);
      if (!current) throw new Missing('booking');
      await work(tx, current, this.clock.now());
      await settleKey(tx, claim, {
        status: 200,
        resourceId: booking.id,
        leadId: booking.leadId,
        engagementId: booking.engagementId,
      });
    });
  }

  #decide(change: Change, booking: Booking) {
    const decision = decideChange(change, booking, this.clock.now());
    if (!decision.ok) throw new ChangeRefused(decision.reason);
    return decision;
  }
}

function requireSeen(current: Booking, seen: number | undefined): void {
  if (seen !== undefined && current.sequence !== seen) throw new BookingChanged();
}

const isSameDay = (a: Temporal.Instant, b: Temporal.Instant, zone: string): boolean =>
  a.toZonedDateTimeISO(zone).toPlainDate().equals(b.toZonedDateTimeISO(zone).toPlainDate());
