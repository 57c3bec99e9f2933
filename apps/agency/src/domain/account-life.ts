const ZONE = 'Europe/Stockholm';

/** E2: a reminder after 23 months without use, deletion after 24. Calendar months, since a promise is read by people. */
export function idleDates(activeAt: Temporal.Instant): { remindAt: Temporal.Instant; deleteAt: Temporal.Instant } {
  const active = activeAt.toZonedDateTimeISO(ZONE);
  return { remindAt: active.add({ months: 23 }).toInstant(), deleteAt: active.add({ months: 24 }).toInstant() };
}
