import { RetryLater } from '@avtala/contracts';
import { vendorCallsRemaining, watchVendor } from '@avtala/observability';
import type { Connection } from 'jsforce';
import { setTimeout as delay } from 'node:timers/promises';
import type { DayBudget } from '../day-budget.js';
import type { AccessToken, CallOptions, TokenSource } from '../needs.js';
import { ReconnectNeeded } from '../vendor-errors.js';
import { causeOf, isTransient, refusalOf, refusedOf } from './answers.js';

export const API_VERSION = '67.0';
const DEADLINE_MS = 10_000;
/** Salesforce names no end of a crowd; it lasts as long as the slow requests of others do. */
const CROWD_MS = 5_000;

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below /services/data/vNN. */
  readonly path: string;
  readonly body?: object;
  /** Instead of a JSON body. */
  readonly csv?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The API of one org through jsforce (34 MB, loaded at the first call), which is used for single requests only: it repeats no POST and no PATCH,
 * but GETs, knows nothing of leases or of other processes' sessions, and would send more than 200 records at once. */
export class SalesforceOrg {
  private connection: { readonly version: number; readonly made: Promise<Connection> } | undefined;
  private token: AccessToken | undefined;

  constructor(
    private readonly tokens: TokenSource,
    private readonly day: DayBudget | undefined,
  ) {}

  /** The vendor's id of our user, known once a call was made. */
  get ourselves(): string | undefined {
    return this.token?.as;
  }

  /** @throws RetryLater, DailyLimit, ReconnectNeeded, VendorRefused */
  async call<T>(call: Call, o: CallOptions): Promise<T> {
    const request = {
      method: call.method,
      url: `/services/data/v${API_VERSION}${call.path}`,
      headers: {
        ...(call.body ? { 'content-type': 'application/json' } : call.csv ? { 'content-type': 'text/csv' } : {}),
        ...call.headers,
      },
      ...(call.body ? { body: JSON.stringify(call.body) } : call.csv ? { body: call.csv } : {}),
    };
    return this.within(o, (connection, ms) =>
      connection.request<T>(request, { timeout: ms, retry: { maxRetries: 0, methods: [] } }),
    );
  }

  /** Out of the recycle bin, which only SOAP can. Records that are not there are no error.
   * @param ids at most 200 @returns those it refused */
  async emptyRecycleBin(ids: readonly string[], o: CallOptions): Promise<string[]> {
    const answer: unknown = await this.within(o, (connection) => connection.soap.emptyRecycleBin([...ids]));
    return refusedOf(answer).filter((id) => ids.includes(id));
  }

  private async within<T>(o: CallOptions, work: (connection: Connection, ms: number) => Promise<T>): Promise<T> {
    for (let renewed = false; ; renewed = true) {
      await this.day?.check(o.urgent ?? false);
      const connection = await this.connected();
      const ms = Math.min(DEADLINE_MS, o.until - Date.now());
      if (ms <= 0) throw new RetryLater('salesforce-no-time-left');
      let failed: unknown;
      try {
        return await watchVendor('salesforce', () => deadline(work(connection, ms), ms));
      } catch (error) {
        failed = error;
      } finally {
        await this.countDay(connection);
      }
      const { code, crowded } = causeOf(failed);
      if (code === 'INVALID_SESSION_ID') {
        if (renewed) throw new ReconnectNeeded();
        this.token = await this.tokens.renew(this.token!.version);
        continue;
      }
      if (code === 'REQUEST_LIMIT_EXCEEDED') {
        if (crowded || !this.day) throw new RetryLater('salesforce-crowded', CROWD_MS);
        await this.day.usedUp(refusalOf(failed));
      }
      if (code === undefined) throw new RetryLater('salesforce-unreachable'); // its words would repeat the address, and with it a query
      if (isTransient(code)) throw new RetryLater('salesforce-unavailable');
      throw refusalOf(failed);
    }
  }

  private async connected(): Promise<Connection> {
    const token = await this.tokens.current();
    const current = this.token && this.token.version > token.version ? this.token : token;
    this.token = current;
    if (this.connection?.version !== current.version) {
      const made = import('jsforce').then(
        ({ default: jsforce }) =>
          new jsforce.Connection({
            instanceUrl: current.at ?? '',
            accessToken: current.value,
            version: API_VERSION,
            logLevel: 'NONE',
          }),
      );
      this.connection = { version: current.version, made };
    }
    return this.connection.made;
  }

  private async countDay(connection: Connection): Promise<void> {
    const { used, limit } = connection.limitInfo.apiUsage ?? {};
    if (used === undefined || !limit) return;
    vendorCallsRemaining('salesforce', 'daily', Math.max(0, limit - used));
    await this.day?.heard(limit, Math.max(0, limit - used));
  }
}

/** SOAP calls of jsforce have no time limit of their own. What was cut off may have worked. */
async function deadline<T>(work: Promise<T>, ms: number): Promise<T> {
  const timer = new AbortController();
  try {
    return await Promise.race([
      work,
      delay(ms, undefined, { signal: timer.signal }).then(() => {
        throw new Error('timeout');
      }),
    ]);
  } finally {
    timer.abort();
    work.catch(() => undefined);
  }
}
