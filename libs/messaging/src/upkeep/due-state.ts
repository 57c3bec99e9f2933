/** What the test clock asks of a service (protocols.md §6). */
export interface DueState {
  /** The earliest `due_at` still ahead, business time; null when nothing is planned. */
  readonly next: Temporal.Instant | null;
  /** Something is under way: outbox, lanes, held events that will be tried, due or leased work. Parked rows are not busy. */
  readonly busy: boolean;
  /** Counts events and work done; two equal answers that are not busy prove quiet. */
  readonly handled: number;
}
