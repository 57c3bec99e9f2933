import { DateTime, Interval } from 'luxon';

export interface ReferenceHost {
  readonly zone: string;
  readonly hours: readonly { readonly day: number; readonly from: number; readonly to: number }[];
  /** UTC milliseconds. */
  readonly busy: readonly { readonly from: number; readonly to: number }[];
}

/** Free starts as one writes them with a date library: day by day in the host's zone, every start of the grid as a DateTime, and its interval with
 * buffers against the busy intervals of that day.
 * @returns UTC minutes */
export function referenceStarts(
  host: ReferenceHost,
  range: { readonly from: number; readonly to: number },
  rules: { readonly length: number; readonly buffer: number; readonly step: number },
): number[] {
  const first = DateTime.fromMillis(range.from * 60_000, { zone: host.zone }).startOf('day');
  const end = DateTime.fromMillis(range.to * 60_000, { zone: host.zone });
  const busy = host.busy.map((b) =>
    Interval.fromDateTimes(
      DateTime.fromMillis(b.from, { zone: host.zone }),
      DateTime.fromMillis(b.to, { zone: host.zone }),
    ),
  );
  const byDay = Map.groupBy(
    busy.flatMap((b) => [b.start!, b.end!].map((at) => ({ b, day: at.toISODate()! }))),
    ({ day }) => day,
  );
  const found: number[] = [];
  for (let day = first; day < end; day = day.plus({ days: 1 })) {
    const near = (byDay.get(day.toISODate()!) ?? []).map(({ b }) => b);
    for (const h of host.hours) {
      if (h.day !== day.weekday) continue;
      const opens = day.set({ hour: Math.floor(h.from / 60), minute: h.from % 60 });
      const closes = day.set({ hour: Math.floor(h.to / 60), minute: h.to % 60 });
      for (
        let start = opens;
        start.plus({ minutes: rules.length }) <= closes;
        start = start.plus({ minutes: rules.step })
      ) {
        if (start.toMillis() < range.from * 60_000 || start >= end) continue;
        const blocked = Interval.fromDateTimes(
          start.minus({ minutes: rules.buffer }),
          start.plus({ minutes: rules.length + rules.buffer }),
        );
        if (!near.some((b) => b.overlaps(blocked))) found.push(start.toMillis() / 60_000);
      }
    }
  }
  return found;
}

/** The definition, minute by minute, on the wall clock as Temporal reads it. */
export function bruteForceStarts(
  host: ReferenceHost,
  range: { readonly from: number; readonly to: number },
  rules: { readonly length: number; readonly buffer: number; readonly step: number },
): number[] {
  const taken = new Set<number>();
  for (const b of host.busy) for (let m = Math.floor(b.from / 60_000); m < Math.ceil(b.to / 60_000); m++) taken.add(m);
  const grid = new Set<number>();
  const open = new Set<number>();
  const most = rules.length + rules.buffer;
  for (let m = range.from - most; m < range.to + most; m++) {
    const wall = Temporal.Instant.fromEpochMilliseconds(m * 60_000).toZonedDateTimeISO(host.zone);
    const minute = wall.hour * 60 + wall.minute;
    for (const h of host.hours) {
      if (h.day !== wall.dayOfWeek || minute < h.from || minute >= h.to) continue;
      open.add(m);
      if ((minute - h.from) % rules.step === 0) grid.add(m);
    }
  }
  const found: number[] = [];
  for (const start of grid) {
    if (start < range.from || start >= range.to) continue;
    let free = true;
    for (let m = start; free && m < start + rules.length; m++) free = open.has(m);
    for (let m = start - rules.buffer; free && m < start + most; m++) free = !taken.has(m);
    if (free) found.push(start);
  }
  return found;
}
