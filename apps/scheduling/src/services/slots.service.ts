import { scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { RangeInvalid } from '../domain/errors.js';
import { freeStarts } from '../domain/free-starts.js';
import { instantOf, minuteOf, spanOf } from '../domain/span.js';
import { findMeetingType } from '../storage/meeting-types.js';
import { Availability } from './availability.js';

export interface Slot {
  hostId: string;
  startsAt: Temporal.Instant;
  endsAt: Temporal.Instant;
}

const LONGEST_DAYS = 62;

@Injectable()
export class SlotsService {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly availability: Availability,
  ) {}

  /** Starts at which a meeting of this type could be booked now.
   * @returns slots by start, then host; and the hosts whose calendar could not be read, who count as busy
   * @throws Missing; RangeInvalid backwards or over 62 days */
  async free(
    caller: Principal,
    meetingTypeId: string,
    from: Temporal.Instant,
    to: Temporal.Instant,
  ): Promise<{ slots: Slot[]; unreadable: string[] }> {
    if (Temporal.Instant.compare(to, from) <= 0) throw new RangeInvalid('range-backwards');
    if (to.epochMilliseconds - from.epochMilliseconds > LONGEST_DAYS * 86_400_000)
      throw new RangeInvalid('range-too-long');
    const type = await this.db.withScope(scopeOfCaller(caller), (tx) => findMeetingType(tx, meetingTypeId));
    if (!type) throw new Missing('meeting type');

    const range = spanOf(from, to);
    const around = type.lengthMinutes + type.bufferBeforeMinutes + type.bufferAfterMinutes;
    const hosts = await this.availability.of(type.engagementId, type.hostIds, {
      from: range.from - around,
      to: range.to + around,
    });
    const now = minuteOf(this.clock.now()) + 1;
    const slots = hosts.flatMap((host) =>
      (host.unreadable ? [] : freeStarts(range, now, host.time, host.busy, type)).map((start) => ({
        hostId: host.hostId,
        startsAt: instantOf(start),
        endsAt: instantOf(start + type.lengthMinutes),
      })),
    );
    slots.sort((a, b) => Temporal.Instant.compare(a.startsAt, b.startsAt));
    return { slots, unreadable: hosts.filter((h) => h.unreadable).map((h) => h.hostId) };
  }
}
