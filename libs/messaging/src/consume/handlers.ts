import {
  metaOf,
  parseEvent,
  EventInvalid,
  type DomainEventBase,
  type EventClass,
  type EventMeta,
} from '@avtala/contracts';
import type { EntityManager } from 'typeorm';
import type { Topics } from '../topics.js';
import type { ConsumerExtras, Delivery, Received } from './consumes.js';
import type { LaneEvent } from './lane.js';

type Callback = (delivery: Delivery) => Promise<unknown>;

interface Consumed {
  readonly eventClass: EventClass;
  readonly meta: EventMeta;
  /** Every handler takes many at once. */
  many: boolean;
  /** Some handler is called for one event at a time, in that event's own scope. */
  ownScope: boolean;
  readonly callbacks: Callback[];
}

/** What a service consumes, by type; several handlers of one event run one after the other, in one transaction. */
export class Handlers {
  readonly #byType = new Map<string, Consumed>();

  add(type: string, { eventClass, many }: ConsumerExtras, callback: Callback): void {
    const known = this.#byType.get(type);
    if (known) {
      known.callbacks.push(callback);
      known.many &&= many !== undefined;
      known.ownScope ||= many !== 'batch';
    } else
      this.#byType.set(type, {
        eventClass,
        meta: metaOf(eventClass),
        many: many !== undefined,
        ownScope: many !== 'batch',
        callbacks: [callback],
      });
  }

  get types(): string[] {
    return [...this.#byType.keys()];
  }

  topics(names: Topics): string[] {
    return [...new Set([...this.#byType.values()].flatMap((c) => names.carrying(c.eventClass)))].sort();
  }

  consumes(type: string): boolean {
    return this.#byType.has(type);
  }

  takesMany(type: string): boolean {
    return this.#byType.get(type)?.many ?? false;
  }

  /** Whether the event may travel to its handlers with the one before it: also where these are called one after the other, unless
   * several would then no longer take turns. */
  goTogether(before: LaneEvent, event: LaneEvent): boolean {
    const consumed = this.#byType.get(event.type);
    if (!consumed || before.type !== event.type) return false;
    if (!consumed.many && consumed.callbacks.length > 1) return false;
    return !consumed.ownScope || before.engagementId === event.engagementId;
  }

  overtakes(type: string): boolean {
    return this.#byType.get(type)?.meta.overtakes ?? false;
  }

  isSaga(type: string): boolean {
    return this.#byType.get(type)?.meta.saga ?? false;
  }

  /** Events whose handlers write tombstones. */
  buries(type: string): boolean {
    return this.isSaga(type) && this.overtakes(type);
  }

  /** Parses events of one type and calls their handlers. @throws what the first failing handler threw, or EventInvalid */
  async call(tx: EntityManager, events: readonly LaneEvent[]): Promise<void> {
    const [first] = events;
    const consumed = this.#byType.get(first!.type);
    if (!consumed) throw new EventInvalid(first!.type, [first!.problem ?? 'type']);
    const parsed = events.map((e) => parse(consumed.eventClass, e));
    const received = events.map((e) => new Envelope(e));
    const keys = events.map((e) => e.key);
    for (const callback of consumed.callbacks) {
      const delivery: Delivery = { events: parsed, received, keys, tx };
      await callback(delivery);
      if (delivery.error) throw delivery.error.thrown;
    }
  }
}

/** What is rarely asked for is made when it is. */
class Envelope implements Received {
  readonly eventId: string;
  readonly topic: string;
  readonly #at: string;

  constructor({ eventId, topic, at }: LaneEvent) {
    this.eventId = eventId;
    this.topic = topic;
    this.#at = at;
  }

  get at(): Temporal.Instant {
    return Temporal.Instant.from(this.#at).round({ smallestUnit: 'millisecond', roundingMode: 'trunc' }); // as Kafka has it
  }
}

function parse(eventClass: EventClass, e: LaneEvent): DomainEventBase {
  const event = parseEvent(eventClass, e.payload);
  // The scope is opened by the envelope's engagement: facts of another one must not be handled in it.
  if ((event.engagementId ?? null) !== e.engagementId) throw new EventInvalid(e.type, ['engagementId']);
  return event;
}
