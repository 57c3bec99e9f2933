import { Inject, Injectable } from '@nestjs/common';
import {
  EventChanged,
  HOST_CALENDAR,
  type CalendarAccess,
  type CalendarEvent,
  type HostCalendar,
} from '../outbound/host-calendar.js';
import { Calendars } from './calendars.js';

/** Writes and removes single events, whatever the vendor has of them already. */
@Injectable()
export class CalendarWriter {
  constructor(
    private readonly calendars: Calendars,
    @Inject(HOST_CALENDAR) private readonly calendar: HostCalendar,
  ) {}

  accessOf(connections: Parameters<Calendars['accessOf']>[0]): Promise<Map<string, CalendarAccess>> {
    return this.calendars.accessOf(connections);
  }

  /** Creates the event, or finds it by its id (409: our own earlier call whose answer was lost, or a move) and brings it up to date. What was changed
   * between reading and writing is read again and decided again.
   * @returns `used-up` when an event of that id was cancelled at the vendor
   * @throws EventChanged it is changed again and again: later */
  async write(access: CalendarAccess, event: CalendarEvent, writtenBefore: boolean): Promise<'written' | 'used-up'> {
    if (!writtenBefore && (await this.calendar.insert(access, event)) === 'written') return 'written';
    for (let tries = 1; ; tries++) {
      const read = await this.calendar.read(access, event.id);
      if (!read) return (await this.calendar.insert(access, event)) === 'written' ? 'written' : 'used-up';
      if (read.cancelled) return 'used-up';
      const same =
        read.sequence === event.sequence && read.startsAt?.equals(event.startsAt) && read.endsAt?.equals(event.endsAt);
      if (same) return 'written';
      try {
        await this.calendar.patch(access, event);
        return 'written';
      } catch (error) {
        if (!(error instanceof EventChanged) || tries >= 3) throw error;
      }
    }
  }

  async remove(access: CalendarAccess, eventId: string): Promise<void> {
    await this.calendar.remove(access, eventId);
  }
}
