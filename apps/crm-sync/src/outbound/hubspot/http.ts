import { RetryLater } from '@avtala/contracts';
import { vendorCallsRemaining, vendorResult, watchVendor } from '@avtala/observability';
import type { Client } from '@hubspot/api-client';
import { setTimeout as delay } from 'node:timers/promises';
import {
  answered,
  type CallKind,
  type Limits,
  NO_LIMITS_KNOWN,
  refused,
  restAfterRefusal,
  sending,
  waitFor,
} from '../../domain/limits.js';
import type { DayBudget } from '../day-budget.js';
import type { CallOptions, TokenSource } from '../needs.js';
import { ReconnectNeeded } from '../vendor-errors.js';
import { type Answer, policyOf, refusalOf } from './answers.js';

export interface HubSpotSettings {
  /** Root of the API, without a slash at the end. */
  readonly baseUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Our app's number, under which the vendor's history names what we wrote. */
  readonly appId?: string;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
}

const DEADLINE_MS = 10_000;
/** A wait for the vendor's window that is longer than this goes back to the due row instead of holding its lease. */
const LONGEST_WAIT_MS = 11_000;

const clients = new Map<string, Promise<Client>>();

/** The SDK is 56 MB: loaded at the first call, used for its generic request only, with its own retries off
 * (they would repeat a POST after a 5xx: two meetings). */
function sdk(baseUrl: string): Promise<Client> {
  const known = clients.get(baseUrl);
  if (known) return known;
  const loading = import('@hubspot/api-client').then(
    (hubspot) => new hubspot.Client({ basePath: baseUrl, numberOfApiCallRetries: 0 }),
  );
  clients.set(baseUrl, loading);
  return loading;
}

/** One request, answered within ten seconds of real time or RetryLater. What timed out may have worked: callers repeat by key. */
export async function send(
  baseUrl: string,
  call: Call & { readonly form?: URLSearchParams; readonly token?: string },
  deadlineMs = DEADLINE_MS,
): Promise<Answer> {
  const hubspot = await sdk(baseUrl);
  const timeout = new AbortController();
  try {
    return await Promise.race([
      exchange(hubspot, call),
      delay(Math.max(1, Math.min(deadlineMs, DEADLINE_MS)), undefined, { signal: timeout.signal }).then(() => {
        throw new RetryLater('hubspot-timeout');
      }),
    ]);
  } catch (cause) {
    if (cause instanceof RetryLater) throw cause;
    throw new RetryLater('hubspot-unreachable', undefined, { cause });
  } finally {
    timeout.abort();
  }
}

async function exchange(
  hubspot: Client,
  call: Call & { readonly form?: URLSearchParams; readonly token?: string },
): Promise<Answer> {
  const response = await hubspot.apiRequest({
    method: call.method,
    path: call.path,
    ...(call.query ? { qs: { ...call.query } } : {}),
    ...(call.form
      ? { defaultJson: false, body: call.form.toString() }
      : call.body
        ? { body: call.body }
        : { defaultJson: false }),
    headers: {
      ...(call.form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      ...(call.token ? { authorization: `Bearer ${call.token}` } : {}),
    },
  });
  const text = await response.text();
  let body: unknown;
  try {
    body = text ? JSON.parse(text) : undefined;
  } catch {
    body = undefined; // a proxy's error page: its status says enough
  }
  return { status: response.status, headers: new Map(response.headers), body };
}

/** The API of one account: limiter in memory, one renewal of an expired token, errors as ours. */
export class HubSpotAccount {
  private limits: Limits = NO_LIMITS_KNOWN;

  constructor(
    private readonly settings: HubSpotSettings,
    private readonly tokens: TokenSource,
    private readonly day: DayBudget | undefined,
  ) {}

  /** @returns the answer, if a success; or, if its status is among `expected`, that
   * @throws RetryLater, DailyLimit, ReconnectNeeded, VendorRefused */
  async call(call: Call, o: CallOptions, expected: readonly number[] = []): Promise<Answer> {
    let token = await this.tokens.current();
    for (let renewed = false; ; renewed = true) {
      const answer = await this.exchange({ ...call, token: token.value }, o);
      await this.countDay(answer);
      if (answer.status === 401) {
        if (renewed) throw new ReconnectNeeded();
        token = await this.tokens.renew(token.version);
        continue;
      }
      if (answer.status === 429) {
        if (policyOf(answer) === 'DAILY') await this.day?.usedUp(refusalOf(answer));
        const rest = restAfterRefusal(policyOf(answer), answer.headers.get('retry-after'));
        this.limits = refused(this.limits, rest, Date.now());
        throw new RetryLater('hubspot-rate-limit', rest);
      }
      if (answer.status >= 500 || answer.status === 408 || answer.status === 423)
        throw new RetryLater('hubspot-unavailable');
      if (answer.status >= 400 && !expected.includes(answer.status)) throw refusalOf(answer);
      return answer;
    }
  }

  /** One request in its turn; whatever comes of it, it is counted. */
  private async exchange(call: Call & { readonly token: string }, o: CallOptions): Promise<Answer> {
    const kind = call.path.endsWith('/search') ? 'search' : 'other';
    await this.day?.check(o.urgent ?? false);
    await this.turn(kind, o);
    let headers: Answer['headers'] = new Map();
    try {
      const answer = await watchVendor(
        'hubspot',
        () => send(this.settings.baseUrl, call, o.until - Date.now()),
        ({ status }) => vendorResult(status),
      );
      headers = answer.headers;
      return answer;
    } finally {
      this.limits = answered(this.limits, kind, headers, Date.now());
    }
  }

  private async countDay(answer: Answer): Promise<void> {
    const limit = Number(answer.headers.get('x-hubspot-ratelimit-daily'));
    const remaining = Number(answer.headers.get('x-hubspot-ratelimit-daily-remaining') ?? NaN);
    if (!(limit > 0) || !Number.isInteger(remaining)) return;
    vendorCallsRemaining('hubspot', 'daily', Math.max(0, remaining));
    await this.day?.heard(limit, Math.max(0, remaining));
  }

  private async turn(kind: CallKind, o: CallOptions): Promise<void> {
    for (;;) {
      const now = Date.now();
      const wait = waitFor(this.limits, kind, now);
      if (now + wait >= o.until) throw new RetryLater('hubspot-no-time-left', wait);
      if (wait === 0) break;
      if (wait > LONGEST_WAIT_MS) throw new RetryLater('hubspot-rate-limit', wait);
      await delay(wait);
    }
    this.limits = sending(this.limits, kind, Date.now());
  }
}
