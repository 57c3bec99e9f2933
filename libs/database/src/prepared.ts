import type { ClientBase } from 'pg';

/** A statement this process sent so often before is prepared on its connection from then on: PostgreSQL parses it once, and plans it once where that is no worse. */
const OFTEN = 5;
/** Statements a connection keeps at most; what comes later is sent as it is. Texts made up each time must not fill the server's memory. */
const MOST = 200;
const MOST_COUNTED = 2000;

const counts = new Map<string, number>();
const names = new Map<string, string>();
const prepares = new WeakSet<ClientBase>();

type Send = (...args: unknown[]) => unknown;

/**
 * Statements with parameters that come again and again get names on this connection while it is pipelined (pg prepares what has a name).
 * On other connections nothing changes: their statements come one in a transaction, and a partitioned table is better planned by its values.
 */
export function prepareOften(client: ClientBase): void {
  if (prepares.has(client)) return;
  prepares.add(client);
  const send = client.query.bind(client) as Send;
  const named: Send = (text, values, ...rest) => {
    const name = nameOf(text, values, client);
    return name === undefined ? send(text, values, ...rest) : send({ name, text, values }, ...rest);
  };
  Object.assign(client, { query: named });
}

/** After DISCARD ALL the server knows none of them any more. */
export function forgetOften(client: ClientBase): void {
  Object.assign((client as unknown as { connection: object }).connection, {
    parsedStatements: {},
    submittedNamedStatements: {},
  });
}

function nameOf(text: unknown, values: unknown, client: ClientBase): string | undefined {
  if (typeof text !== 'string' || !Array.isArray(values) || !values.length) return undefined;
  if (!(client as { pipeline?: boolean }).pipeline) return undefined;
  const known = names.get(text);
  if (known) return known;
  if (names.size >= MOST) return undefined;
  const count = (counts.get(text) ?? 0) + 1;
  if (count < OFTEN) {
    if (counts.size >= MOST_COUNTED) counts.clear();
    counts.set(text, count);
    return undefined;
  }
  counts.delete(text);
  const name = `often_${names.size}`;
  names.set(text, name);
  return name;
}
