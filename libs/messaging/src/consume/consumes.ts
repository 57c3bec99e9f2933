import { metaOf, type DomainEventBase, type EventClass } from '@avtala/contracts';
import { sqlState } from '@avtala/database';
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
  /** Their keys; those of one key go one after the other. */
  readonly keys: readonly string[];
  readonly tx: EntityManager;
  error?: { readonly thrown: unknown };
}

/** Read by EventStrategy from the pattern's extras. */
export interface ConsumerExtras {
  readonly eventClass: EventClass;
  /** It is called with many events, or for many at the same time. */
  readonly many: 'batch' | 'interleaved' | undefined;
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
 *
 * `interleaved: true`: called for one event, at the same time as for events of other keys in the same engagement, in the one transaction:
 * what they send goes out together instead of waiting for each other's answers. For work that stands alone: it reads nothing that
 * another key's event writes here, and opens no savepoint (`tx.transaction`). A key's own events still come one after the other.
 */
export function Consumes<T extends DomainEventBase>(
  eventClass: EventClass<T>,
  options?: { interleaved: boolean },
): Decorator<OneAtATime<T>>;
export function Consumes<T extends DomainEventBase>(
  eventClass: EventClass<T>,
  options: { batch: true },
): Decorator<Batch<T>>;
export function Consumes(
  eventClass: EventClass,
  options: { batch?: boolean; interleaved?: boolean } = {},
): Decorator<never> {
  const many = options.batch ? 'batch' : options.interleaved ? 'interleaved' : undefined;
  return (target, key, descriptor) => {
    const method = descriptor.value as unknown as (...args: unknown[]) => Promise<unknown>;
    const carry = async function (this: unknown, delivery: Delivery): Promise<void> {
      const { events, received, tx } = delivery;
      try {
        if (many === 'batch') await method.call(this, [...events], tx, [...received]);
        else if (many === 'interleaved')
          await interleave(delivery.keys, (i) => method.call(this, events[i], tx, received[i]));
        else for (const [i, event] of events.entries()) await method.call(this, event, tx, received[i]);
      } catch (thrown) {
        delivery.error = { thrown };
      }
    };
    Object.defineProperty(carry, 'name', { value: String(key) }); // Nest looks parameters up by the function's name
    const carrying = descriptor as unknown as PropertyDescriptor;
    carrying.value = carry;
    const extras: ConsumerExtras = { eventClass, many };
    EventPattern(metaOf(eventClass).type, extras)(target, key, carrying);
  };
}

/**
 * Calls for every place in `keys`, those of one key in order, different keys' at the same time, and waits for all of them.
 * @throws the first failure that is not merely the echo of another one: in a failed transaction every later statement fails, too
 */
async function interleave(keys: readonly string[], call: (i: number) => Promise<unknown>): Promise<void> {
  const chains = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  for (const [i, key] of keys.entries()) {
    const one = async (): Promise<void> => {
      try {
        if (!failures.length) await call(i);
      } catch (error) {
        failures.push(error);
      }
    };
    chains.set(key, chains.get(key)?.then(one) ?? one());
  }
  await Promise.all(chains.values());
  if (failures.length) throw failures.find((e) => !ECHOES.has(sqlState(e) ?? '')) ?? failures[0];
}

/** in_failed_sql_transaction; and invalid_sql_statement_name: what should have been prepared in it was not */
const ECHOES = new Set(['25P02', '26000']);
