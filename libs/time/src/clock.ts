/** Business time (architecture.md §5). Injected by class; SQL never asks its own clock for business time.
 * Leases, backoff, tokens and sessions run on real time (Date.now()) instead. */
export abstract class Clock {
  abstract now(): Temporal.Instant;

  /** The same instant for drivers that take a Date; milliseconds. */
  nowDate(): Date {
    return new Date(this.now().epochMilliseconds);
  }
}

/** Real time. */
export class SystemClock extends Clock {
  now(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(Date.now());
  }
}

/** Real time plus one offset: the test clock inside services. The offset is told by the sandbox and only grows (protocols.md §6). */
export class OffsetClock extends Clock {
  #offsetMs: number;

  constructor(offsetMs = 0) {
    super();
    this.#offsetMs = offsetMs;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Takes a new offset in milliseconds; a smaller one is ignored, since messages from the sandbox may arrive in any order. */
  advanceTo(offsetMs: number): void {
    if (offsetMs > this.#offsetMs) this.#offsetMs = offsetMs;
  }

  now(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(Date.now() + this.#offsetMs);
  }
}

/** Stands still until told otherwise. For tests. */
export class FixedClock extends Clock {
  #now: Temporal.Instant;

  constructor(iso: string) {
    super();
    this.#now = Temporal.Instant.from(iso);
  }

  set(iso: string): void {
    this.#now = Temporal.Instant.from(iso);
  }

  now(): Temporal.Instant {
    return this.#now;
  }
}
