import { Db, scopeOf } from '@avtala/database';
import { log } from '@avtala/observability';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { utcOfWall } from '../domain/wall-clock.js';
import { instantOf } from '../domain/span.js';
import type { CalendarChanges, ChangedItem } from '../outbound/host-calendar.js';
import { engagementsOfEvents, flagHostChange, writtenEvents } from '../storage/calendar-events.js';

/** Notices what hosts do to the events we wrote. The meeting stands as it was agreed with the lead: that it was moved or deleted in the host's
 * calendar is shown, and a person decides (docs/adr/0020-what-a-host-does-in-their-calendar.md). */
@Injectable()
export class HostChanges {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
  ) {}

  /** Safe to repeat. */
  async notice(connectionId: string, changes: CalendarChanges): Promise<void> {
    const ours = new Map(changes.items.filter((i) => EVENT_ID.test(i.id)).map((i) => [i.id, i]));
    if (!ours.size && !changes.full) return;
    const engagements = await this.db.asCount((tx) =>
      engagementsOfEvents(tx, connectionId, changes.full ? null : [...ours.keys()]),
    );
    for (const engagementId of engagements) {
      await this.db.withScope(scopeOf(engagementId), async (tx) => {
        for (const event of await writtenEvents(tx, connectionId, this.clock.now())) {
          const item = ours.get(event.eventId);
          if (!item && !changes.full) continue;
          const found = whatHappened(item, event.startsAt);
          if (found.change === event.hostChange) continue;
          log.info('calendar.host-change', { bookingId: event.bookingId, reason: found.change ?? 'undone' });
          await flagHostChange(tx, event, found.change, found.startsAt);
        }
      });
    }
  }
}

const EVENT_ID = /^[a-v0-9]{26}(v\d+)?$/;

function whatHappened(
  item: ChangedItem | undefined,
  agreed: Temporal.Instant,
): { change: 'moved' | 'deleted' | null; startsAt: Temporal.Instant | null } {
  const [entry] = item?.entries ?? [];
  if (!entry) return { change: 'deleted', startsAt: null };
  const startsAt = instantOf(utcOfWall(entry.at, entry.zone));
  return startsAt.equals(agreed) ? { change: null, startsAt: null } : { change: 'moved', startsAt };
}
