/** Half-open range in whole minutes since 1970-01-01T00:00Z: [from, to). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const minuteOf = (instant: Temporal.Instant): number => Math.floor(instant.epochMilliseconds / 60_000);
export const instantOf = (minute: number): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(minute * 60_000);

/** The whole minutes that a range of instants touches: its start rounded down, its end up, so that nothing busy is lost. */
export function spanOf(from: Temporal.Instant, to: Temporal.Instant): Span {
  return { from: minuteOf(from), to: Math.ceil(to.epochMilliseconds / 60_000) };
}

/** Sorted, with overlapping and touching ones joined; empty ones dropped. */
export function union(spans: readonly Span[]): Span[] {
  const sorted = spans.filter((s) => s.to > s.from).sort((a, b) => a.from - b.from);
  const joined: { from: number; to: number }[] = [];
  for (const span of sorted) {
    const last = joined.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else joined.push({ ...span });
  }
  return joined;
}

/** What of `spans` lies outside `hole`. */
export function without(spans: readonly Span[], hole: Span): Span[] {
  return spans
    .flatMap((s) => [
      { from: s.from, to: Math.min(s.to, hole.from) },
      { from: Math.max(s.from, hole.to), to: s.to },
    ])
    .filter((s) => s.to > s.from);
}

/** Index of the first of `joined` (see union) that ends after `minute`; its length when there is none. */
export function firstEndingAfter(joined: readonly Span[], minute: number): number {
  let low = 0;
  let high = joined.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (joined[middle]!.to > minute) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function overlapsAny(joined: readonly Span[], span: Span): boolean {
  const candidate = joined[firstEndingAfter(joined, span.from)];
  return candidate !== undefined && candidate.from < span.to;
}

export function insideOne(joined: readonly Span[], span: Span): boolean {
  const candidate = joined[firstEndingAfter(joined, span.from)];
  return candidate !== undefined && candidate.from <= span.from && span.to <= candidate.to;
}
