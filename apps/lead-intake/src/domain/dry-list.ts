/** How far ahead a list is warned of. */
export const DRY_WITHIN_MINUTES = 120;

export interface ListDepth {
  /** Who may be called now, callbacks left out: they are promises, not the list. */
  callable: number;
  /** Who becomes callable within {@link DRY_WITHIN_MINUTES}. */
  coming: number;
  /** Attempts in the last hour. */
  perHour: number;
}

/**
 * When a list that is open runs dry at the pace of the last hour, within two hours and before calling ends; now when nobody is callable.
 * A list that nobody calls lasts. @param closesAt when calling ends today
 */
export function driesAt(list: ListDepth, now: Temporal.Instant, closesAt: Temporal.Instant): Temporal.Instant | null {
  if (list.callable === 0) return now;
  if (list.perHour === 0) return null;
  const minutes = Math.floor((60 * (list.callable + list.coming)) / list.perHour);
  if (minutes >= DRY_WITHIN_MINUTES) return null;
  const at = now.add({ minutes });
  return Temporal.Instant.compare(at, closesAt) < 0 ? at : null;
}
