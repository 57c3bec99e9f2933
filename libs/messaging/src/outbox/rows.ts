import { v5 as uuidv5 } from 'uuid';
import { eventClassOf, metaOf } from '@avtala/contracts';

/** A row of the outbox as the relay reads it; `payload` and `at` as PostgreSQL writes them. */
export interface OutboxRow {
  readonly id: string;
  readonly eventId: string;
  readonly key: string;
  readonly type: string;
  readonly payload: string;
  readonly engagementId: string | null;
  readonly leadId: string | null;
  readonly at: string;
  readonly items: number | null;
}

export type OutboxEvent = Omit<OutboxRow, 'id' | 'items'>;

/** Rows a relay takes at once, and events they may stand for (a chunk is one row; at least one row is taken). */
export const RELAY_ROWS = 500;
export const RELAY_EVENTS = 4000;

/** Ids of the next rows, in the order of their ids, for `id = any(array(…))`. */
export const NEXT_IDS = `SELECT id FROM (
  SELECT id, sum(coalesce(items, 1)) OVER (ORDER BY id) - coalesce(items, 1) AS before
  FROM (SELECT id, items FROM outbox ORDER BY id LIMIT ${RELAY_ROWS}) first) next WHERE before < ${RELAY_EVENTS}`;

export const OUTBOX_COLUMNS = `id, event_id AS "eventId", key, type, payload::text AS payload, engagement_id AS "engagementId",
  lead_id AS "leadId", to_json(at)#>>'{}' AS at, items`;

/** Rows as events, in order; a chunk becomes one event of each of its items.
 * An item's id is UUIDv5(chunk's id, item's key): relaying a chunk again gives the same events, and the inbox drops them. */
export function expand(rows: readonly OutboxRow[]): OutboxEvent[] {
  return [...rows]
    .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
    .flatMap(({ id: _id, items, ...event }) => (items === null ? [event] : expandChunk(event)));
}

function expandChunk(chunk: OutboxEvent): OutboxEvent[] {
  const eventClass = eventClassOf(chunk.type);
  if (!eventClass) throw new Error(`The outbox holds a chunk of ${chunk.type}, which nobody declares`);
  const { key: keyField } = metaOf(eventClass);
  const { common, items } = JSON.parse(chunk.payload) as { common: object; items: object[] };
  return items.map((item) => {
    const facts: Record<string, unknown> = { ...common, ...item };
    const key = String(facts[keyField]);
    return {
      ...chunk,
      eventId: uuidv5(key, chunk.eventId),
      key,
      payload: JSON.stringify(facts),
      leadId: typeof facts.leadId === 'string' ? facts.leadId : null,
    };
  });
}
