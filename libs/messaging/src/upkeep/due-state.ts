import { rows, type Db } from '@avtala/database';
import type { Clock } from '@avtala/time';
import { IS_HEAD } from '../consume/held.js';

/** What the test clock asks of a service (protocols.md §6). */
export interface DueState {
  /** The earliest `due_at` still ahead, business time; null when nothing is planned. */
  readonly next: Temporal.Instant | null;
  /** Something is under way: outbox, lanes, held events that will be tried, due or leased work. Parked rows are not busy. */
  readonly busy: boolean;
  /** Counts events and work done by this process; two equal answers that are not busy prove quiet. */
  readonly handled: number;
}

/** The part that is in the service's own tables: outbox, held events, due work. */
export async function workState(db: Db, clock: Clock): Promise<{ next: Temporal.Instant | null; busy: boolean }> {
  const [state] = await db.asWorker((tx) =>
    rows<{ next: Date | null; busy: boolean }>(
      tx,
      `SELECT (SELECT min(due_at) FROM due WHERE due_at > $1 AND NOT parked AND NOT background) AS next,
         EXISTS (SELECT FROM outbox)
         OR EXISTS (SELECT FROM held h WHERE due_at < 'infinity' AND ${IS_HEAD})
         OR EXISTS (SELECT FROM due WHERE NOT parked AND NOT background AND due_at <= $1)
         OR EXISTS (SELECT FROM due WHERE lease_until > now() AND NOT background) AS busy`,
      [clock.now().toString()],
    ),
  );
  const { next, busy } = state!;
  return { next: next && Temporal.Instant.fromEpochMilliseconds(next.getTime()), busy };
}
