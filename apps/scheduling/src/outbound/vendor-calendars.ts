import type { CalendarAccess, CalendarChanges, CalendarEvent, CalendarKind, HostCalendar } from './host-calendar.js';

/** The one switch between vendors: each connection's calls go to the calendar of its kind. */
export class VendorCalendars implements HostCalendar {
  constructor(private readonly of: Readonly<Record<CalendarKind, HostCalendar>>) {}

  busy(access: CalendarAccess, from: Temporal.Instant, to: Temporal.Instant, deadlineMs: number) {
    return this.of[access.kind].busy(access, from, to, deadlineMs);
  }

  changes(
    access: CalendarAccess,
    token: string | null,
    from: Temporal.Instant,
    deadlineMs: number,
  ): Promise<CalendarChanges> {
    return this.of[access.kind].changes(access, token, from, deadlineMs);
  }

  read(access: CalendarAccess, eventId: string) {
    return this.of[access.kind].read(access, eventId);
  }

  insert(access: CalendarAccess, event: CalendarEvent) {
    return this.of[access.kind].insert(access, event);
  }

  patch(access: CalendarAccess, event: CalendarEvent) {
    return this.of[access.kind].patch(access, event);
  }

  blank(access: CalendarAccess, eventId: string) {
    return this.of[access.kind].blank(access, eventId);
  }

  remove(access: CalendarAccess, eventId: string) {
    return this.of[access.kind].remove(access, eventId);
  }
}
