import type { Db } from '@avtala/database';
import { log } from '@avtala/observability';
import type { Clock } from '@avtala/time';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bell } from '../bell.js';
import { Loop } from '../loop.js';
import type { Progress } from '../progress.js';
import { judge } from '../retry.js';
import { claimDue, giveBack, leftUndone, renewLease } from './due-claims.js';
import { SomeFailed, type DueItem, type DueWorkMeta } from './due-work.js';

/** Looks for due rows this often, ms: the business clock may jump without ringing. */
const POLL_MS = 200;
/** A third of a lease. */
const RENEW_MS = 5_000;
/** How long a stop waits for work under way; a lease outlives the process by 60 s at most. */
const STOP_MS = 25_000;

/** A `@DueWork` method, found in the application. */
export interface Worker {
  readonly meta: DueWorkMeta;
  readonly call: (items: DueItem[]) => Promise<unknown>;
}

/** A method that returned without saying `done` or `again` for a row: a programming error, tried again like any other. */
class LeftUndone extends Error {
  override readonly name = 'LeftUndone';
}

/** Claims due rows and calls the methods that do them, outside any transaction (architecture.md §4). */
export class DueRunner {
  readonly #loop: Loop;
  readonly #workers = new Map<string, Worker>();
  readonly #atWork = new Map<string, number>();
  readonly #calls = new Set<Promise<void>>();

  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly progress: Progress,
    bell: Bell,
  ) {
    this.#loop = new Loop('due', () => this.#step(), bell);
  }

  start(workers: readonly Worker[]): void {
    for (const worker of workers) {
      const { kind } = worker.meta;
      if (this.#workers.has(kind)) throw new Error(`Two methods do due work of kind ${kind}`);
      this.#workers.set(kind, worker);
    }
    if (workers.length) this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    const late = new AbortController();
    await Promise.race([
      Promise.all(this.#calls),
      delay(STOP_MS, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
  }

  async #step(): Promise<number> {
    const wanted = [...this.#workers.values()]
      .map(({ meta }) => ({
        kind: meta.kind,
        rows: meta.batch * (meta.concurrency - (this.#atWork.get(meta.kind) ?? 0)),
      }))
      .filter((w) => w.rows > 0);
    if (!wanted.length) return POLL_MS; // rung when a call ends
    const items = await this.db.asWorker((tx) => claimDue(tx, wanted, this.clock.now()));
    for (const { kind } of wanted) {
      const claimed = items.filter((i) => i.kind === kind);
      const { batch } = this.#workers.get(kind)!.meta;
      for (let i = 0; i < claimed.length; i += batch) this.#begin(kind, claimed.slice(i, i + batch));
    }
    return items.length ? 0 : POLL_MS;
  }

  #begin(kind: string, items: DueItem[]): void {
    this.#atWork.set(kind, (this.#atWork.get(kind) ?? 0) + 1);
    const call = this.#do(kind, items)
      .catch((error: unknown) => log.warn('due.not-given-back', { kind, rows: items.length }, error)) // the lease runs out
      .finally(() => {
        this.#atWork.set(kind, this.#atWork.get(kind)! - 1);
        this.#calls.delete(call);
        this.#loop.bell.ring();
      });
    this.#calls.add(call);
  }

  /** Keeps the claims while the call runs, as long as it may. */
  #renew(items: DueItem[], seconds: number): NodeJS.Timeout {
    const until = Date.now() + seconds * 1000;
    return setInterval(() => {
      const left = (until - Date.now()) / 1000;
      if (left > 0)
        this.db
          .asWorker((tx) => renewLease(tx, items, left))
          .catch((error: unknown) => log.warn('due.not-renewed', { rows: items.length }, error));
    }, RENEW_MS);
  }

  async #do(kind: string, items: DueItem[]): Promise<void> {
    const { meta, call } = this.#workers.get(kind)!;
    let failure: unknown = new LeftUndone();
    const renewing = this.#renew(items, meta.leaseSeconds);
    try {
      await call(items);
    } catch (error) {
      failure = error;
    } finally {
      clearInterval(renewing);
    }
    const undone = await this.db.asWorker(async (tx) => {
      const left = await leftUndone(tx, items);
      for (const item of left) await giveBack(tx, item, failureOf(item, failure));
      return left;
    });
    this.progress.add(items.length);
    for (const item of undone)
      log.warn(
        'due.failed',
        { kind, id: item.id, attempts: item.attempts + 1, code: judge(failureOf(item, failure)).code },
        failureOf(item, failure),
      );
  }
}

function failureOf(item: DueItem, failure: unknown): unknown {
  if (!(failure instanceof SomeFailed)) return failure;
  return failure.failures.find((f) => f.item.id === item.id)?.error ?? new LeftUndone();
}
