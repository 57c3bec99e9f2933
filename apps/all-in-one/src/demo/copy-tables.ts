import type pg from 'pg';
import { to } from 'pg-copy-streams';

/** Every table that holds rows of its own, partitions included, as `schema.table`. Temporary and toast tables come with their owners. */
export async function tablesOf(db: pg.Client, without: readonly string[] = []): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'm') and n.nspname not like 'pg_toast%' and n.nspname <> all($1) order by 1`,
    [without],
  );
  return rows.map((r) => r.name);
}

/** The table's rows as COPY prints them; compressed values come out whole, bytea as hex. */
export function tableText(db: pg.Client, table: string): AsyncIterable<Buffer> {
  return db.query(to(`copy (select * from ${table}) to stdout`));
}
