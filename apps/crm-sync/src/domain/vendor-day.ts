/** A vendor's day of one account: its end, in business time. */

/** A little after the vendor's midnight: clocks differ, and being early would cost the whole next day. */
const AFTER_MIDNIGHT = { seconds: 60 };
/** The zone is not known: asked again each hour, which is far below the share of errors a vendor minds. */
const UNKNOWN_ZONE = { hours: 1 };

/** When calls refused for the day may leave again: the next midnight in the account's own zone, whatever length that day has.
 * @param timeZone IANA name, or null when the vendor has not said */
export function dayIsOver(now: Temporal.Instant, timeZone: string | null): Temporal.Instant {
  if (timeZone === null) return now.add(UNKNOWN_ZONE);
  const tomorrow = now.toZonedDateTimeISO(timeZone).toPlainDate().add({ days: 1 });
  return tomorrow.toZonedDateTime(timeZone).toInstant().add(AFTER_MIDNIGHT);
}

/** Whether the rest of the day's calls is the client's other apps'.
 * @param reservePercent of the day's limit */
export function reserved(day: { limit: number; remaining: number }, reservePercent: number): boolean {
  return day.remaining <= Math.floor((day.limit * reservePercent) / 100);
}
