import type { EntityManager } from 'typeorm';

/**
 * Runs one statement and returns its rows. Prefer it to `tx.query`, whose shape depends on the command:
 * TypeORM answers UPDATE and DELETE with `[rows, count]`, everything else with rows.
 */
export async function rows<T extends object = Record<string, unknown>>(
  tx: EntityManager,
  sql: string,
  parameters: unknown[] = [],
): Promise<T[]> {
  return (await run(tx, sql, parameters)).records as T[];
}

/** Runs one statement and returns how many rows it inserted, changed or deleted. */
export async function affected(tx: EntityManager, sql: string, parameters: unknown[] = []): Promise<number> {
  return (await run(tx, sql, parameters)).affected ?? 0;
}

function run(tx: EntityManager, sql: string, parameters: unknown[]) {
  if (!tx.queryRunner) throw new TypeError('Not a transaction: only Db.withScope, asWorker and asCount hand one out');
  return tx.queryRunner.query(sql, parameters, true);
}
