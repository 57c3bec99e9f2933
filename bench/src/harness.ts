/** One line of the answer of `npm run bench -- --json`. */
export interface BenchResult {
  readonly name: string;
  /** Our figure, in `unit`. */
  readonly ours: number;
  /** The reference's figure in the same run; null where the target is absolute. */
  readonly reference: number | null;
  readonly unit: string;
  /** ours ÷ reference for a rate, reference ÷ ours for a time where more is better; null without a reference. */
  readonly ratio: number | null;
  readonly target: string;
  readonly holds: boolean;
  /** What the figure rests on: counts, percentiles, which reference. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** What a benchmark gets. */
export interface BenchContext {
  /** A directory of its own, removed afterwards. */
  readonly dir: string;
  /** An embedded PostgreSQL of its own with default durability (fsync on); the superuser's URL. The same one on every call with the same name. */
  cluster(name?: string): Promise<{ readonly url: string }>;
  /** Progress for a person, on standard error. */
  log(line: string): void;
}

export interface Bench {
  readonly name: string;
  run(context: BenchContext): Promise<readonly BenchResult[]>;
}

/** The middle value: machines are shared, and one slow round says nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value below which this share of them lies. @param share 0–1 */
export function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;
}

/**
 * Runs both sides in turn, so that a slow minute of the machine meets both.
 * @param o rounds default 5, the least a figure may rest on
 * @returns the median of each side, and as ratio the median of ours ÷ reference of the same round: a machine that is shared was seen to swing by a
 * fifth within a minute, and the two medians are then of different minutes
 */
export async function paired(o: {
  readonly rounds?: number;
  readonly ours: (round: number) => Promise<number>;
  readonly reference: (round: number) => Promise<number>;
}): Promise<{ ours: number; reference: number; ratio: number; rounds: [ours: number, reference: number][] }> {
  const rounds: [number, number][] = [];
  for (let round = 0; round < (o.rounds ?? 5); round++) {
    const reference = await o.reference(round);
    rounds.push([await o.ours(round), reference]);
  }
  const ours = median(rounds.map(([figure]) => figure));
  const reference = median(rounds.map(([, figure]) => figure));
  return { ours, reference, ratio: median(rounds.map(([mine, other]) => mine / other)), rounds };
}
