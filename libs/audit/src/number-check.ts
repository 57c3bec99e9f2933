type Run = [from: number, to: number];

interface Instance {
  /** Numbers seen or called unused: ascending, neighbours joined. */
  readonly known: Run[];
  settled: number;
}

/** Whether every number a process gave its entries is there, or said to be unused by an entry that is (libs/access, audit-numbers). */
export class NumberCheck {
  private readonly instances = new Map<string, Instance>();

  /** @param numbers what the entry says of those before it; entries of older versions say nothing */
  saw(instance: string, n: number, numbers: unknown): void {
    let of = this.instances.get(instance);
    if (!of) this.instances.set(instance, (of = { known: [], settled: 0 }));
    know(of.known, n, n);
    if (typeof numbers !== 'object' || numbers === null) return;
    const { settled, unused } = numbers as { settled?: number; unused?: Run[] };
    of.settled = Math.max(of.settled, settled ?? 0);
    for (const [from, to] of unused ?? []) know(of.known, from, to);
  }

  /** @returns `removed`: instances with a number missing that an entry calls accounted for, and the first such number; `unaccounted`: how many
   * others are missing: given out by a process that died before it could say what became of them, or under way right now */
  result(): { removed: { instance: string; n: number }[]; unaccounted: number } {
    const removed = [];
    let unaccounted = 0;
    for (const [instance, { known, settled }] of this.instances) {
      let expected = 1;
      let first: number | undefined;
      for (const [from, to] of [...known, [settled + 1, settled] as Run]) {
        if (from > expected) {
          const gone = Math.min(from - 1, settled) - expected + 1;
          if (gone > 0) first ??= expected;
          unaccounted += from - expected - Math.max(0, gone);
        }
        expected = Math.max(expected, to + 1);
      }
      if (first !== undefined) removed.push({ instance, n: first });
    }
    return { removed, unaccounted };
  }
}

function know(runs: Run[], from: number, to: number): void {
  let at = runs.length; // entries come nearly in order: the place is at or near the end
  while (at > 0 && runs[at - 1]![0] > from) at--;
  runs.splice(at, 0, [from, to]);
  if (at > 0) at--;
  while (at + 1 < runs.length) {
    const [here, next] = [runs[at]!, runs[at + 1]!];
    if (next[0] > here[1] + 1) {
      if (next[0] > to) return;
      at++;
      continue;
    }
    here[1] = Math.max(here[1], next[1]);
    runs.splice(at + 1, 1);
  }
}
