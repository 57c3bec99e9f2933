import { AppError, isTimeZone } from '@avtala/contracts';

export type LocalTimeProblem = 'malformed' | 'nonexistent' | 'ambiguous' | 'unknown-zone';

/** A typed local time that names no instant, or two. Code: `local-time-malformed`, `local-time-nonexistent`, … */
export class LocalTimeInvalid extends AppError {
  readonly code: string;
  readonly kind = 'invalid';
  constructor(
    readonly problem: LocalTimeProblem,
    options?: ErrorOptions,
  ) {
    super(
      {
        malformed: 'A local time looks like 2027-03-01T09:30',
        nonexistent: 'Clocks skip that local time in this zone',
        ambiguous: 'That local time happens twice in this zone',
        'unknown-zone': 'That is no IANA time zone we know',
      }[problem],
      { problem },
      options,
    );
    this.code = `local-time-${problem}`;
  }
}

/** The instant a person meant by a local time.
 * @param local `2027-03-28T09:30`, seconds allowed; no offset, no zone
 * @param zone IANA name
 * @throws LocalTimeInvalid malformed, nonexistent (spring forward), ambiguous (fall back), unknown-zone: we ask instead of guessing */
export function parseLocal(local: string, zone: string): Temporal.Instant {
  if (!isTimeZone(zone)) throw new LocalTimeInvalid('unknown-zone');
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(local)) throw new LocalTimeInvalid('malformed');
  let plain: Temporal.PlainDateTime;
  try {
    plain = Temporal.PlainDateTime.from(local, { overflow: 'reject' });
  } catch (cause) {
    throw new LocalTimeInvalid('malformed', { cause });
  }
  const earlier = plain.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const later = plain.toZonedDateTime(zone, { disambiguation: 'later' });
  if (earlier.epochMilliseconds === later.epochMilliseconds) return earlier.toInstant();
  // In a gap neither reading gives the typed wall time back; in an overlap both do.
  const repeated = later.toPlainDateTime().equals(plain);
  throw new LocalTimeInvalid(repeated ? 'ambiguous' : 'nonexistent');
}
