const ZONE = 'Europe/Stockholm';

/** The Swedish calendar day an instant falls on. */
export function swedishDay(instant: Temporal.Instant): Temporal.PlainDate {
  return instant.toZonedDateTimeISO(ZONE).toPlainDate();
}

/** First instant of a Swedish calendar day. */
export function startOfSwedishDay(day: Temporal.PlainDate): Temporal.Instant {
  return day.toZonedDateTime(ZONE).toInstant();
}

/** First instant after a Swedish calendar day (exclusive end; days are 23 to 25 hours long). */
export function endOfSwedishDay(day: Temporal.PlainDate): Temporal.Instant {
  return startOfSwedishDay(day.add({ days: 1 }));
}

/** Last day on which anything about this engagement's leads may exist.
 * @param endedAt instant the engagement ended; counted from its calendar day in Europe/Stockholm
 * @param retentionMonths whole months, 1–120, from the engagement's contract
 * @returns calendar date, inclusive; 31 Aug 2027 + 6 months = 29 Feb 2028
 * @throws RangeError retentionMonths outside 1–120
 * @see GDPR Art. 5(1)(e); promises A7, E1 */
export function eraseBy(endedAt: Temporal.Instant, retentionMonths: number): Temporal.PlainDate {
  if (!Number.isInteger(retentionMonths) || retentionMonths < 1 || retentionMonths > 120) {
    throw new RangeError('retentionMonths must be a whole number from 1 to 120');
  }
  return swedishDay(endedAt).add({ months: retentionMonths });
}
