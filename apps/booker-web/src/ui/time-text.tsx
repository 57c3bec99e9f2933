import { useNow } from '../app/clock.js';
import { useLanguage } from '../words/language.js';
import { inZone, say, sayDate, sayRange, type TimeShape } from '../words/times.js';

export const AGENCY_ZONE = 'Europe/Stockholm';

interface Props {
  /** An instant, as the API gives it (ISO 8601). */
  readonly at: string | Temporal.Instant;
  /** In which zone it is said; the agency's own when not given. */
  readonly zone?: string;
  readonly shape?: TimeShape;
  /** End of a range on the same day: `10:00–10:30`. */
  readonly to?: string | Temporal.Instant;
  /** Says the zone in words after it; left out between places whose clocks agree. */
  readonly named?: boolean;
}

/** The one way to show an instant. Every time on a screen is this component with a zone, so that none is ever in the computer's own. */
export function TimeText({ at, zone = AGENCY_ZONE, shape = 'day-time', to, named = false }: Props) {
  const language = useLanguage();
  const now = useNow(60_000);
  const instant = typeof at === 'string' ? Temporal.Instant.from(at) : at;
  const there = instant.toZonedDateTimeISO(zone);
  const end =
    to === undefined ? undefined : (typeof to === 'string' ? Temporal.Instant.from(to) : to).toZonedDateTimeISO(zone);
  const words = end
    ? `${shape === 'time' ? '' : `${say(there, 'day', language, now)} `}${sayRange(there, end)}`
    : say(there, shape, language, now);
  return (
    <time dateTime={instant.toString({ smallestUnit: 'second' })}>
      {words}
      {named ? ` ${inZone(zone, language)}` : ''}
    </time>
  );
}

/** The same instant at the lead's place: `11:00 i Helsingfors`; nothing where the clocks agree. */
export function OtherZone({
  at,
  zone,
  than = AGENCY_ZONE,
  to,
}: {
  readonly at: string;
  readonly zone: string;
  readonly than?: string;
  readonly to?: string;
}) {
  const instant = Temporal.Instant.from(at);
  if (instant.toZonedDateTimeISO(zone).offset === instant.toZonedDateTimeISO(than).offset) return null;
  return <TimeText at={at} zone={zone} shape="time" named {...(to === undefined ? {} : { to })} />;
}

/** A calendar day, which has no zone: `tis 9 mars`. @param on `2027-03-09` */
export function DateText({ on }: { readonly on: string }) {
  const language = useLanguage();
  const now = useNow(60_000);
  const today = now.toZonedDateTimeISO(AGENCY_ZONE).toPlainDate();
  return <time dateTime={on}>{sayDate(Temporal.PlainDate.from(on), language, today)}</time>;
}
