import { setTimeout as delay } from 'node:timers/promises';
import type { ClientBase, Pool } from 'pg';
import { DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import { askDirectly } from './direct-query.js';
import { sendAll, type Statement } from './pipeline.js';
import { forgetOften, prepareOften } from './prepared.js';
import { beginSql, beginStatements, noEngagement, type Scope } from './scope.js';
import { mayRunAgain } from './sql-errors.js';
import { forgetPrepared, sendTogether } from './together.js';

/** Connection URLs of one service's roles; made by `provision`. `owner` is the login that migrates. */
export interface DbUrls {
  readonly app: string;
  readonly worker: string;
  readonly count: string;
  readonly owner: string;
}

export type EntityClass = abstract new (...args: never[]) => object;

export interface DbOptions {
  readonly schema: string;
  readonly urls: DbUrls;
  readonly entities?: readonly EntityClass[];
  /** Most connections per role; opened when needed, closed after 10 s unused. */
  readonly pool?: { app?: number; worker?: number; count?: number };
}

/** The work swallowed an SQL error: PostgreSQL answers COMMIT with ROLLBACK then, and nothing was written. */
export class TransactionAborted extends Error {
  override readonly name = 'TransactionAborted';
  readonly code = 'transaction-aborted';
}

const TRIES = 3;
const afterCommits = new WeakMap<EntityManager, (() => void)[]>();
const afterRollbacks = new WeakMap<EntityManager, (() => void)[]>();
const lastStatements = new WeakMap<EntityManager, Statement[]>();

/**
 * Calls `fn` once this transaction is committed; never after a rollback. For ringing a bell, not for work:
 * a crash in between loses the call, and an error in it is thrown into the void.
 */
export function afterCommit(tx: EntityManager, fn: () => void): void {
  add(afterCommits, tx, fn);
}

/**
 * Calls `fn` once this transaction is known not to have committed, or when that cannot be known (the connection broke during COMMIT).
 * Of work that is run again after a deadlock each try is a transaction of its own.
 */
export function afterRollback(tx: EntityManager, fn: () => void): void {
  add(afterRollbacks, tx, fn);
}

/** Sends this statement together with COMMIT, without a wait in between; when it fails, PostgreSQL does not commit, and its error is thrown. */
export function withCommit(tx: EntityManager, ...statements: Statement[]): void {
  for (const statement of statements) add(lastStatements, tx, statement);
}

/**
 * Call before a savepoint. @returns to be called after a rollback to it: what was asked for since then, after or together with COMMIT, is forgotten, and
 * what was to follow a rollback is called.
 */
export function partOf(tx: EntityManager): () => void {
  const lengths = [afterCommits, lastStatements, afterRollbacks].map((lists) => lists.get(tx)?.length ?? 0);
  return () => {
    const [commits, statements, rollbacks] = lengths as [number, number, number];
    afterCommits.get(tx)?.splice(commits);
    lastStatements.get(tx)?.splice(statements);
    for (const call of afterRollbacks.get(tx)?.splice(rollbacks) ?? []) queueMicrotask(call);
  };
}

function add<T>(lists: WeakMap<EntityManager, T[]>, tx: EntityManager, item: T): void {
  const list = lists.get(tx);
  if (list) list.push(item);
  else lists.set(tx, [item]);
}

/** The database of one service, and the only way to a transaction. */
export class Db {
  constructor(
    readonly schema: string,
    private readonly sources: { app: DataSource; worker: DataSource; count: DataSource },
    /** For what needs a connection of its own outside the pools: LISTEN, a session lock. */
    readonly urls: DbUrls,
  ) {}

  /**
   * One transaction as `x_app`, limited to the scope by row-level security.
   * `fn` is run again, up to 3 times in all, when PostgreSQL chose it as a deadlock's or serialization failure's victim:
   * it must not have effects outside the database.
   * @throws NoScope for a scope without engagements other than `noEngagement`
   * @throws TransactionAborted when `fn` swallowed an SQL error
   */
  withScope<T>(scope: Scope, fn: (tx: EntityManager) => Promise<T>): Promise<T> {
    return runAgain(this.sources.app, () => [{ sql: beginSql(scope) }], [], fn);
  }

  /** One transaction as `x_worker`: due, outbox, log, cursor, inbox, held; never a table about leads. */
  asWorker<T>(fn: (tx: EntityManager) => Promise<T>): Promise<T> {
    return runAgain(this.sources.worker, () => [{ sql: beginSql(noEngagement) }], [], fn);
  }

  /**
   * One transaction without engagement whose connection takes statements without waiting for the answers to those before: `first` goes out together with BEGIN, and statements that `fn` sends
   * without waiting for each other (`sendAll`) share a round trip. COPY and cursors are refused on it.
   * @param first must change nothing outside a transaction: BEGIN itself could have failed
   * @param fn gets the rows of each statement of `first`; run again like `withScope`'s
   */
  pipelined<T>(
    role: 'app' | 'worker',
    first: readonly Statement[],
    fn: (tx: EntityManager, answers: object[][]) => Promise<T>,
  ): Promise<T> {
    return runAgain(this.sources[role], () => [{ sql: beginSql(noEngagement) }], first, fn, PIPELINED);
  }

  /**
   * `withScope` in two round trips: `first` goes out together with BEGIN, and what `fn` leaves to `withCommit` together with COMMIT. Statements
   * with a `name` are parsed once for each connection.
   * @param fn gets the rows of each statement of `first`; run again like `withScope`'s
   */
  together<T>(
    scope: Scope,
    first: readonly Statement[],
    fn: (tx: EntityManager, answers: object[][]) => Promise<T>,
  ): Promise<T> {
    return runAgain(this.sources.app, () => beginStatements(scope), first, fn, TOGETHER);
  }

  /** One statement as `x_app` in one round trip, without an engagement: look-ups by functions that answer whoever may call them. @returns its rows */
  async ask<T extends object>(statement: Statement): Promise<T[]> {
    const client = await poolOf(this.sources.app).connect();
    client.on('error', deaf);
    Object.assign(client, { pipeline: false });
    let failed = true;
    try {
      const [answer] = await sendTogether(client, [statement]);
      failed = false;
      return answer!.rows as T[];
    } finally {
      client.off('error', deaf);
      client.release(failed); // after an error what it has parsed is not known any more
    }
  }

  /** One reading statement as `x_worker` in one round trip, for polls: whether there is anything to do. @returns its rows */
  async glance<T extends object>(sql: string, parameters: unknown[] = []): Promise<T[]> {
    return (await this.sources.worker.query(sql, parameters)) as T[];
  }

  /** One read-only transaction as `x_count`: sees id columns of all rows, to count what is left (E5). */
  asCount<T>(fn: (tx: EntityManager) => Promise<T>): Promise<T> {
    return runAgain(this.sources.count, () => [{ sql: beginSql(noEngagement, 'READ ONLY') }], [], fn);
  }

  /** How the connection pools are used at this moment. */
  pools(): { role: string; total: number; idle: number; waiting: number }[] {
    return Object.entries(this.sources).map(([role, source]) => {
      const pool: Partial<Pool> | undefined = poolOf(source);
      return { role, total: pool?.totalCount ?? 0, idle: pool?.idleCount ?? 0, waiting: pool?.waitingCount ?? 0 };
    });
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.sources).map((s) => (s.isInitialized ? s.destroy() : undefined)));
  }
}

/** Connects (lazily: one connection per role at first) and returns the service's `Db`. Close it at the end. */
export async function openDb(o: DbOptions): Promise<Db> {
  const source = (role: 'app' | 'worker' | 'count', max: number) =>
    new DataSource({
      type: 'postgres',
      url: o.urls[role],
      applicationName: `${o.schema}_${role}`,
      entities: [...(o.entities ?? [])],
      synchronize: false,
      logging: false,
      installExtensions: false,
      poolErrorHandler: () => undefined, // an idle connection died; the pool has dropped it, the next borrower gets a new one
      extra: { max: o.pool?.[role] ?? max, connectionTimeoutMillis: 10_000, idleTimeoutMillis: 10_000 },
    });
  const sources = { app: source('app', 10), worker: source('worker', 6), count: source('count', 2) };
  const db = new Db(o.schema, sources, o.urls);
  try {
    await Promise.all(Object.values(sources).map((s) => s.initialize()));
  } catch (error) {
    await db.close();
    throw error;
  }
  return db;
}

/** A connection that dies tells it to the query under way; without a listener it would end the process too. */
const deaf = (): void => undefined;

/** TypeORM's name for the pool is `master`. */
function poolOf(source: DataSource): Pool {
  return (source.driver as unknown as { master: Pool }).master;
}

type Work<T> = (tx: EntityManager, answers: object[][]) => Promise<T>;

/** How a transaction's first and last statements travel, and whether those between wait for each other. */
interface Way {
  readonly pipeline: boolean;
  readonly send: (client: ClientBase, statements: readonly Statement[]) => ReturnType<typeof sendAll>;
}
const ONE_BY_ONE: Way = { pipeline: false, send: sendAll };
const PIPELINED: Way = { pipeline: true, send: sendAll };
const TOGETHER: Way = { pipeline: false, send: sendTogether };

async function runAgain<T>(
  source: DataSource,
  beginning: () => readonly Statement[],
  first: readonly Statement[],
  fn: Work<T>,
  way = ONE_BY_ONE,
): Promise<T> {
  const begin = beginning();
  for (let attempt = 1; ; attempt++) {
    try {
      return await transact(source, begin, first, fn, way);
    } catch (error) {
      if (attempt >= TRIES || !mayRunAgain(error)) throw error;
      await delay(Math.random() * 20 * attempt); // the twin must not meet us again at the same moment
    }
  }
}

async function transact<T>(
  source: DataSource,
  begin: readonly Statement[],
  first: readonly Statement[],
  fn: Work<T>,
  { pipeline, send }: Way,
): Promise<T> {
  const runner = source.createQueryRunner();
  let client: ClientBase | undefined;
  let result: T;
  try {
    client = (await runner.connect()) as ClientBase;
    Object.assign(client, { pipeline }); // read by pg with every query; nothing is under way on a connection just borrowed
    prepareOften(client);
    const answers = (await send(client, [...begin, ...first])).slice(begin.length);
    // TypeORM must know: else `save` would send its own START TRANSACTION, and its COMMIT would end ours.
    Object.assign(runner, { isTransactionActive: true, transactionDepth: 1 });
    askDirectly(runner, client);
    result = await fn(
      runner.manager,
      answers.map((a) => a.rows as object[]),
    );
    const ends = await send(client, [...(lastStatements.get(runner.manager) ?? []), { name: 'commit', sql: 'COMMIT' }]);
    if (ends.at(-1)!.command !== 'COMMIT')
      throw new TransactionAborted('Rolled back: a failed statement was swallowed');
  } catch (error) {
    await giveBack(runner, client);
    for (const call of afterRollbacks.get(runner.manager) ?? []) queueMicrotask(call);
    throw error;
  }
  await runner.release();
  for (const call of afterCommits.get(runner.manager) ?? []) queueMicrotask(call);
  return result;
}

/** After an error nothing of the session may reach the next borrower: wiped, or thrown away when even that fails. */
async function giveBack(runner: QueryRunner, client: ClientBase | undefined): Promise<void> {
  try {
    await client?.query('ROLLBACK');
    await client?.query('DISCARD ALL'); // a message of its own: refused inside a transaction block
    if (client) for (const forget of [forgetPrepared, forgetOften]) forget(client);
    await runner.release();
  } catch (error) {
    await destroy(runner, error);
  }
}

/** The pool destroys a connection released with an error; TypeORM has no public way to say so. */
function destroy(runner: QueryRunner, error: unknown): Promise<void> {
  return (runner as unknown as { releasePostgresConnection(error: unknown): Promise<void> }).releasePostgresConnection(
    error,
  );
}
