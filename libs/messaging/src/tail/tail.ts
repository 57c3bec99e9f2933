import type { ServiceName } from '@avtala/contracts';
import type { LaneEvent } from '../consume/lane.js';
import type { Topics } from '../topics.js';

/** A lane of the log; `key` is unique among lanes: `<topic>/<lane>`. */
export interface TailLane {
  readonly key: string;
  readonly topic: string;
  readonly owner: ServiceName;
  readonly lane: number;
}

/** What a lane got, in the order of its commits. */
export interface TailBatch {
  readonly lane: TailLane;
  readonly events: readonly TailEvent[];
  /** Everything up to this place has been brought, now or before. */
  readonly upTo: number;
}

/** `pos` counts from 1 in each lane and only grows: a row's `pos`, or on Kafka its offset and one. */
export type TailEvent = Omit<LaneEvent, 'topic' | 'lane' | 'pos'> & { readonly pos: number };

export interface TailReceiver {
  /** Said of each lane before anything else: what lies after `after` will be brought, what lies before it will not; `end` is where the lane ends now. */
  begins(lane: TailLane, after: number, end: number): void;
  brings(batch: TailBatch): void;
}

/** A reader of its own place, which nobody else shares and which is stored nowhere. */
export interface Tail {
  /** Resolves when every lane that can be read has begun, or when it was stopped. */
  start(): Promise<void>;
  /** Whether it has looked within the last seconds: what was told until then has been brought. */
  isUpToDate(): boolean;
  /** Brings nothing more once it has resolved. Also ends a start under way. */
  stop(): Promise<void>;
}

/** Longer without a look, real time, and a reader no longer knows what is going on. */
const STALE_MS = 5_000;

export function isRecent(lookedAt: number): boolean {
  return Date.now() - lookedAt < STALE_MS;
}

export function tailLane(topics: Topics, topic: string, lane: number): TailLane {
  return { key: `${topic}/${lane}`, topic, owner: topics.ownerOf(topic), lane };
}
