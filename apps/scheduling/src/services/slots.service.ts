import { scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { emptyDays, type EmptyDay } from '../domain/empty-days.js';
import { RangeInvalid } from '../domain/errors.js';
import { freeStarts } from '../domain/free-starts.js';
import { instantOf, minuteOf, spanOf, type Span } from '../domain/span.js';
import { bookedPerDay } from '../storage/kept-slots.js';
import { findMeetingType, type MeetingType } from '../storage/meeting-types.js';
import { Availability, type HostAvailability } from './availability.js';

export interface Slot {
  hostId: string;
  startsAt: Temporal.Instant;
  endsAt: Temporal.Instant;
}

export interface Slots {
  /** By start, then host. */
  slots: Slot[];
  /** Hosts whose calendar could not be read: they count as busy. */
  unreadable: string[];
  /** When each own calendar was read. */
  readAt: { hostId: string; at: Temporal.Instant }[];
  /** Days without a slot, and why. */
  days: EmptyDay[];
}

const LONGEST_DAYS = 62;

@Injectable()
export class SlotsService {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly availability: Availability,
  ) {}

  /** Starts at which a meeting of this type could be booked, as far as the calendars were read; the booking itself asks them again.
   * @param asked.zone in which days are told
   * @param only.hostId this host alone; `mine`: what the asker holds already is free to them
   * @throws Missing; RangeInvalid backwards or over 62 days */
  async free(
    caller: Pick<Principal, 'engagementIds'>,
    meetingTypeId: string,
    asked: { from: Temporal.Instant; to: Temporal.Instant; zone: string },
    only: { hostId?: string | null; mine?: { hostId: string; blocked: Span } | undefined } = {},
  ): Promise<Slots> {
    const { from, to, zone } = asked;
    if (Temporal.Instant.compare(to, from) <= 0) throw new RangeInvalid('range-backwards');
    if (to.epochMilliseconds - from.epochMilliseconds > LONGEST_DAYS * 86_400_000)
      throw new RangeInvalid('range-too-long');
    const type = await this.db.withScope(scopeOfCaller(caller), (tx) => findMeetingType(tx, meetingTypeId));
    if (!type) throw new Missing('meeting type');

    const range = spanOf(from, to);
    const around = type.lengthMinutes + type.bufferBeforeMinutes + type.bufferAfterMinutes;
    const hosts = await this.availability.lately(
      type.engagementId,
      only.hostId ? [only.hostId] : type.hostIds,
      { from: range.from - around, to: range.to + around },
      only.mine,
    );
    const now = minuteOf(this.clock.now()) + 1;
    const isFull = await this.#fullDays(type, hosts, range);
    const slots: { hostId: string; start: number }[] = [];
    for (const host of hosts) {
      if (host.unreadable) continue;
      for (const start of freeStarts(range, now, host.time, host.busy, type))
        if (!isFull(host, start)) slots.push({ hostId: host.hostId, start });
    }
    slots.sort((a, b) => a.start - b.start);
    const taken = new Set(slots.map((s) => s.start));
    return {
      slots: slots.map(({ hostId, start }) => ({
        hostId,
        startsAt: instantOf(start),
        endsAt: instantOf(start + type.lengthMinutes),
      })),
      unreadable: hosts.filter((h) => h.unreadable).map((h) => h.hostId),
      readAt: hosts.flatMap((h) => (h.readAt ? [{ hostId: h.hostId, at: h.readAt }] : [])),
      days: emptyDays(
        range,
        zone,
        now,
        taken,
        type,
        hosts.map((h) => ({ ...h, isFull: (start) => isFull(h, start) })),
      ),
    };
  }

  async #fullDays(type: MeetingType, hosts: readonly HostAvailability[], range: Span) {
    if (type.maxPerDay === null) return () => false;
    const most = type.maxPerDay;
    const zones = hosts.map((h) => ({ hostId: h.hostId, zone: h.time.zone }));
    const booked = await this.db.withScope(scopeOf(type.engagementId), (tx) =>
      bookedPerDay(tx, type.id, zones, { from: range.from - 2 * 1440, to: range.to + 2 * 1440 }),
    );
    return (host: HostAvailability, start: number): boolean => {
      const day = instantOf(start).toZonedDateTimeISO(host.time.zone).toPlainDate().toString();
      return (booked.get(`${host.hostId} ${day}`) ?? 0) >= most;
    };
  }
}
