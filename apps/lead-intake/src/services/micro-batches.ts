/** One request among others: what it brings and who waits for it. */
interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/** What waits for one key, and how many are at it. */
interface Place<T, R> {
  readonly queue: Waiting<T, R>[];
  /** Begun; of these `working` have a batch under way, the others are about to take one. */
  drains: number;
  working: number;
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
   * @param least items of a batch as long as there are that many: what waits is shared out among those who have nothing to do
   * @param work says what became of each item, in their order; when it throws, every one of them hears it */
  constructor(
    private readonly most: number,
    private readonly atOnce: number,
    private readonly least: number,
    private readonly work: (key: string, items: readonly T[]) => Promise<readonly Outcome<R>[]>,
  ) {}

  /** Resolves when the batch with this item is committed. */
  add(key: string, item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      const waiting = { item, resolve, reject };
      const place = this.places.get(key) ?? { queue: [], drains: 0, working: 0 };
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
      const batch = queue.splice(0, this.shareOf(place));
      place.working++;
      const outcomes = await this.work(
        key,
        batch.map((w) => w.item),
      ).catch((error: unknown) => batch.map((): Outcome<R> => ({ error })));
      place.working--;
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

  /** One batch at a time would leave the database idle while we work, and us while it does; many small ones cost more each. */
  private shareOf({ queue, drains, working }: Place<T, R>): number {
    const share = Math.ceil(queue.length / (drains - working));
    return Math.min(this.most, Math.max(this.least, share));
  }
}
