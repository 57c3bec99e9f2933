/** A trail as far as it was read. */
export interface Source<Row> {
  /** Read and not shown yet, newest first. */
  readonly held: readonly Row[];
  /** Where it goes on; null at its end, undefined before its beginning. */
  readonly next: string | null | undefined;
}

/** Whether it has to be read on before anything can be said to be older than its rows. */
export const isDry = ({ held, next }: Source<unknown>): boolean => held.length === 0 && next !== null;

/** Rows of several trails as one, newest first, as far as that is certain: when one of them has no row left here and may have more, nothing
 * older can be shown before it is read on. Ends only there, so each reading shows at least what was left of one trail. */
export function merged<Row extends { readonly at: string }>(
  sources: readonly Source<Row>[],
): { readonly rows: Row[]; readonly left: Source<Row>[] } {
  const at = sources.map(() => 0);
  const rows: Row[] = [];
  const whens = sources.map(({ held }) => held.map((row) => Temporal.Instant.from(row.at)));
  const isDone = (i: number) => at[i]! >= sources[i]!.held.length;
  for (;;) {
    if (sources.some(({ next }, i) => isDone(i) && next !== null)) break;
    let newest = -1;
    for (let i = 0; i < sources.length; i++)
      if (!isDone(i) && (newest < 0 || Temporal.Instant.compare(whens[i]![at[i]!]!, whens[newest]![at[newest]!]!) > 0))
        newest = i;
    if (newest < 0) break;
    rows.push(sources[newest]!.held[at[newest]!]!);
    at[newest]! += 1;
  }
  return { rows, left: sources.map(({ held, next }, i) => ({ held: held.slice(at[i]), next })) };
}
