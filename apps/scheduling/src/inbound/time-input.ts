import { isUsableInstant } from '@avtala/contracts';
import { isTimeZone, LocalTimeInvalid, parseLocal } from '@avtala/time';

/** An instant a client sent: with an offset as it stands, or as local time in a zone they name.
 * @throws LocalTimeInvalid neither; skipped or repeated by the zone's clocks; in a year nobody meets in */
export function instantOfInput(text: string, timeZone: string | undefined): Temporal.Instant {
  const instant = read(text, timeZone);
  if (!isUsableInstant(instant)) throw new LocalTimeInvalid('malformed');
  return instant;
}

function read(text: string, timeZone: string | undefined): Temporal.Instant {
  if (/(Z|[+-]\d{2}:?\d{2})$/i.test(text)) {
    try {
      return Temporal.Instant.from(text);
    } catch (cause) {
      throw new LocalTimeInvalid('malformed', { cause });
    }
  }
  if (timeZone === undefined) throw new LocalTimeInvalid('malformed');
  return parseLocal(text, timeZone);
}

/** @throws LocalTimeInvalid unknown-zone */
export function knownZone(timeZone: string): string {
  if (!isTimeZone(timeZone)) throw new LocalTimeInvalid('unknown-zone');
  return timeZone;
}

/** How an instant reads on a zone's wall clock, with its offset: `2027-03-01T10:00:00+01:00`. */
export function localText(instant: Temporal.Instant, zone: string): string {
  return instant.toZonedDateTimeISO(zone).toString({ timeZoneName: 'never', smallestUnit: 'second' });
}
