import type { ClientBase, QueryResult } from 'pg';
import type { EntityManager } from 'typeorm';

/** One SQL statement with its parameters. */
export interface Statement {
  /** Sent by `sendTogether`, it is parsed once for each connection under this name. Not for tables with partitions: a plan made for all of them is kept. */
  readonly name?: string;
  readonly sql: string;
  readonly parameters?: unknown[];
  /** Called with its rows when it has answered; for what nobody waits for, such as a question sent together with COMMIT. */
  readonly answered?: (rows: object[]) => void;
}

/**
 * Sends statements one behind the other, each a statement with a snapshot of its own, and waits for all of them: on a pipelined
 * connection one round trip, on another as many as there are.
 * @throws the first statement's error; in a transaction those behind it failed of it, and did nothing
 */
export async function sendAll(
  on: EntityManager | ClientBase,
  statements: readonly Statement[],
): Promise<QueryResult<Record<string, unknown>>[]> {
  const client: ClientBase =
    'queryRunner' in on ? ((await on.queryRunner!.connect()) as ClientBase) : (on as ClientBase);
  const answers = await Promise.allSettled(
    statements.map(({ sql, parameters }) => client.query<Record<string, unknown>>(sql, parameters)),
  );
  return answers.map((answer, i) => {
    if (answer.status === 'rejected') throw answer.reason;
    statements[i]!.answered?.(answer.value.rows);
    return answer.value;
  });
}

/**
 * Tries to take an advisory lock for the transaction. Statements sent together with it stand under the condition {@link LOCKED}: each has a
 * snapshot taken after the lock, and does nothing without it or outside a transaction.
 * @returns a statement that answers one row `{ locked: 'true' | 'false' }`
 */
export function tryLockSql(kind: number, name: string): Statement {
  return {
    sql: `SELECT set_config('avtala.locked', pg_try_advisory_xact_lock($1, hashtext($2))::text, true) AS locked`,
    parameters: [kind, name],
  };
}

export const LOCKED = `current_setting('avtala.locked', true) = 'true'`;
