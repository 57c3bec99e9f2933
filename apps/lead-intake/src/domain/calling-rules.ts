import { swedishDayOff } from '@avtala/time';

/** When and how often an engagement's leads are called. Its own table row, or these defaults. */
export interface CallingRules {
  /** Calls that count (no answer, busy, spoken) before the lead is used up. */
  maxAttempts: number;
  waitNoAnswerMinutes: number;
  waitBusyMinutes: number;
  /** How long after its time a personal callback is the booker's alone to keep; then supervisors see it as overdue. */
  callbackGraceMinutes: number;
  /** Local wall-clock minutes of the day; `until` is exclusive, 1440 = midnight. */
  fromMinute: number;
  untilMinute: number;
  /** ISO weekdays, 1 = Monday. */
  weekdays: readonly number[];
  onHolidays: boolean;
  onEves: boolean;
}

/** B10: company numbers in office hours on Swedish working days. */
export const DEFAULT_RULES: CallingRules = {
  maxAttempts: 6,
  waitNoAnswerMinutes: 24 * 60,
  waitBusyMinutes: 30,
  callbackGraceMinutes: 15,
  fromMinute: 8 * 60,
  untilMinute: 17 * 60,
  weekdays: [1, 2, 3, 4, 5],
  onHolidays: false,
  onEves: false,
};

/** Longest run of days without an opening that is looked through; no rule that is accepted has one. */
const DAYS_AHEAD = 31;

/** Whether calls are made at this moment, on the clock of `zone` (B10). Holidays are Sweden's, whatever the zone. */
export function isOpen(rules: CallingRules, at: Temporal.Instant, zone: string): boolean {
  const local = at.toZonedDateTimeISO(zone);
  const minute = local.hour * 60 + local.minute;
  return isCallingDay(rules, local.toPlainDate()) && minute >= rules.fromMinute && minute < rules.untilMinute;
}

/** The first moment from `at` on at which calls are made; `at` itself when they are made now. @returns null when there is none within a month */
export function nextOpening(rules: CallingRules, at: Temporal.Instant, zone: string): Temporal.Instant | null {
  if (isOpen(rules, at, zone)) return at;
  const today = at.toZonedDateTimeISO(zone).toPlainDate();
  for (let days = 0; days <= DAYS_AHEAD; days++) {
    const day = today.add({ days });
    if (!isCallingDay(rules, day)) continue;
    // A local time that the clocks skip becomes the first one after the gap.
    const opens = day.toZonedDateTime({ timeZone: zone, plainTime: timeOf(rules.fromMinute) }).toInstant();
    if (Temporal.Instant.compare(opens, at) >= 0 && isOpen(rules, opens, zone)) return opens;
  }
  return null;
}

/** When calls end on the day of `at`, on the clock of `zone`. */
export function closesAt(rules: CallingRules, at: Temporal.Instant, zone: string): Temporal.Instant {
  const day = at.toZonedDateTimeISO(zone).toPlainDate();
  // 24:00 is midnight of the next day.
  if (rules.untilMinute === 1440) return day.add({ days: 1 }).toZonedDateTime(zone).toInstant();
  return day.toZonedDateTime({ timeZone: zone, plainTime: timeOf(rules.untilMinute) }).toInstant();
}

function isCallingDay(rules: CallingRules, day: Temporal.PlainDate): boolean {
  if (!rules.weekdays.includes(day.dayOfWeek)) return false;
  const off = swedishDayOff(day);
  return off === null || (off === 'holiday' ? rules.onHolidays : rules.onEves);
}

const timeOf = (minute: number): Temporal.PlainTime =>
  Temporal.PlainTime.from({ hour: Math.floor(minute / 60), minute: minute % 60 });

/** A number checked against NIX may be called for two months from the register version used (B10). */
export const NIX_MONTHS = 2;

/** What is known of a lead's number. `private` numbers need a check against NIX; of the others none is asked for. */
export interface NumberFacts {
  kind: 'company' | 'private' | null;
  /** Day of the register version used; null = never checked. */
  nixOn: Temporal.PlainDate | null;
  listed: boolean;
}

export type NixBlock = 'nix-listed' | 'nix-unchecked' | 'nix-expired';

/** Why a private number may not be called; null when it may. @param today the Swedish calendar day */
export function nixBlock(number: NumberFacts, today: Temporal.PlainDate): NixBlock | null {
  if (number.kind !== 'private') return null;
  if (!number.nixOn) return 'nix-unchecked';
  if (number.listed) return 'nix-listed';
  const last = number.nixOn.add({ months: NIX_MONTHS });
  return Temporal.PlainDate.compare(today, last) > 0 ? 'nix-expired' : null;
}

/** Countries we are likely to meet, each with one zone; the longest prefix counts. */
const ZONES: readonly (readonly [string, string])[] = [
  ['+46', 'Europe/Stockholm'],
  ['+45', 'Europe/Copenhagen'],
  ['+47', 'Europe/Oslo'],
  ['+358', 'Europe/Helsinki'],
  ['+354', 'Atlantic/Reykjavik'],
  ['+372', 'Europe/Tallinn'],
  ['+371', 'Europe/Riga'],
  ['+370', 'Europe/Vilnius'],
  ['+44', 'Europe/London'],
  ['+353', 'Europe/Dublin'],
  ['+49', 'Europe/Berlin'],
  ['+43', 'Europe/Vienna'],
  ['+41', 'Europe/Zurich'],
  ['+31', 'Europe/Amsterdam'],
  ['+32', 'Europe/Brussels'],
  ['+33', 'Europe/Paris'],
  ['+39', 'Europe/Rome'],
  ['+48', 'Europe/Warsaw'],
  ['+420', 'Europe/Prague'],
  ['+91', 'Asia/Kolkata'],
];

/** Where a number's clock stands. @param phone E.164 @param fallback the engagement's zone: for other countries, and those with several zones */
export function zoneOfPhone(phone: string | undefined, fallback: string): string {
  return ZONES.find(([prefix]) => phone?.startsWith(prefix))?.[1] ?? fallback;
}

/** What `lead.changed` says of the clock: nothing, unless the number is among the fields. */
export function movedTo(fields: readonly string[], phone: string | undefined, fallback: string): { timeZone?: string } {
  return fields.includes('phone') ? { timeZone: zoneOfPhone(phone, fallback) } : {};
}
