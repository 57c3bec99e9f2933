interface Waiting<V> {
  readonly resolve: (value: V | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Look-ups that come together share a statement: while one is under way the next gathers. Each is made after it was asked for, so that what was
 * revoked a moment before opens nothing (security.md §1.4); nothing is kept.
 */
export class Gathered<V> {
  private waiting = new Map<string, Waiting<V>[]>();
  private underWay = 0;

  /** @param lookUp values by key; absent = there is none
   * @param atOnce statements under way */
  constructor(
    private readonly lookUp: (keys: string[]) => Promise<ReadonlyMap<string, V>>,
    private readonly atOnce = 2,
  ) {}

  ask(key: string): Promise<V | undefined> {
    return new Promise((resolve, reject) => {
      const others = this.waiting.get(key);
      if (others) others.push({ resolve, reject });
      else this.waiting.set(key, [{ resolve, reject }]);
      if (this.underWay === this.atOnce) return;
      this.underWay++;
      // Requests that were read in the same turn of the event loop go together.
      setImmediate(() => void this.drain());
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.size) {
      const asked = this.waiting;
      this.waiting = new Map();
      try {
        const found = await this.lookUp([...asked.keys()].sort()); // in one order everywhere: a look-up may note that a session was seen
        for (const [key, all] of asked) for (const { resolve } of all) resolve(found.get(key));
      } catch (error) {
        for (const all of asked.values()) for (const { reject } of all) reject(error);
      }
    }
    this.underWay--;
  }
}
