import type { LaneEvent } from '../consume/lane.js';

/** A lane of the log; `key` is unique among lanes: `<topic>/<lane>`. */
export interface TailLane {
  readonly key: string;
  readonly topic: string;
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
export type TailEvent = Omit<LaneEvent, 'pos'> & { readonly pos: number };

export interface TailReceiver {
  /** Said of each lane before anything else: what lies after `after` will be brought, what lies before it will not. */
  begins(lane: TailLane, after: number): void;
  brings(batch: TailBatch): void;
}

/** A reader of its own place, which nobody else shares and which is stored nowhere. */
export interface Tail {
  /** Resolves when every lane that can be read has begun. */
  start(): Promise<void>;
  /** Brings nothing more once it has resolved. */
  stop(): Promise<void>;
}

export function tailLane(topic: string, lane: number): TailLane {
  return { key: `${topic}/${lane}`, topic, lane };
}
