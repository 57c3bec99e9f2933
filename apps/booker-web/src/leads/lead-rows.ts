import { useCallback, useEffect, useMemo, useState } from 'react';
import { listLeads, type Filter, type LeadLine } from './leads-api.js';
import type { LeadSort } from './lead-filters.js';

const PAGE = 200;

export interface LeadRows {
  readonly row: (index: number) => LeadLine | undefined;
  readonly onSight: (from: number, to: number) => void;
  readonly error: unknown;
  readonly retry: () => void;
  /** Nothing has come yet. */
  readonly pending: boolean;
  /** Shown as gone for a moment, without being fetched again. */
  readonly ghosts: ReadonlySet<string>;
  readonly haunt: (ids: Iterable<string>) => void;
}

/** The server's pages go on from a cursor, so they come in order: from the beginning, and, for End and the lower half, from the end as well,
 * in the opposite order. What nobody scrolls to is not fetched, since each page is an entry in the audit trail (G3).
 * @param count as the server counted; undefined while it counts @param capped there are more than that: the end is not
 * reachable from below @param turn another one reads everything anew */
export function useLeadRows(
  filter: Filter,
  sort: LeadSort,
  count: number | undefined,
  capped: boolean,
  turn: number,
): LeadRows {
  const [, redraw] = useState(0);
  const [error, setError] = useState<unknown>();
  const [ghosts, setGhosts] = useState<ReadonlySet<string>>(new Set());
  const key = JSON.stringify([filter, sort, turn]);
  const rows = useMemo(() => {
    const [chosen, order] = JSON.parse(key) as [Filter, LeadSort, number];
    return new Store(chosen, order, () => redraw((n) => n + 1), setError);
  }, [key]);
  useEffect(() => {
    setError(undefined);
    rows.need(0, 0);
    return () => rows.stop();
  }, [rows]);
  useEffect(() => rows.sized(count, capped), [rows, count, capped]);
  const onSight = useCallback((from: number, to: number) => rows.need(from, to), [rows]);
  return {
    row: (index) => rows.at(index, count),
    onSight,
    error,
    retry: () => {
      setError(undefined);
      rows.again();
    },
    pending: rows.head.length === 0 && !rows.headEnded && error === undefined,
    ghosts,
    haunt: (ids) => {
      setGhosts(new Set(ids));
      setTimeout(() => setGhosts(new Set()), 3000);
    },
  };
}

class Store {
  head: LeadLine[] = [];
  tail: LeadLine[] = [];
  headEnded = false;
  private after: { head?: string; tail?: string } = {};
  private want = { head: 1, tail: 0 };
  private busy = false;
  private stopped = new AbortController();

  private count: number | undefined;
  private capped = false;

  constructor(
    private readonly filter: Filter,
    private readonly sort: LeadSort,
    private readonly changed: () => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  at(index: number, count: number | undefined): LeadLine | undefined {
    return this.head[index] ?? (count === undefined ? undefined : this.tail[count - 1 - index]);
  }

  sized(count: number | undefined, capped: boolean): void {
    this.count = count;
    this.capped = capped;
  }

  need(from: number, to: number): void {
    const { count } = this;
    const fromBelow = !this.capped && this.sort !== 'notice' && count !== undefined && from > count / 2;
    if (fromBelow) this.want.tail = Math.max(this.want.tail, count - from + 40);
    else this.want.head = Math.max(this.want.head, to + 40);
    void this.fetch();
  }

  again(): void {
    void this.fetch();
  }

  stop(): void {
    this.stopped.abort();
    this.stopped = new AbortController(); // StrictMode and a return to the same filter start it anew
    this.busy = false;
  }

  private async fetch(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const { signal } = this.stopped;
    try {
      for (;;) {
        const end = this.want.tail > this.tail.length && !this.ended.tail ? 'tail' : 'head';
        if (end === 'head' && (this.want.head <= this.head.length || this.headEnded)) break;
        await this.page(end, signal);
        if (signal.aborted) return;
        this.changed();
      }
      this.busy = false;
    } catch (error) {
      if (signal.aborted) return;
      this.busy = false;
      this.failed(error);
    }
  }

  private readonly ended = { tail: false };

  private async page(end: 'head' | 'tail', signal: AbortSignal): Promise<void> {
    const sort = end === 'head' ? this.sort : this.sort === 'newest' ? 'oldest' : 'newest';
    const after = this.after[end];
    const page = await listLeads({ ...this.filter, sort, limit: PAGE, ...(after ? { after } : {}) }, signal);
    if (signal.aborted) return;
    this[end].push(...page.items);
    if (page.next) this.after[end] = page.next;
    else if (end === 'head') this.headEnded = true;
    else this.ended.tail = true;
  }
}
