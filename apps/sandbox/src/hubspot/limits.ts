import type { Reply } from '../web.js';

/** What a portal allows; the vendor's numbers for an OAuth app. */
export interface Limits {
  perTenSeconds: number;
  perDay: number;
  searchesPerSecond: number;
}

/** Counts one portal's requests: its windows on real time, since a test clock must not refill a vendor's budget; its day on the test clock, since
 * midnight is a date. */
export class RateWindow {
  private recent: number[] = [];
  private searches: number[] = [];
  private day = '';
  private today = 0;

  constructor(
    private readonly limits: () => Limits,
    private readonly dayOf: () => string,
  ) {}

  /** Calls of the client's other apps. */
  spend(calls: number): void {
    this.roll(Date.now());
    this.today += calls;
  }

  /** @returns the policy that refuses this request, or undefined; a refused request is not counted */
  take(kind: 'search' | 'other', now = Date.now()): string | undefined {
    const { perTenSeconds, perDay, searchesPerSecond } = this.limits();
    this.roll(now);
    if (this.today >= perDay) return 'DAILY';
    if (kind === 'search' && this.searches.length >= searchesPerSecond) return 'SECONDLY';
    if (this.recent.length >= perTenSeconds) return 'TEN_SECONDLY_ROLLING';
    this.today += 1;
    this.recent.push(now);
    if (kind === 'search') this.searches.push(now);
    return undefined;
  }

  headers(): Record<string, string> {
    const { perTenSeconds, perDay } = this.limits();
    this.roll(Date.now());
    return {
      'x-hubspot-ratelimit-max': String(perTenSeconds),
      'x-hubspot-ratelimit-remaining': String(Math.max(0, perTenSeconds - this.recent.length)),
      'x-hubspot-ratelimit-interval-milliseconds': '10000',
      'x-hubspot-ratelimit-daily': String(perDay),
      'x-hubspot-ratelimit-daily-remaining': String(Math.max(0, perDay - this.today)),
    };
  }

  private roll(now: number): void {
    const day = this.dayOf();
    if (day !== this.day) [this.day, this.today] = [day, 0];
    const first = this.recent.findIndex((at) => at > now - 10_000);
    this.recent = first === -1 ? [] : this.recent.slice(first);
    this.searches = this.searches.filter((at) => at > now - 1_000);
  }
}

/** The vendor's 429. Only the ten-second and one-second policies pass by themselves. */
export function tooMany(policyName: string): Reply {
  const message =
    policyName === 'DAILY' ? 'You have reached your daily limit.' : `You have reached your ${policyName} limit.`;
  return {
    status: 429,
    body: { status: 'error', message, errorType: 'RATE_LIMIT', policyName, category: 'RATE_LIMITS' },
    headers: policyName === 'DAILY' ? {} : { 'retry-after': policyName === 'SECONDLY' ? '1' : '10' },
  };
}
