import { affected, rows } from '@avtala/database';
import type { EntityManager } from 'typeorm';
import type { CalendarEntry } from '../domain/calendar-entry.js';

export interface CalendarState {
  connectionId: string;
  token: string | null;
  version: number;
  readAt: Temporal.Instant | null;
  writtenAt: Temporal.Instant | null;
  code: string | null;
}

export interface CachedItem {
  item: string;
  entries: CalendarEntry[];
  replaces: { id: string; at: number } | null;
}

type Row = Omit<CalendarState, 'readAt' | 'writtenAt'> & { readAt: Date | null; writtenAt: Date | null };

const instant = (at: Date | null) => at && Temporal.Instant.fromEpochMilliseconds(at.getTime());
const COLUMNS = `connection_id as "connectionId", token, version, read_at as "readAt", written_at as "writtenAt", code`;
const fromRow = (r: Row): CalendarState => ({ ...r, readAt: instant(r.readAt), writtenAt: instant(r.writtenAt) });

/** States by connection; of one that was never read there is none. */
export async function statesOf(tx: EntityManager, ids: readonly string[]): Promise<Map<string, CalendarState>> {
  const found = await rows<Row>(tx, `select ${COLUMNS} from calendar_state where connection_id = any($1::uuid[])`, [
    ids,
  ]);
  return new Map(found.map((r) => [r.connectionId, fromRow(r)]));
}

/** Takes the state for this transaction, made if need be. @returns undefined when the connection is gone */
export async function lockState(tx: EntityManager, id: string): Promise<CalendarState | undefined> {
  await tx.query(
    `insert into calendar_state (connection_id) select id from calendar_connection where id = $1 on conflict do nothing`,
    [id],
  );
  const [row] = await rows<Row>(tx, `select ${COLUMNS} from calendar_state where connection_id = $1 for update`, [id]);
  return row && fromRow(row);
}

export async function keepRead(
  tx: EntityManager,
  s: { connectionId: string; token: string | null; readAt: Temporal.Instant; changed: boolean },
): Promise<void> {
  await tx.query(
    `update calendar_state set token = $2, read_at = $3, code = null, version = version + $4::int where connection_id = $1`,
    [s.connectionId, s.token, s.readAt.toString(), Number(s.changed)],
  );
}

export async function keepFailure(tx: EntityManager, connectionId: string, code: string): Promise<void> {
  await tx.query(
    `insert into calendar_state (connection_id, code) select id, $2 from calendar_connection where id = $1
     on conflict (connection_id) do update set code = excluded.code`,
    [connectionId, code],
  );
}

export async function keepWritten(tx: EntityManager, connectionId: string, at: Temporal.Instant): Promise<void> {
  await tx.query(
    `insert into calendar_state (connection_id, written_at) select id, $2 from calendar_connection where id = $1
     on conflict (connection_id) do update set written_at = excluded.written_at`,
    [connectionId, at.toString()],
  );
}

/** Brings the items to what was read. @param full what is not named is gone @returns whether any row changed */
export async function applyItems(
  tx: EntityManager,
  connectionId: string,
  kept: readonly CachedItem[],
  gone: readonly string[],
  full: boolean,
): Promise<boolean> {
  const deleted = full
    ? await affected(tx, 'delete from calendar_item where connection_id = $1 and item <> all($2::text[])', [
        connectionId,
        kept.map((k) => k.item),
      ])
    : await affected(tx, 'delete from calendar_item where connection_id = $1 and item = any($2::text[])', [
        connectionId,
        gone,
      ]);
  const written = await affected(
    tx,
    `insert into calendar_item (connection_id, item, entries, replaces)
     select $1, i.item, i.entries, i.replaces from jsonb_to_recordset($2) as i(item text, entries jsonb, replaces jsonb)
     on conflict (connection_id, item) do update set entries = excluded.entries, replaces = excluded.replaces
       where (calendar_item.entries, calendar_item.replaces) is distinct from (excluded.entries, excluded.replaces)`,
    [connectionId, JSON.stringify(kept)],
  );
  return deleted + written > 0;
}

export async function itemsOf(tx: EntityManager, connectionId: string): Promise<CachedItem[]> {
  return rows<CachedItem>(tx, 'select item, entries, replaces from calendar_item where connection_id = $1', [
    connectionId,
  ]);
}
