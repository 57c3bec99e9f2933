import { rows, type Db } from '@avtala/database';
import type { Clock } from '@avtala/time';
import { IS_HEAD } from '../consume/held.js';

/** What the test clock asks of a service (protocols.md §6). */
export interface DueState {
  /** The earliest `due_at` still ahead, business time; null when nothing is planned. */
  readonly next: Temporal.Instant | null;
  /** Kind of the due work that `next` belongs to, e.g. `engagement-end`. */
  readonly what: string | null;
  /** Something is under way: outbox, lanes, held events that will be tried, due or leased work. Parked rows are not busy. */
  readonly busy: boolean;
  /** Counts events and work done by this process; two equal answers that are not busy prove quiet. */
  readonly handled: number;
}

/** The part that is in the service's own tables: outbox, held events, due work. */
export async function workState(db: Db, clock: Clock): Promise<Omit<DueState, 'handled'>> {
  const [state] = await db.asWorker((tx) =>
    rows<{ next: Date | null; what: string | null; busy: boolean }>(
      tx,
      `SELECT n.due_at AS next, n.kind AS what,
         EXISTS (SELECT FROM outbox)
         OR EXISTS (SELECT FROM held h WHERE due_at < 'infinity' AND ${IS_HEAD})
         OR EXISTS (SELECT FROM due WHERE NOT parked AND NOT background AND due_at <= $1)
         OR EXISTS (SELECT FROM due WHERE lease_until > now() AND NOT background) AS busy
       FROM (VALUES (1)) one LEFT JOIN LATERAL (
         SELECT due_at, kind FROM due WHERE due_at > $1 AND NOT parked AND NOT background ORDER BY due_at, kind LIMIT 1) n ON true`,
      [clock.now().toString()],
    ),
  );
  const { next, what, busy } = state!;
  return { next: next && Temporal.Instant.fromEpochMilliseconds(next.getTime()), what, busy };
}
