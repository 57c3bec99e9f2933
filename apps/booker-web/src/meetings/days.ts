export interface Chosen {
  readonly hostId: string;
  readonly startsAt: string;
}

/** A day of the dialog: its times, or why it has none. */
export interface Day {
  /** `2027-03-09`, on the agency's clock. */
  readonly day: string;
  readonly slots: readonly Chosen[];
  readonly reason?: string;
}

interface Answer {
  readonly slots: readonly (Chosen & { readonly local: string })[];
  readonly days: readonly { readonly day: string; readonly reason: string }[];
}

/** Reasons worth a column of their own: weekends and days past say themselves. */
const TOLD = new Set(['day-full', 'busy', 'calendar-unreadable']);

/** Days in order, each start once: with the first host that is free then.
 * @param only this host's times; where only others have some, the day says that the host has none */
export function daysOf({ slots, days }: Answer, only?: string): Day[] {
  const found = new Map<string, Day>(days.filter((d) => TOLD.has(d.reason)).map((d) => [d.day, { ...d, slots: [] }]));
  for (const { hostId, startsAt, local } of slots) {
    const day = local.slice(0, 10);
    const there = found.get(day)?.slots ?? [];
    const another = only !== undefined && hostId !== only;
    if (another || there.some((s) => s.startsAt === startsAt)) {
      if (!there.length) found.set(day, { day, slots: [], reason: 'host-busy' });
    } else found.set(day, { day, slots: [...there, { hostId, startsAt }] });
  }
  return [...found.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}
