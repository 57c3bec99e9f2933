/** One request among others: what it brings and who waits for it. */
interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/** What waits for one key, and how many are at it. */
interface Place<T, R> {
  readonly queue: Waiting<T, R>[];
  drains: number;
}

/** What became of one item. `later`: it goes into the next batch, since it waits for one of this. */
export type Outcome<R> = { readonly value: R } | { readonly error: unknown } | 'later';

/**
 * Requests of one kind for one place share a transaction: while a batch is being committed the next one gathers, so nobody waits for company,
 * and at 32 clients a commit carries many of them instead of one (docs/performance.md).
 */
export class MicroBatches<T, R> {
  private readonly places = new Map<string, Place<T, R>>();

  /** @param most items of a batch
   * @param atOnce batches of one key under way; the database is what they wait for, each for its own answers
   * @param work says what became of each item, in their order; when it throws, every one of them hears it */
  constructor(
    private readonly most: number,
    private readonly atOnce: number,
    private readonly work: (key: string, items: readonly T[]) => Promise<readonly Outcome<R>[]>,
  ) {}

  /** Resolves when the batch with this item is committed. */
  add(key: string, item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      const waiting = { item, resolve, reject };
      const place = this.places.get(key) ?? { queue: [], drains: 0 };
      this.places.set(key, place);
      place.queue.push(waiting);
      if (place.drains === this.atOnce) return;
      place.drains++;
      // Requests that were read in the same turn of the event loop go together.
      setImmediate(() => void this.drain(key, place));
    });
  }

  private async drain(key: string, place: Place<T, R>): Promise<void> {
    const { queue } = place;
    while (queue.length) {
      const batch = queue.splice(0, this.most);
      const outcomes = await this.work(
        key,
        batch.map((w) => w.item),
      ).catch((error: unknown) => batch.map((): Outcome<R> => ({ error })));
      const again: Waiting<T, R>[] = [];
      for (const [i, waiting] of batch.entries()) {
        const outcome = outcomes[i]!;
        if (outcome === 'later') again.push(waiting);
        else if ('error' in outcome) waiting.reject(outcome.error);
        else waiting.resolve(outcome.value);
      }
      queue.unshift(...again);
    }
    place.drains--;
    if (!place.drains && !queue.length) this.places.delete(key);
  }
}
