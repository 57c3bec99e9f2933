import { registerDecorator, type ValidationOptions } from 'class-validator';

const zones = new Set(Intl.supportedValuesOf('timeZone'));

/** An IANA name this runtime knows (aliases such as Asia/Calcutta and UTC included). */
export function isTimeZone(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  if (zones.has(value)) return true;
  if (!/^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/.test(value)) return false; // offsets like +02:00 are no zones: they know no DST
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

export function IsTimeZone(options?: ValidationOptions): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isTimeZone',
      target: target.constructor,
      propertyName: String(property),
      options: { message: '$property must be an IANA time zone such as Europe/Stockholm', ...options },
      validator: { validate: isTimeZone },
    });
}

/** Business times and dates lie in these years: PostgreSQL holds fewer than Temporal does, and beyond them it is a slip anyway. */
const FIRST_YEAR = 1900;
const LAST_YEAR = 2199;
const isUsableYear = (year: number): boolean => year >= FIRST_YEAR && year <= LAST_YEAR;

/** Whether an instant lies in the years we can work with, 1900 to 2199 (UTC). */
export function isUsableInstant(instant: Temporal.Instant): boolean {
  return isUsableYear(instant.toZonedDateTimeISO('UTC').year);
}

/** An instant as ISO 8601 with an offset or Z; a local time without one is refused, since it names no instant. */
export function IsInstant(options?: ValidationOptions): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isInstant',
      target: target.constructor,
      propertyName: String(property),
      options: {
        message: '$property must be an instant such as 2027-03-01T09:00:00Z, in the years 1900 to 2199',
        ...options,
      },
      validator: {
        validate(value: unknown): boolean {
          if (typeof value !== 'string') return false;
          try {
            return isUsableInstant(Temporal.Instant.from(value));
          } catch {
            return false;
          }
        },
      },
    });
}

/** A calendar date, `2027-03-01`. */
export function IsCalendarDate(options?: ValidationOptions): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'isCalendarDate',
      target: target.constructor,
      propertyName: String(property),
      options: {
        message: '$property must be a calendar date such as 2027-03-01, in the years 1900 to 2199',
        ...options,
      },
      validator: {
        validate(value: unknown): boolean {
          if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
          try {
            return isUsableYear(Temporal.PlainDate.from(value).year);
          } catch {
            return false;
          }
        },
      },
    });
}
