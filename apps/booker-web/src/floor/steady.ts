/** A row as it is shown; `gone`: the server has it no more, but somebody is on the list. */
export interface Steady<Row> {
  readonly row: Row;
  readonly gone: boolean;
}

/** The next rows to show. While the list is held (focus or pointer is on it) no row moves: what is gone stays where it was, and what is new comes last. */
export function steady<Row>(
  shown: readonly Steady<Row>[],
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  held: boolean,
): readonly Steady<Row>[] {
  if (!held) return rows.map((row) => ({ row, gone: false }));
  const now = new Map(rows.map((row) => [keyOf(row), row]));
  const kept = shown.map(({ row }) => {
    const there = now.get(keyOf(row));
    now.delete(keyOf(row));
    return there ? { row: there, gone: false } : { row, gone: true };
  });
  return [...kept, ...[...now.values()].map((row) => ({ row, gone: false }))];
}
