/** A part of a topic, on Kafka a partition: all events of a key are in one. Whoever holds its cursor row's lock may work on its keys. */
export interface Lane {
  readonly topic: string;
  readonly lane: number;
}

/** An event as a transport brings it, before parsing. */
export interface LaneEvent extends Lane {
  /** Place in its lane; on Kafka the offset. A bigint, as text. */
  readonly pos: string;
  readonly eventId: string;
  readonly key: string;
  readonly type: string;
  readonly payload: unknown;
  readonly engagementId: string | null;
  readonly leadId: string | null;
  /** Business time, as PostgreSQL or RFC 3339 write it: few handlers ask for it, and reading one is dearer than a whole payload's rules. */
  readonly at: string;
  /** Set when the message is none of ours to parse: why, as a code. It is parked with its text as `payload.raw`. */
  readonly problem?: string;
}

/** `together`: the first failure fails the batch, and so does an event that was seen before. `apart`: a savepoint around each event, and the one that fails is held. */
export type Mode = 'together' | 'apart';

/** Events a transaction takes whose handlers are called one after the other; after a failure fewer, since PostgreSQL caches 64 subtransactions. */
export const TOGETHER = 100;
export const APART = 50;
/** Events a transaction takes whose handlers take many at once: a batch's own statements cost as much as a hundred events (messaging.md §2). */
export const MANY = 1000;

/** As many of these, from the first on, as one transaction takes. */
export function atOnce(events: readonly LaneEvent[], takesMany: (type: string) => boolean): readonly LaneEvent[] {
  let single = 0;
  const end = events.findIndex((e, i) => i >= MANY || (!takesMany(e.type) && ++single > TOGETHER));
  return end < 0 ? events : events.slice(0, end);
}
