import { AppError, EventInvalid } from '@avtala/contracts';
import { isTransient, sqlState } from '@avtala/database';
import { NotYet } from './consume/not-yet.js';

/** Tries, after which what failed is parked (messaging.md §5). */
export const MOST_TRIES = 12;
/** How long a NotYet waits for what it misses, real time. */
export const NOT_YET_MS = 15 * 60_000;
const FIRST_MS = 200;
const MOST_MS = 60_000;

/** What a failure means for the work that failed. `code` names it without any value of a person. */
export type Verdict =
  /** The database's or the network's fault, not the work's: run again, counting nothing. */
  | { readonly what: 'transient'; readonly code: string }
  | { readonly what: 'later'; readonly code: string; readonly afterMs?: number }
  | { readonly what: 'not-yet'; readonly code: string }
  | { readonly what: 'permanent'; readonly code: string };

/** Reads an error as a verdict. */
export function judge(error: unknown): Verdict {
  if (error instanceof NotYet) return { what: 'not-yet', code: error.code };
  if (error instanceof EventInvalid) return { what: 'permanent', code: `invalid:${error.fields.join(',')}` };
  if (error instanceof AppError) {
    if (error.kind !== 'later') return { what: 'permanent', code: error.code };
    const { afterMs } = error as { afterMs?: number };
    return { what: 'later', code: error.code, ...(afterMs === undefined ? {} : { afterMs }) };
  }
  if (isTransient(error)) return { what: 'transient', code: `sql:${sqlState(error) ?? 'connection'}` };
  const state = sqlState(error);
  if (state) return { what: 'permanent', code: `sql:${state}` };
  return { what: 'permanent', code: `error:${error instanceof Error ? error.name : typeof error}` };
}

/** Milliseconds before the next try after the n-th failure: 200 ms, doubled each time, at most 60 s; longer when asked for. */
export function backoffMs(failures: number, afterMs = 0): number {
  return Math.max(Math.min(FIRST_MS * 2 ** Math.max(failures - 1, 0), MOST_MS), afterMs);
}

/** The same for NotYet, which counts no tries: as long again as it has waited, between 200 ms and 60 s. */
export function notYetMs(waitedMs: number): number {
  return Math.min(Math.max(waitedMs, FIRST_MS), MOST_MS);
}
