import pg, { type ClientBase, type Connection, type QueryResult } from 'pg';
import { createRequire } from 'node:module';
import type { Statement } from './pipeline.js';

/**
 * Sends statements behind one Sync: one packet there, one back. `sendAll` on a pipelined connection has one of each for every statement, and on
 * loopback a packet costs more than most statements. Each still has a snapshot of its own; a statement with a `name` is parsed once for each connection.
 * @throws the error of the statement that failed; those behind it were not run, and outside a transaction those before it are undone
 */
export async function sendTogether(
  client: ClientBase,
  statements: readonly Statement[],
): Promise<QueryResult<Record<string, unknown>>[]> {
  const known = prepared.get(client) ?? new Set();
  prepared.set(client, known);
  const together = new Together(statements, known);
  const answers = await new Promise<QueryResult<Record<string, unknown>>[]>((resolve, reject) => {
    together.callback = (error, results) => (error ? reject(error) : resolve(results!));
    client.query(together);
  });
  statements.forEach(({ name, answered }, i) => {
    if (name) known.add(name);
    answered?.(answers[i]!.rows);
  });
  return answers;
}

/** After DISCARD ALL. */
export function forgetPrepared(client: ClientBase): void {
  prepared.delete(client);
}

const prepared = new WeakMap<ClientBase, Set<string>>();
/** As pg itself writes parameters; it has no public name. */
const { prepareValue } = createRequire(import.meta.url)('pg/lib/utils.js') as { prepareValue(value: unknown): unknown };

/** pg's own results; its types know less of them than there is. */
interface Result extends QueryResult<Record<string, unknown>> {
  addFields(fields: unknown): void;
  addRow(row: unknown): void;
  parseRow(row: unknown): unknown;
  addCommandComplete(message: unknown): void;
}
const newResult = (): Result => new (pg as unknown as { Result: new () => Result }).Result();

/** What pg calls while this is the query at work (its `Submittable`). */
class Together {
  callback: (error: unknown, results?: Result[]) => void = () => undefined;
  private readonly results: Result[];
  private at = 0;
  private failed: unknown;

  constructor(
    private readonly statements: readonly Statement[],
    private readonly known: ReadonlySet<string>,
  ) {
    this.results = statements.map(newResult);
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    const parsed = new Set(this.known);
    stream.cork();
    try {
      for (const statement of this.statements) send(connection as unknown as Wire, statement, parsed);
    } catch (error) {
      this.failed = error; // a value that cannot be written down: those before it are on their way
    } finally {
      connection.sync();
      stream.uncork();
    }
  }

  handleRowDescription(message: { fields: unknown }): void {
    this.results[this.at]!.addFields(message.fields);
  }

  handleDataRow(message: { fields: unknown }): void {
    const result = this.results[this.at]!;
    try {
      result.addRow(result.parseRow(message.fields));
    } catch (error) {
      this.failed ??= error;
    }
  }

  handleCommandComplete(message: unknown): void {
    this.results[this.at++]!.addCommandComplete(message);
  }

  handleEmptyQuery(): void {
    this.at++;
  }

  handleError(error: unknown): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    if (this.failed) this.callback(this.failed);
    else this.callback(null, this.results);
  }
}

/** As they are; pg's types still ask for an argument that it dropped years ago. */
interface Wire {
  parse(query: { name: string; text: string; types: string[] }): void;
  bind(config: { statement: string; values: unknown[]; valueMapper: (value: unknown) => unknown }): void;
  describe(message: { type: 'P'; name: string }): void;
  execute(config: object): void;
}

function send(wire: Wire, { name = '', sql, parameters = [] }: Statement, parsed: Set<string>): void {
  if (!name || !parsed.has(name)) wire.parse({ name, text: sql, types: [] });
  if (name) parsed.add(name);
  wire.bind({ statement: name, values: parameters, valueMapper: prepareValue });
  wire.describe({ type: 'P', name: '' });
  wire.execute({});
}
