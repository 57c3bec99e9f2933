const ZONE = 'Europe/Stockholm';

export interface Proposal {
  readonly word: 'inHour' | 'thisAfternoon' | 'tomorrowMorning' | 'tomorrowAfternoon' | 'inWeek';
  readonly at: Temporal.Instant;
}

/** Times to call back at, as people name them, on working days; only those that lie ahead. */
export function proposals(now: Temporal.Instant): Proposal[] {
  const here = now.toZonedDateTimeISO(ZONE);
  const at = (day: Temporal.PlainDate, hour: number) =>
    day.toZonedDateTime({ timeZone: ZONE, plainTime: Temporal.PlainTime.from({ hour }) }).toInstant();
  const today = here.toPlainDate();
  const next = workday(today.add({ days: 1 }));
  const quarter = Math.ceil((here.minute + 1) / 15) * 15;
  const inHour = here
    .round({ smallestUnit: 'hour', roundingMode: 'floor' })
    .add({ minutes: 60 + quarter })
    .toInstant();
  const all: Proposal[] = [
    { word: 'inHour', at: inHour },
    { word: 'thisAfternoon', at: at(today, 15) },
    { word: 'tomorrowMorning', at: at(next, 9) },
    { word: 'tomorrowAfternoon', at: at(next, 14) },
    { word: 'inWeek', at: at(workday(today.add({ days: 7 })), 10) },
  ];
  return all.filter((p) => Temporal.Instant.compare(p.at, now) > 0);
}

function workday(day: Temporal.PlainDate): Temporal.PlainDate {
  return day.dayOfWeek > 5 ? day.add({ days: 8 - day.dayOfWeek }) : day;
}

/** What a field of the kind `datetime-local` holds, on the Swedish clock. @returns undefined for what is no time */
export function instantOfField(value: string): Temporal.Instant | undefined {
  try {
    return Temporal.PlainDateTime.from(value).toZonedDateTime(ZONE).toInstant();
  } catch {
    return undefined;
  }
}
