/** A claimed row of due work. Times: `dueAt` business time. */
export interface DueItem {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  /** '' for work without an engagement: `scopeOf('')` is refused, so it cannot open a scope by mistake. */
  readonly engagementId: string;
  readonly leadId: string | null;
  readonly dueAt: Temporal.Instant;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Failures so far, 0 at the first try. */
  readonly attempts: number;
  /** Parked if it fails once more by its own fault: the last moment to say so where it is shown. */
  readonly lastTry?: boolean;
  /** Proof that this claim is the row's current one. */
  readonly lease: string;
}

export interface DueWorkOptions {
  /** Rows handed over at once; default 1. */
  readonly batch?: number;
  /** Calls at the same time in this process; default 1. */
  readonly concurrency?: number;
  /** How long the method may take, real time; default and most 60. Its claim is renewed until then, 15 s at a time, so that
   * the work of a process that died is taken over within 15 s. */
  readonly leaseSeconds?: number;
}

export interface DueWorkMeta extends Required<DueWorkOptions> {
  readonly kind: string;
}

export const DUE_WORK = Symbol('avtala:due-work');

/**
 * On a method of a provider or controller: it is called, outside any transaction, with rows of this kind that are due.
 * It opens `withScope(scopeOf(item.engagementId))` itself and calls `due.done(tx, item)` or `due.again(…)` in the transaction
 * of the effect. What it leaves undone, or throws, is tried again with backoff (real time, at most 60 s, or RetryLater's
 * own time); after 12 failures that were not `later` the row is parked.
 */
export function DueWork(kind: string, options: DueWorkOptions = {}) {
  return <M extends (work: DueItem[]) => Promise<unknown>>(
    _target: object,
    _key: string | symbol,
    descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    const meta: DueWorkMeta = {
      kind,
      batch: options.batch ?? 1,
      concurrency: options.concurrency ?? 1,
      leaseSeconds: Math.min(options.leaseSeconds ?? 60, 60),
    };
    Reflect.defineMetadata(DUE_WORK, meta, descriptor.value as object);
  };
}

/** Thrown by a batch method of which only some rows failed: these get their own error, the others were done. */
export class SomeFailed extends Error {
  override readonly name = 'SomeFailed';
  constructor(readonly failures: ReadonlyArray<{ readonly item: DueItem; readonly error: unknown }>) {
    super(`${failures.length} of the claimed rows failed`);
  }
}
