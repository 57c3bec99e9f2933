/** Client systems we may hand leads to, and the most days each keeps what was deleted there (their own documentation). */
const SYSTEM_PURGE_DAYS = { hubspot: 30, salesforce: 15 } as const;
export const DESIGNATED_SYSTEMS = ['hubspot', 'salesforce'] as const;
export type DesignatedSystem = (typeof DESIGNATED_SYSTEMS)[number];

const OWN_KEY_EPOCHS_DAYS = 21;
const READ_BACK_DAYS = 7;

/** Smallest X (whole months) with which everything can be gone in time: erasing starts before the erase-by date by the slowest
 * recipient's purge time and a week, at least by our own key epochs, and must not start before the engagement's end.
 * @returns 1 without systems, 2 with HubSpot
 * @see docs/architecture.md, Erasing; promises A7, E1 */
export function smallestRetentionMonths(systems: readonly DesignatedSystem[]): number {
  const days = Math.max(OWN_KEY_EPOCHS_DAYS, ...systems.map((s) => SYSTEM_PURGE_DAYS[s] + READ_BACK_DAYS));
  for (let months = 1; ; months++) if (shortestSpan(months) >= days) return months;
}

/** Fewest days that `months` whole months can have: one from the end of January. Four years hold every case. */
function shortestSpan(months: number): number {
  const first = Temporal.PlainDate.from('2027-01-01');
  let fewest = Infinity;
  for (let day = first; day.year < 2031; day = day.add({ days: 1 })) {
    fewest = Math.min(fewest, day.until(day.add({ months }), { largestUnit: 'day' }).days);
  }
  return fewest;
}
