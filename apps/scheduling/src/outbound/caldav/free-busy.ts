import { spanOf, type Span } from '../../domain/span.js';
import { parseICal, unreadable } from '../icalendar/ical.js';

/** @param from, to UTC in iCalendar's basic form */
export const freeBusyRequest = (from: string, to: string): string =>
  `<?xml version="1.0" encoding="utf-8"?><C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav"><C:time-range start="${from}" end="${to}"/></C:free-busy-query>`;

/** The busy times in a VFREEBUSY (RFC 4791 §7.10): everything that is not called free.
 * @throws EntryUnreadable */
export function freeBusyOf(text: string): Span[] {
  const parts = parseICal(text).components.filter((c) => c.name === 'VFREEBUSY');
  if (!parts.length) throw unreadable();
  return parts
    .flatMap((c) => c.properties.filter((p) => p.name === 'FREEBUSY' && p.params['FBTYPE'] !== 'FREE'))
    .flatMap((p) => p.value.split(',').filter(Boolean).map(period));
}

function period(text: string): Span {
  const [from = '', to = ''] = text.split('/');
  try {
    const start = Temporal.Instant.from(from);
    const end = to.startsWith('P')
      ? start.add(
          Temporal.Duration.from(to).round({ largestUnit: 'hours', relativeTo: start.toZonedDateTimeISO('UTC') }),
        )
      : Temporal.Instant.from(to);
    return spanOf(start, end);
  } catch (cause) {
    throw unreadable(cause);
  }
}
