import { PostgresDialect, type Dialect, type PostgresPool } from 'kysely';
import { type Db, noEngagement } from '@avtala/database';

/** better-auth's statements, through the one way to a query runner: each in a transaction of its own, as the app role, without any
 * engagement. So the library needs no connection, no URL and no rights of its own. It opens no transactions itself (1.7.25 does so
 * only when told `transaction: true`). */
export function authDialect(db: Db): Dialect {
  const client = {
    query: (sql: string, parameters: readonly unknown[]) =>
      db.withScope(noEngagement, async (tx) => {
        const result = await tx.queryRunner!.query(sql, [...parameters], true);
        const rows = (result.records ?? []) as unknown[];
        return { command: commandOf(sql), rowCount: result.affected ?? rows.length, rows };
      }),
    release: () => undefined,
  };
  const pool = { connect: async () => client, end: async () => undefined };
  return new PostgresDialect({ pool: pool as unknown as PostgresPool });
}

const commandOf = (sql: string): string => /^\s*([a-z]+)/i.exec(sql)?.[1]?.toUpperCase() ?? '';
