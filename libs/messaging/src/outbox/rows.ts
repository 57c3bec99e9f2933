import { hash } from 'node:crypto';
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
 * An item's id is made of the chunk's and the item's key: relaying a chunk again gives the same events, and the inbox drops them. */
export function expand(rows: readonly OutboxRow[]): OutboxEvent[] {
  return [...rows]
    .sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1))
    .flatMap(({ id: _id, items, ...event }) => (items === null ? [event] : expandChunk(event)));
}

function expandChunk(chunk: OutboxEvent): OutboxEvent[] {
  const eventClass = eventClassOf(chunk.type);
  if (!eventClass) throw new Error(`The outbox holds a chunk of ${chunk.type}, which nobody declares`);
  const { key: keyField } = metaOf(eventClass);
  const { common, items } = JSON.parse(chunk.payload) as { common: Facts; items: Facts[] };
  const idOf = idsIn(chunk.eventId);
  const shared = JSON.stringify(common).slice(0, -1);
  const { type, engagementId, at } = chunk;
  return items.map((item) => {
    const key = String(item[keyField] ?? common[keyField]);
    const leadId = item.leadId ?? common.leadId;
    const own = JSON.stringify(item).slice(1);
    return {
      eventId: idOf(key),
      key,
      type,
      // A fact that is in both is read as the item has it: of two members of one name the last counts (JSON.parse, jsonb).
      payload: shared === '{' ? `{${own}` : own === '}' ? `${shared}}` : `${shared},${own}`,
      engagementId,
      leadId: typeof leadId === 'string' ? leadId : null,
      at,
    };
  });
}
type Facts = Readonly<Record<string, unknown>>;

/** UUIDv8 (RFC 9562 §5.8): the time of the chunk's UUIDv7, then 74 bits of the SHA-1 of chunk and name. With UUIDv5, which is SHA-1 alone, a chunk's
 * thousands land on as many pages of every inbox's index; these stand side by side, as single events do. */
function idsIn(chunkId: string): (name: string) => string {
  const bytes = Buffer.from(chunkId.replaceAll('-', ''), 'hex');
  const time = chunkId.slice(0, 13);
  return (name) => {
    const h = hash('sha1', Buffer.concat([bytes, Buffer.from(name)]), 'hex');
    const variant = ((parseInt(h[0]!, 16) & 3) | 8).toString(16);
    return `${time}-8${h.slice(1, 4)}-${variant}${h.slice(4, 7)}-${h.slice(7, 19)}`;
  };
}
