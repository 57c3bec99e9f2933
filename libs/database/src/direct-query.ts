import type { ClientBase, QueryResult } from 'pg';
import { QueryFailedError, QueryRunnerAlreadyReleasedError, type QueryRunner } from 'typeorm';

/**
 * Lets this runner's statements go straight to its connection, with TypeORM's answers and errors: its own way there asks for the connection
 * again, logs and broadcasts with every statement, which nobody listens to here and which costs more than a small statement's answer.
 */
export function askDirectly(runner: QueryRunner, client: ClientBase): void {
  const query = async (sql: string, parameters?: unknown[], structured = false): Promise<unknown> => {
    if (runner.isReleased) throw new QueryRunnerAlreadyReleasedError();
    let answer: QueryResult;
    try {
      answer = await client.query(sql, parameters);
    } catch (error) {
      throw new QueryFailedError(sql, parameters, error as Error);
    }
    const { rows: records, rowCount: affected, command } = answer;
    const raw = command === 'UPDATE' || command === 'DELETE' ? [records, affected] : records;
    return structured ? { raw, records, affected } : raw;
  };
  Object.assign(runner, { query });
}
