import type { Scheduling } from './scheduling.js';
import { dayOf } from './times.js';
import type { Shown } from './pages/times-page.js';

/** Days with times on one page, times on it, and how far ahead is looked at once. 15 kB hold 42 times with room for long names; 48 were 15.4. */
const DAYS_WITH_TIMES = 3;
const MOST_TIMES = 42;
const LOOK_DAYS = 14;

/** The days to show from a day on: three with times, and those between them.
 * @param now for the first day when none was chosen; earlier ones are not shown */
export async function freeDays(
  api: Scheduling,
  from: Temporal.PlainDate | undefined,
  zone: string,
  now: Temporal.Instant,
): Promise<Shown> {
  const today = dayOf(now, zone);
  const first = from && Temporal.PlainDate.compare(from, today) > 0 ? from : today;
  const end = first.add({ days: LOOK_DAYS });
  const free = await api.free({ from: startOfDay(first, zone), to: startOfDay(end, zone), timeZone: zone });
  const byDay = Map.groupBy(
    free.slots.map((s) => Temporal.Instant.from(s.startsAt)),
    (at) => dayOf(at, zone).toString(),
  );
  const beyond = new Set(free.days.filter((d) => d.reason === 'beyond-horizon').map((d) => d.day));
  const days: Shown['days'] = [];
  let withTimes = 0;
  let times = 0;
  let day = first;
  for (; Temporal.PlainDate.compare(day, end) < 0; day = day.add({ days: 1 })) {
    const starts = byDay.get(day.toString()) ?? [];
    if (starts.length && (withTimes === DAYS_WITH_TIMES || (withTimes > 0 && times + starts.length > MOST_TIMES)))
      break;
    if (beyond.has(day.toString())) break;
    // Today's hours are over, or too near: nothing to say of that.
    if (starts.length || withTimes > 0 || !day.equals(today)) days.push({ day, starts });
    withTimes += Number(starts.length > 0);
    times += starts.length;
  }
  while (withTimes > 0 && days.length && !days.at(-1)!.starts.length) days.pop();
  const more = !beyond.has(day.toString());
  const next = days.at(-1)?.starts.length ? days.at(-1)!.day.add({ days: 1 }) : day;
  const previous = Temporal.PlainDate.compare(first, today) > 0 ? later(today, first.subtract({ days: 7 })) : undefined;
  return { days, next: more ? next : undefined, previous };
}

/** The times nearest to one that is gone, the nearest first. */
export function nearestTo(at: Temporal.Instant, shown: Shown): Temporal.Instant[] {
  const distance = (t: Temporal.Instant) => Math.abs(t.epochMilliseconds - at.epochMilliseconds);
  return shown.days
    .flatMap((d) => d.starts)
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, 3);
}

// As an instant: some zones change their clocks at midnight.
const startOfDay = (day: Temporal.PlainDate, zone: string): string => day.toZonedDateTime(zone).toInstant().toString();
const later = (a: Temporal.PlainDate, b: Temporal.PlainDate): Temporal.PlainDate =>
  Temporal.PlainDate.compare(a, b) > 0 ? a : b;
