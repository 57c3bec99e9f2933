/** Days shown at once. */
export const COLUMNS = 4;
/** Times of a day shown beside other days; of a day chosen by itself all are. */
const OF_A_DAY = 3;
/** Keys 1 to 9. */
const DIGITS = 9;

export interface Slot {
  readonly hostId: string;
  readonly startsAt: string;
  readonly endsAt: string;
}

export interface Day {
  /** Calendar day in the agency's zone. */
  readonly day: string;
  readonly slots: readonly (Slot & { readonly digit?: number })[];
  /** Why it has no slot. */
  readonly reason?: string;
}

/** Reasons worth a column of their own: somebody asks for that day and must hear why not. Weekends and days past say themselves. */
const TOLD = new Set(['day-full', 'busy', 'calendar-unreadable']);

/** One slot for each start, with the host whose turn it is: `hostIds` is the order in which they are asked. */
export function byTurn(slots: readonly Slot[], hostIds: readonly string[]): Slot[] {
  const turn = new Map(hostIds.map((id, i) => [id, i]));
  const first = new Map<string, Slot>();
  for (const slot of slots) {
    const there = first.get(slot.startsAt);
    if (!there || (turn.get(slot.hostId) ?? Infinity) < (turn.get(there.hostId) ?? Infinity))
      first.set(slot.startsAt, slot);
  }
  return [...first.values()];
}

/** Days in order: with their slots, or with the reason why there is none. */
export function daysOf(
  slots: readonly Slot[],
  empty: readonly { readonly day: string; readonly reason: string }[],
  zone: string,
): Day[] {
  const days = new Map<string, Day>(empty.filter((d) => TOLD.has(d.reason)).map((d) => [d.day, { ...d, slots: [] }]));
  for (const slot of slots) {
    const day = Temporal.Instant.from(slot.startsAt).toZonedDateTimeISO(zone).toPlainDate().toString();
    days.set(day, { day, slots: [...(days.get(day)?.slots ?? []), slot] });
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** First, middle and last of a day: three proposals that differ. */
function spread<T>(all: readonly T[]): T[] {
  if (all.length <= OF_A_DAY) return [...all];
  return [all[0]!, all[Math.floor((all.length - 1) / 2)]!, all.at(-1)!];
}

/** What is shown, with its keys. @param page how often "more days" was pressed; it begins anew after the last @param only one day by itself */
export function shownDays(days: readonly Day[], page: number, only: string | undefined, chosen?: string): Day[] {
  let digit = 0;
  const numbered = (slots: readonly Slot[]) => slots.map((s) => (++digit <= DIGITS ? { ...s, digit } : s));
  if (only !== undefined) return days.filter((d) => d.day === only).map((d) => ({ ...d, slots: numbered(d.slots) }));
  const pages = Math.max(1, Math.ceil(days.length / COLUMNS));
  const from = (page % pages) * COLUMNS;
  return days.slice(from, from + COLUMNS).map((d) => {
    const three = spread(d.slots);
    const picked = d.slots.find((s) => s.startsAt === chosen);
    if (picked && !three.includes(picked)) three.splice(1, 1, picked);
    return { ...d, slots: numbered(three.sort((a, b) => (a.startsAt < b.startsAt ? -1 : 1))) };
  });
}

/** The start nearest to one that is gone. */
export function nearest<S extends Slot>(slots: readonly S[], startsAt: string): S | undefined {
  const at = Temporal.Instant.from(startsAt).epochMilliseconds;
  const away = (s: S) => Math.abs(Temporal.Instant.from(s.startsAt).epochMilliseconds - at);
  return slots.reduce<S | undefined>((best, s) => (!best || away(s) < away(best) ? s : best), undefined);
}
