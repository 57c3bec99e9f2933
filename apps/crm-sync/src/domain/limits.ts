/** What we know of a vendor's rolling window for one account. Milliseconds of real time: vendors know nothing of our business clock. */
export interface Limits {
  /** Calls a window may hold, as the vendor said last. */
  readonly most: number;
  /** Length of the window. */
  readonly windowMs: number;
  /** When our calls of the running window were answered, oldest first: the vendor counted each of them at that moment or before. */
  readonly ended: readonly number[];
  readonly inFlight: number;
  /** Calls of the client's other integrations in the window, and until when they count. */
  readonly others: { readonly count: number; readonly until: number };
  /** Searches have a window of their own, of a second. */
  readonly searches: readonly number[];
  readonly searchesInFlight: number;
  /** Set by a 429: nothing is sent before. */
  readonly blockedUntil: number;
}
export type CallKind = 'search' | 'other';

/** The vendor's numbers for an app, before it said anything itself. */
export const NO_LIMITS_KNOWN: Limits = {
  most: 100,
  windowMs: 10_000,
  ended: [],
  inFlight: 0,
  others: { count: 0, until: 0 },
  searches: [],
  searchesInFlight: 0,
  blockedUntil: 0,
};

/** The client's other integrations draw from the same account: a few calls of each window are left to them. */
const LEFT_FOR_OTHERS = 3;
/** One less than the five a second that are documented. */
const SEARCHES_A_SECOND = 4;
const SECOND = 1_000;
/** Clocks of two machines, and the way to the other one. */
const MARGIN = 25;
/** While every call of the window is still under way nobody knows when one will be free. */
const LOOK_AGAIN = 25;

/** How long to wait before the next call, in ms; 0 = go. */
export function waitFor(limits: Limits, kind: CallKind, now: number): number {
  const l = rolled(limits, now);
  const free = l.most - LEFT_FOR_OTHERS - (l.others.until > now ? l.others.count : 0);
  const room = waitForRoom(l.ended, l.inFlight, Math.max(1, free), l.windowMs, now);
  const search = kind === 'search' ? waitForRoom(l.searches, l.searchesInFlight, SEARCHES_A_SECOND, SECOND, now) : 0;
  return Math.max(0, l.blockedUntil - now, room, search);
}

/** Until enough of our own calls have left the window for one more. */
function waitForRoom(ended: readonly number[], inFlight: number, room: number, windowMs: number, now: number): number {
  const over = ended.length + inFlight - room;
  if (over < 0) return 0;
  const leaves = ended[over];
  return leaves === undefined ? LOOK_AGAIN : Math.max(1, leaves + windowMs + MARGIN - now);
}

/** A call is about to leave: calls in flight count, or ten at once would all see the same room. */
export function sending(limits: Limits, kind: CallKind, now: number): Limits {
  const l = rolled(limits, now);
  return { ...l, inFlight: l.inFlight + 1, searchesInFlight: l.searchesInFlight + (kind === 'search' ? 1 : 0) };
}

/** An answer came, or none will. What the vendor counts and we don't is the others'.
 * @param headers `x-hubspot-ratelimit-max`, `…-remaining` and `…-interval-milliseconds`, lower case; empty when nothing was answered */
export function answered(limits: Limits, kind: CallKind, headers: ReadonlyMap<string, string>, now: number): Limits {
  const l = rolled(limits, now);
  const ended = [...l.ended, now];
  const inFlight = Math.max(0, l.inFlight - 1);
  const most = wholeNumber(headers.get('x-hubspot-ratelimit-max')) ?? l.most;
  const windowMs = wholeNumber(headers.get('x-hubspot-ratelimit-interval-milliseconds')) ?? l.windowMs;
  const remaining = wholeNumber(headers.get('x-hubspot-ratelimit-remaining'));
  // Those in flight may be counted by the vendor already: others are never taken for more than they are.
  const count = remaining === null ? l.others.count : Math.max(0, most - remaining - ended.length - inFlight);
  return {
    ...l,
    most,
    windowMs,
    ended,
    inFlight,
    others: remaining === null ? l.others : { count, until: now + windowMs },
    searches: kind === 'search' ? [...l.searches, now] : l.searches,
    searchesInFlight: Math.max(0, l.searchesInFlight - (kind === 'search' ? 1 : 0)),
  };
}

/** How long a refused account rests. A day's limit is the day budget's (see vendor-day.ts); without one it is asked again each quarter.
 * @param policy `policyName` of the 429; @param retryAfter the header, seconds */
export function restAfterRefusal(policy: string | undefined, retryAfter: string | undefined): number {
  const told = wholeNumber(retryAfter);
  if (told !== null) return Math.min(told * 1000, 15 * 60_000);
  if (policy === 'DAILY') return 15 * 60_000;
  return policy === 'SECONDLY' ? SECOND : 10_000;
}

export const refused = (limits: Limits, restMs: number, now: number): Limits => ({
  ...limits,
  blockedUntil: Math.max(limits.blockedUntil, now + restMs),
});

function rolled(l: Limits, now: number): Limits {
  const gone = (at: number, windowMs: number): boolean => at + windowMs + MARGIN <= now;
  const first = l.ended.findIndex((at) => !gone(at, l.windowMs));
  return {
    ...l,
    ended: first === -1 ? [] : l.ended.slice(first),
    searches: l.searches.filter((at) => !gone(at, SECOND)),
  };
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
