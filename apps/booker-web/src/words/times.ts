import type { Language } from './words.js';

const LOCALE = { sv: 'sv-SE', en: 'en-GB' } as const;

/** Cities whose names differ from the time zone's own. */
const CITIES: Record<string, { sv: string; en: string }> = {
  'Europe/Helsinki': { sv: 'Helsingfors', en: 'Helsinki' },
  'Europe/Copenhagen': { sv: 'Köpenhamn', en: 'Copenhagen' },
  'Europe/Brussels': { sv: 'Bryssel', en: 'Brussels' },
  'Europe/Lisbon': { sv: 'Lissabon', en: 'Lisbon' },
  'Europe/Prague': { sv: 'Prag', en: 'Prague' },
  'Europe/Rome': { sv: 'Rom', en: 'Rome' },
  'Europe/Vienna': { sv: 'Wien', en: 'Vienna' },
  'Europe/Warsaw': { sv: 'Warszawa', en: 'Warsaw' },
  'Europe/Zurich': { sv: 'Zürich', en: 'Zurich' },
  'Europe/Athens': { sv: 'Aten', en: 'Athens' },
  'Europe/Kiev': { sv: 'Kiev', en: 'Kyiv' },
  'Europe/Kyiv': { sv: 'Kiev', en: 'Kyiv' },
  'Asia/Calcutta': { sv: 'Kolkata', en: 'Kolkata' },
  'Atlantic/Reykjavik': { sv: 'Reykjavik', en: 'Reykjavík' },
};

/** A zone by its city, never by an abbreviation. */
export function cityOf(zone: string, language: Language): string {
  return CITIES[zone]?.[language] ?? zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ');
}

/** `svensk tid` · `i Helsingfors`: what stands after a time. */
export function inZone(zone: string, language: Language): string {
  if (zone === 'Europe/Stockholm') return language === 'sv' ? 'svensk tid' : 'Swedish time';
  return `${language === 'sv' ? 'i' : 'in'} ${cityOf(zone, language)}`;
}

export type TimeShape =
  /** `10:14` */
  | 'time'
  /** `10:14:32`: when a connection was lost. */
  | 'seconds'
  /** `tis 9 mars`, with the year when it is another than now's. */
  | 'day'
  /** `tis 9 mars 10:14` */
  | 'day-time'
  /** `9 mars 10:14`: in tables. */
  | 'short'
  /** `tisdag 9 mars 2027 10:14` */
  | 'long';

const made = new Map<string, Intl.DateTimeFormat>();
function part(language: Language, options: Intl.DateTimeFormatOptions, at: Temporal.ZonedDateTime): string {
  const key = language + JSON.stringify(options) + at.timeZoneId;
  let format = made.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(LOCALE[language], { ...options, timeZone: at.timeZoneId });
    made.set(key, format);
  }
  return format.format(at.epochMilliseconds).replace(/\.$/, '');
}

const month = (l: Language, at: Temporal.ZonedDateTime) =>
  l === 'en' ? part(l, { month: 'short' }, at).slice(0, 3) : part(l, { month: 'short' }, at);

/** An instant as it is said in a zone: 24 hours with a colon, no `CET`, the year only where it is not this one.
 * @param now decides whether the year is dropped; the zone is `at`'s own */
export function say(at: Temporal.ZonedDateTime, shape: TimeShape, language: Language, now: Temporal.Instant): string {
  const clock = `${two(at.hour)}:${two(at.minute)}`;
  if (shape === 'time') return clock;
  if (shape === 'seconds') return `${clock}:${two(at.second)}`;
  const thisYear = now.toZonedDateTimeISO(at.timeZoneId).year === at.year;
  const year = thisYear && shape !== 'long' ? '' : ` ${at.year}`;
  const date = `${at.day} ${shape === 'long' ? part(language, { month: 'long' }, at) : month(language, at)}${year}`;
  const weekday = shape === 'short' ? '' : `${part(language, { weekday: shape === 'long' ? 'long' : 'short' }, at)} `;
  return shape === 'day' ? weekday + date : `${weekday}${date} ${clock}`;
}

/** `tis 9 mars 2027`: a calendar day, which has no zone. */
export function sayDate(day: Temporal.PlainDate, language: Language, today: Temporal.PlainDate): string {
  return say(
    day.toZonedDateTime({ timeZone: 'UTC', plainTime: '12:00' }),
    'day',
    language,
    today.toZonedDateTime('UTC').toInstant(),
  );
}

/** `10:00–10:30`; the day is said once. */
export function sayRange(from: Temporal.ZonedDateTime, to: Temporal.ZonedDateTime): string {
  return `${two(from.hour)}:${two(from.minute)}–${two(to.hour)}:${two(to.minute)}`;
}

/** `02:41` below an hour, `3 tim 12 min` below a day, `3 dygn 9 tim`, `12 dygn`. Never negative.
 * @param seconds whole seconds */
export function sayDuration(seconds: number, language: Language): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 3600) return `${two(Math.floor(s / 60))}:${two(s % 60)}`;
  const [days, hours, minutes] = [Math.floor(s / 86_400), Math.floor((s % 86_400) / 3600), Math.floor((s % 3600) / 60)];
  const sv = language === 'sv';
  if (days >= 10) return sv ? `${days} dygn` : `${days} days`;
  if (days) return `${days} ${sv ? 'dygn' : days === 1 ? 'day' : 'days'} ${hours} ${sv ? 'tim' : 'h'}`;
  return `${hours} ${sv ? 'tim' : 'h'} ${minutes} min`;
}

const two = (n: number) => String(n).padStart(2, '0');
