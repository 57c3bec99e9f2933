/** What we know of a vendor's limits for one connection. Milliseconds of real time: vendors know nothing of our business clock. */
export interface Limits {
  /** Calls left in the running window; null before the vendor said anything. */
  readonly remaining: number | null;
  readonly windowEndsAt: number;
  /** Set by a 429: nothing is sent before. */
  readonly blockedUntil: number;
}

export const NO_LIMITS_KNOWN: Limits = { remaining: null, windowEndsAt: 0, blockedUntil: 0 };

/** The client's other integrations draw from the same account: a few calls of each window are left to them. */
const LEFT_FOR_OTHERS = 5;
const TEN_SECONDS = 10_000;

/** How long to wait before the next call, in ms; 0 = go. */
export function waitFor(limits: Limits, now: number): number {
  const blocked = limits.blockedUntil - now;
  const used = limits.remaining !== null && limits.remaining <= LEFT_FOR_OTHERS ? limits.windowEndsAt - now : 0;
  return Math.max(0, blocked, used);
}

/** A call is about to leave: calls in flight count, or ten at once would all see the same rest. */
export function sending(limits: Limits, now: number): Limits {
  if (now >= limits.windowEndsAt) return { ...limits, remaining: null, windowEndsAt: now + TEN_SECONDS };
  return { ...limits, remaining: limits.remaining === null ? null : limits.remaining - 1 };
}

/** The vendor's own count is taken over when it is lower than ours, or the first we hear.
 * @param headers `x-hubspot-ratelimit-remaining` and `…-interval-milliseconds`, lower case */
export function answered(limits: Limits, headers: ReadonlyMap<string, string>, now: number): Limits {
  const remaining = wholeNumber(headers.get('x-hubspot-ratelimit-remaining'));
  if (remaining === null) return limits;
  const interval = wholeNumber(headers.get('x-hubspot-ratelimit-interval-milliseconds')) ?? TEN_SECONDS;
  return {
    ...limits,
    remaining: limits.remaining === null ? remaining : Math.min(limits.remaining, remaining),
    windowEndsAt: limits.windowEndsAt > now ? limits.windowEndsAt : now + interval,
  };
}

/** How long a refused connection rests. Daily limits end at midnight of the account's own zone, which we are not told: asked again each quarter.
 * @param policy `policyName` of the 429; @param retryAfter the header, seconds */
export function restAfterRefusal(policy: string | undefined, retryAfter: string | undefined): number {
  const told = wholeNumber(retryAfter);
  if (told !== null) return Math.min(told * 1000, 15 * 60_000);
  if (policy === 'DAILY') return 15 * 60_000;
  if (policy === 'SECONDLY') return 1_000;
  return TEN_SECONDS;
}

export const refused = (limits: Limits, restMs: number, now: number): Limits => ({
  remaining: null,
  windowEndsAt: limits.windowEndsAt,
  blockedUntil: Math.max(limits.blockedUntil, now + restMs),
});

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
