import { metaOf, parseEvent, type DomainEventBase, type EventClass, type ServiceName } from '@avtala/contracts';
import { afterCommit, withCommit, type Statement } from '@avtala/database';
import type { Clock } from '@avtala/time';
import { randomUUIDv7 } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Bell } from '../bell.js';

/** Most events one outbox row may stand for. */
const MAX_CHUNK = 2000;

/**
 * Where a state change and what is told about it commit together: if the row is there, so is the event (style.md §5.2).
 * Only the relay publishes. The caller has locked the lead's row first, so the outbox's order is the lead's order.
 */
export class Outbox {
  constructor(
    private readonly service: ServiceName,
    private readonly clock: Clock,
    private readonly relay: Bell,
  ) {}

  /** @param opts.at when it happened; default the business clock's now
   * @throws EventInvalid a fact is missing or of the wrong kind; @throws Error another service owns this event */
  async append(tx: EntityManager, event: DomainEventBase, opts: { at?: Temporal.Instant } = {}): Promise<void> {
    const eventClass = event.constructor as EventClass;
    const facts = this.#checked(eventClass, event);
    await this.#insert(tx, this.#row(eventClass, facts.key, event, opts.at, null));
  }

  /**
   * Many events of one class in one row, for an import's chunk; the relay makes one event of each item, with an id
   * derived from the chunk's and the item's key, so a chunk that is relayed twice is the same events twice.
   * @param common facts all of them share, `engagementId` among them; @param items what differs, at most 2,000
   */
  async appendChunk(
    tx: EntityManager,
    eventClass: EventClass,
    common: Readonly<Record<string, unknown>> & { engagementId: string },
    items: ReadonlyArray<object>,
    opts: { at?: Temporal.Instant } = {},
  ): Promise<void> {
    if (items.length === 0) return;
    await this.#insert(tx, this.#chunk(eventClass, common, items, opts.at));
  }

  /** The same, sent together with COMMIT (`withCommit`). */
  appendChunkAtCommit(
    tx: EntityManager,
    eventClass: EventClass,
    common: Readonly<Record<string, unknown>> & { engagementId: string },
    items: ReadonlyArray<object>,
  ): void {
    if (items.length === 0) return;
    withCommit(tx, this.#chunk(eventClass, common, items));
    afterCommit(tx, () => this.ring());
  }

  #chunk(
    eventClass: EventClass,
    common: Readonly<Record<string, unknown>> & { engagementId: string },
    items: ReadonlyArray<object>,
    at?: Temporal.Instant,
  ): Statement {
    if (items.length > MAX_CHUNK)
      throw new RangeError(`A chunk holds at most ${MAX_CHUNK} events, not ${items.length}`);
    this.#checked(eventClass, { ...common, ...items[0] } as DomainEventBase); // one shape for all; consumers check each
    return this.#row(eventClass, '', { common, items, engagementId: common.engagementId }, at, items.length);
  }

  /** Wakes the relay; done by itself after the commit of every append. */
  ring(): void {
    this.relay.ring();
  }

  #checked(eventClass: EventClass, event: DomainEventBase): { key: string } {
    const meta = metaOf(eventClass);
    if (meta.owner !== this.service && meta.owner !== 'holder')
      throw new Error(`${meta.type} is sent by ${meta.owner}, not by ${this.service}`);
    parseEvent(eventClass, event);
    return { key: String((event as unknown as Record<string, unknown>)[meta.key]) };
  }

  async #insert(tx: EntityManager, { sql, parameters }: Statement): Promise<void> {
    await tx.query(sql, parameters);
    afterCommit(tx, () => this.ring());
  }

  #row(
    eventClass: EventClass,
    key: string,
    payload: { engagementId: string; leadId?: string; items?: unknown; common?: unknown },
    at: Temporal.Instant | undefined,
    items: number | null,
  ): Statement {
    return {
      name: 'outbox',
      sql: `INSERT INTO outbox (event_id, key, type, payload, engagement_id, lead_id, at, items) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      parameters: [
        randomUUIDv7(),
        key,
        metaOf(eventClass).type,
        JSON.stringify(payload),
        payload.engagementId,
        payload.leadId ?? null,
        (at ?? this.clock.now()).toString(),
        items,
      ],
    };
  }
}
