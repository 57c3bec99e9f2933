import { BadEvent } from './google-error.js';

export interface EventTime {
  dateTime?: string;
  date?: string;
  timeZone?: string;
}

/** What a client may write of an event. Everything else of the resource is the vendor's. */
export interface EventBody {
  id?: string;
  iCalUID?: string;
  status?: string;
  sequence?: number;
  start?: EventTime;
  end?: EventTime;
  transparency?: string;
  attendees?: { email: string }[];
  extendedProperties?: { private?: Record<string, string>; shared?: Record<string, string> };
  [field: string]: unknown;
}

type Check = (value: unknown, path: string) => void;

const fail = (path: string, rule: string): never => {
  throw new BadEvent(`${path} ${rule}`.trim());
};
const text: Check = (v, path) => void (typeof v === 'string' || fail(path, 'must be a string'));
const flag: Check = (v, path) => void (typeof v === 'boolean' || fail(path, 'must be a boolean'));
const count: Check = (v, path) => void (Number.isInteger(v) || fail(path, 'must be an integer'));
const oneOf =
  (...allowed: string[]): Check =>
  (v, path) =>
    void ((typeof v === 'string' && allowed.includes(v)) || fail(path, `must be one of ${allowed.join(', ')}`));
const listOf =
  (item: Check): Check =>
  (v, path) =>
    Array.isArray(v) ? v.forEach((x, i) => item(x, `${path}/${i}`)) : fail(path, 'must be a list');
const shape =
  (fields: Record<string, Check>): Check =>
  (v, path) => {
    if (typeof v !== 'object' || v === null || Array.isArray(v)) return fail(path, 'must be an object');
    for (const [name, value] of Object.entries(v)) {
      const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (!check) fail(`${path}/${name}`, 'is not a field');
      // null takes a field away in a patch
      else if (value !== null) check(value, `${path}/${name}`);
    }
  };
const strings: Check = (v, path) => {
  if (typeof v !== 'object' || v === null) return fail(path, 'must be an object');
  for (const value of Object.values(v)) if (value !== null) text(value, `${path}/*`);
};
const anything: Check = () => undefined;

const time = shape({ dateTime: text, date: text, timeZone: text });
const attendee = shape({
  ...{ email: text, displayName: text, comment: text, id: text, additionalGuests: count },
  ...{ optional: flag, resource: flag, organizer: flag, self: flag },
  responseStatus: oneOf('needsAction', 'declined', 'tentative', 'accepted'),
});
const event = shape({
  ...{ id: text, iCalUID: text, summary: text, description: text, location: text, colorId: text, sequence: count },
  ...{ start: time, end: time, attendees: listOf(attendee), recurrence: listOf(text) },
  status: oneOf('confirmed', 'tentative', 'cancelled'),
  transparency: oneOf('opaque', 'transparent'),
  visibility: oneOf('default', 'public', 'private', 'confidential'),
  extendedProperties: shape({ private: strings, shared: strings }),
  reminders: shape({ useDefault: flag, overrides: listOf(shape({ method: oneOf('email', 'popup'), minutes: count })) }),
  ...{ guestsCanInviteOthers: flag, guestsCanModify: flag, guestsCanSeeOtherGuests: flag, anyoneCanAddSelf: flag },
  ...{ conferenceData: anything, attachments: anything, source: shape({ title: text, url: text }) },
  eventType: oneOf('default'),
});

/** Refuses what the vendor's types do not know, so that a misspelt field cannot pass in silence.
 * @throws BadEvent naming field and rule, never the value */
export function checkEvent(value: unknown): EventBody {
  event(value, '');
  return value as EventBody;
}

/** @param time of an event; local times need a zone, dates count in the calendar's zone
 * @returns milliseconds since 1970
 * @throws BadEvent when it is no moment */
export function momentOf(time: EventTime | undefined, calendarZone: string, path: string): number {
  try {
    if (time?.dateTime) {
      if (/(Z|[+-]\d{2}:\d{2})$/.test(time.dateTime)) return Temporal.Instant.from(time.dateTime).epochMilliseconds;
      if (!time.timeZone) return fail(path, 'needs an offset or a timeZone');
      return Temporal.PlainDateTime.from(time.dateTime).toZonedDateTime(time.timeZone).epochMilliseconds;
    }
    if (time?.date)
      return Temporal.PlainDate.from(time.date).toZonedDateTime(time.timeZone ?? calendarZone).epochMilliseconds;
  } catch (error) {
    if (error instanceof BadEvent) throw error;
    return fail(path, 'is no moment');
  }
  return fail(path, 'is required');
}
