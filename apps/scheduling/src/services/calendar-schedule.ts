import { Due } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

export const CALENDAR_SYNC = 'calendar-sync';

/** Business time between two readings of a calendar that nobody asks for. */
export const SYNC_MINUTES = 2;

/** When calendars are read without being asked for. */
@Injectable()
export class CalendarSchedule {
  constructor(
    private readonly due: Due,
    private readonly clock: Clock,
  ) {}

  /** Reads a connection soon, and from then on again and again: a row that re-arms itself. Its period is under a day, so the test clock does not stop at it. */
  async schedule(tx: EntityManager, connectionId: string): Promise<void> {
    await this.due.schedule(tx, {
      kind: CALENDAR_SYNC,
      key: connectionId,
      dueAt: this.clock.now(),
      background: true,
    });
  }
}
