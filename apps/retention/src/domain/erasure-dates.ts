import { SLOWEST_PURGE_DAYS } from '@avtala/contracts';
import { endOfSwedishDay, eraseBy, startOfSwedishDay, swedishDay } from '@avtala/time';

/** Between the last purge and the erase-by date, for reading back. */
const READ_BACK_DAYS = 7;
/** Key epoch 7 + key-store backups 7 + provider's delay 7 at most (security.md §3.4). */
const OWN_KEYS_DAYS = 21;
/** Salesforce's recycle bin: the slowest of the vendors that an X of one month allows. */
const SHORT_PURGE_DAYS = 15;
const WITHOUT_SLOWEST = Math.max(SHORT_PURGE_DAYS + READ_BACK_DAYS, OWN_KEYS_DAYS);
const WITH_VENDORS = Math.max(SLOWEST_PURGE_DAYS + READ_BACK_DAYS, OWN_KEYS_DAYS);

export interface EngagementDates {
  /** Last day on which anything may exist; inclusive. */
  readonly eraseBy: Temporal.PlainDate;
  /** When erasing begins. */
  readonly erasesFrom: Temporal.Instant;
  /** When whoever has not been read back is late: a day is left to act. */
  readonly judgedAt: Temporal.Instant;
}

/** The clock of an engagement that ended (A7, E1): erasing starts early enough for the slowest recipient to be done on the erase-by date.
 * Where X leaves less than its 37 days after the end, no such recipient could be connected, and 22 days are enough for every other, and for our own
 * keys.
 * @throws RangeError retentionMonths outside 1–120 */
export function engagementDates(endedAt: Temporal.Instant, retentionMonths: number): EngagementDates {
  const lastDay = eraseBy(endedAt, retentionMonths);
  const span = swedishDay(endedAt).until(lastDay, { largestUnit: 'day' }).days;
  const from = startOfSwedishDay(lastDay.subtract({ days: span >= WITH_VENDORS ? WITH_VENDORS : WITHOUT_SLOWEST }));
  return {
    eraseBy: lastDay,
    erasesFrom: Temporal.Instant.compare(from, endedAt) < 0 ? endedAt : from,
    judgedAt: startOfSwedishDay(lastDay.subtract({ days: 1 })),
  };
}

/** When a person who was told nothing must be gone (B8, GDPR Art. 14(3)(a)): one calendar month after the data was obtained, by Swedish time.
 * 31 January → 28 (29) February at the same time of day. */
export function informBy(obtainedAt: Temporal.Instant): Temporal.Instant {
  return obtainedAt.toZonedDateTimeISO('Europe/Stockholm').add({ months: 1 }).toInstant();
}

/** When an order about one person is judged: the slowest vendor's purge and a week after it was given. */
export function leadOrderJudgedAt(orderedAt: Temporal.Instant): Temporal.Instant {
  return endOfSwedishDay(swedishDay(orderedAt).add({ days: WITH_VENDORS }));
}

/** How long holders may take to ask their recipients before keys are destroyed all the same (protocols.md §1). */
export function clearsAt(orderedAt: Temporal.Instant): Temporal.Instant {
  return orderedAt.add({ hours: 24 });
}

/** Day by which no copy of the key store opens what was erased: keys destroyed, plus the epoch, the backups and the provider's delay. */
export function unrecoverableBy(unreadableSince: Temporal.Instant): Temporal.PlainDate {
  return swedishDay(unreadableSince).add({ days: OWN_KEYS_DAYS });
}
