import type { PageLanguage } from '@avtala/page';
import { placeOf } from './zones.js';

const LOCALE = { sv: 'sv-SE', en: 'en-GB' } as const;

export const clock = (at: Temporal.Instant, zone: string): string =>
  at.toZonedDateTimeISO(zone).toPlainTime().toString({ smallestUnit: 'minute' });

export const dayOf = (at: Temporal.Instant, zone: string): Temporal.PlainDate =>
  at.toZonedDateTimeISO(zone).toPlainDate();

// Only names come from locale data; the order is ours, so that a page does not change with the data's version.
const name = (day: Temporal.PlainDate, language: PageLanguage, part: 'weekday' | 'month'): string =>
  day.toLocaleString(LOCALE[language], { [part]: 'long' });

/** `Torsdag 11 mars`: a heading. */
export function dayHeading(day: Temporal.PlainDate, language: PageLanguage): string {
  const text = `${name(day, language, 'weekday')} ${day.day} ${name(day, language, 'month')}`;
  return text[0]!.toLocaleUpperCase(LOCALE[language]) + text.slice(1);
}

/** `torsdag 11 mars 2027`: in a sentence. */
export function dayInText(day: Temporal.PlainDate, language: PageLanguage): string {
  return `${name(day, language, 'weekday')} ${day.day} ${name(day, language, 'month')} ${day.year}`;
}

/** Whether both clocks show the same at that instant. */
export const sameClock = (a: string, b: string, at: Temporal.Instant): boolean =>
  at.toZonedDateTimeISO(a).offsetNanoseconds === at.toZonedDateTimeISO(b).offsetNanoseconds;

/** `10:00–10:30 i Sverige, 11:00–11:30 i Helsingfors`; the second only where it differs. A day that differs is named. */
export function spanInText(
  startsAt: Temporal.Instant,
  endsAt: Temporal.Instant,
  [zone, other]: readonly [zone: string, other: string],
  language: PageLanguage,
): string {
  const span = (z: string) => `${clock(startsAt, z)}–${clock(endsAt, z)} ${placeOf(z, language)}`;
  if (sameClock(zone, other, startsAt)) return span(zone);
  const otherDay = dayOf(startsAt, other);
  const day = otherDay.equals(dayOf(startsAt, zone)) ? '' : `${dayInText(otherDay, language)} `;
  return `${span(zone)}, ${day}${span(other)}`;
}

/** The day on which a zone's clocks are changed between two instants; null: they are not. */
export function clockChange(zone: string, now: Temporal.Instant, until: Temporal.Instant): Temporal.PlainDate | null {
  const next = now.toZonedDateTimeISO(zone).getTimeZoneTransition('next');
  if (!next || Temporal.Instant.compare(next.toInstant(), until) > 0) return null;
  return next.toPlainDate();
}

/** A start as a form sends it: minutes since 1970, short. */
export const startValue = (at: Temporal.Instant): string => Math.floor(at.epochMilliseconds / 60_000).toString(36);

/** @returns undefined for what no page of ours sends */
export function startOf(value: string | undefined): Temporal.Instant | undefined {
  if (!value || !/^[0-9a-z]{1,7}$/.test(value)) return undefined;
  return Temporal.Instant.fromEpochMilliseconds(Number.parseInt(value, 36) * 60_000);
}
