import { metaOf, type DomainEventBase, type EventClass } from '@avtala/contracts';
import { EventPattern } from '@nestjs/microservices';
import type { EntityManager } from 'typeorm';

/** What a handler may know of an event besides its facts. */
export interface Received {
  readonly eventId: string;
  /** When it happened, on the business clock. */
  readonly at: Temporal.Instant;
  readonly topic: string;
}

/** What travels through Nest to a handler, and back: an error is carried in `error`, because one that is thrown
 * reaches a transport as "Internal server error" only, its cause lost in Nest's filter. */
export interface Delivery {
  readonly events: readonly DomainEventBase[];
  readonly received: readonly Received[];
  readonly tx: EntityManager;
  error?: { readonly thrown: unknown };
}

/** Read by EventStrategy from the pattern's extras. */
export interface ConsumerExtras {
  readonly eventClass: EventClass;
  readonly batch: boolean;
}

type OneAtATime<T> = (event: T, tx: EntityManager, received: Received) => Promise<unknown>;
type Batch<T> = (events: T[], tx: EntityManager, received: Received[]) => Promise<unknown>;
type Decorator<M> = <H extends M>(target: object, key: string | symbol, method: TypedPropertyDescriptor<H>) => void;

/**
 * On a method of a Nest controller: it is called with every event of this class, exactly once and in order per key.
 * Before it: strict parsing, the engagement's scope, the inbox row, the tombstone check; all in the one transaction `tx`
 * in which it does its work (messaging.md §4). It makes no outside call, since it holds its lane: those become due rows.
 * It may throw NotYet, or an AppError of kind `later`, to be tried again; anything else parks the event and its key.
 *
 * `batch: true`: called with consecutive events at once, their engagements' scopes joined, for set-based work (2.6× faster);
 * after a failure with one event at a time.
 */
export function Consumes<T extends DomainEventBase>(eventClass: EventClass<T>): Decorator<OneAtATime<T>>;
export function Consumes<T extends DomainEventBase>(
  eventClass: EventClass<T>,
  options: { batch: true },
): Decorator<Batch<T>>;
export function Consumes(eventClass: EventClass, options: { batch?: boolean } = {}): Decorator<never> {
  const batch = options.batch ?? false;
  return (target, key, descriptor) => {
    const method = descriptor.value as unknown as (...args: unknown[]) => Promise<unknown>;
    const carry = async function (this: unknown, delivery: Delivery): Promise<void> {
      const { events, received, tx } = delivery;
      try {
        if (batch) await method.call(this, [...events], tx, [...received]);
        else for (const [i, event] of events.entries()) await method.call(this, event, tx, received[i]);
      } catch (thrown) {
        delivery.error = { thrown };
      }
    };
    Object.defineProperty(carry, 'name', { value: String(key) }); // Nest looks parameters up by the function's name
    const carrying = descriptor as unknown as PropertyDescriptor;
    carrying.value = carry;
    const extras: ConsumerExtras = { eventClass, batch };
    EventPattern(metaOf(eventClass).type, extras)(target, key, carrying);
  };
}
