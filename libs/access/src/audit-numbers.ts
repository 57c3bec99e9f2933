/** First and last of a run of numbers. */
type Run = readonly [number, number];

/** What an entry says of the numbers before its own (docs/security.md §4): a number missing at or below `settled` that no entry of its
 * instance calls unused was removed. */
export interface Accounted {
  /** Every number of this instance up to here was committed or is called unused by some entry. */
  readonly settled: number;
  /** Numbers whose transaction was rolled back. */
  readonly unused?: readonly Run[];
}

/** More are told by the entries that follow. */
const MOST_RUNS = 200;

/** The running numbers of one process's entries. They are given before it is known how the transaction ends, so those that came to nothing
 * are remembered until a committed entry has said so. */
export class AuditNumbers {
  private last = 0;
  /** Given, and their transaction not over: by first number, ascending. */
  private readonly open = new Map<number, Run>();
  private unused: Run[] = [];
  /** Told by an entry whose transaction is not over. */
  private readonly telling = new Set<Run>();

  get hasUnused(): boolean {
    return this.unused.length > 0;
  }

  /** @returns what the entries to be written now say, and their numbers */
  take(count: number): { accounted: Accounted; taken: Run } {
    const told = this.unused.splice(0, MOST_RUNS);
    const firstOpen = this.open.keys().next().value ?? this.last + 1;
    const settled = [...this.unused, ...this.telling].reduce((low, [from]) => Math.min(low, from - 1), firstOpen - 1);
    for (const run of told) this.telling.add(run);
    const taken: Run = [this.last + 1, this.last + count];
    this.last += count;
    this.open.set(taken[0], taken);
    return { accounted: told.length ? { settled, unused: told } : { settled }, taken };
  }

  committed(taken: Run, { unused = [] }: Accounted): void {
    this.open.delete(taken[0]);
    for (const run of unused) this.telling.delete(run);
  }

  rolledBack(taken: Run, { unused = [] }: Accounted): void {
    this.open.delete(taken[0]);
    for (const run of unused) this.telling.delete(run);
    this.unused = joined([...this.unused, ...unused, taken]);
  }
}

/** Ascending, neighbours as one run. */
function joined(runs: Run[]): Run[] {
  const found: [number, number][] = [];
  for (const [from, to] of runs.sort(([a], [b]) => a - b)) {
    const last = found.at(-1);
    if (last && last[1] + 1 === from) last[1] = to;
    else found.push([from, to]);
  }
  return found;
}
