import { Inject, Injectable } from '@nestjs/common';
import {
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

  /** Creates the event, or finds it by its id (409: our own earlier call whose answer was lost, or a move) and brings it up to date.
   * @returns `used-up` when an event of that id was cancelled at the vendor */
  async write(access: CalendarAccess, event: CalendarEvent, writtenBefore: boolean): Promise<'written' | 'used-up'> {
    if (!writtenBefore && (await this.calendar.insert(access, event)) === 'written') return 'written';
    const read = await this.calendar.read(access, event.id);
    if (!read) return (await this.calendar.insert(access, event)) === 'written' ? 'written' : 'used-up';
    if (read.cancelled) return 'used-up';
    const same =
      read.sequence === event.sequence && read.startsAt?.equals(event.startsAt) && read.endsAt?.equals(event.endsAt);
    if (!same) await this.calendar.patch(access, event);
    return 'written';
  }

  async remove(access: CalendarAccess, eventId: string): Promise<void> {
    await this.calendar.remove(access, eventId);
  }
}
