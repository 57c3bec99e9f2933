import { RetryLater } from '@avtala/contracts';
import { createHash } from 'node:crypto';
import { CalendarRefused } from '../host-calendar.js';

export interface GoogleOAuth {
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
}

interface Access {
  token: string;
  /** Real time, ms. */
  until: number;
}

/** Access tokens by refresh token, in memory only. One refresh at a time for each. */
export class GoogleTokens {
  readonly #known = new Map<string, Promise<Access>>();

  constructor(private readonly oauth: GoogleOAuth) {}

  async token(refreshToken: string, deadlineMs: number): Promise<string> {
    const key = keyOf(refreshToken);
    const known = this.#known.get(key);
    if (known) {
      const access = await known.catch(() => undefined);
      if (access && access.until > Date.now()) return access.token;
    }
    const current = this.#known.get(key);
    if (current && current !== known) return (await current).token; // somebody else refreshed meanwhile
    const fresh = this.#refresh(refreshToken, deadlineMs);
    this.#known.set(key, fresh);
    try {
      return (await fresh).token;
    } catch (error) {
      if (this.#known.get(key) === fresh) this.#known.delete(key);
      throw error;
    }
  }

  /** Called on 401: the token at hand is no good any more. */
  forget(refreshToken: string): void {
    this.#known.delete(keyOf(refreshToken));
  }

  async #refresh(refreshToken: string, deadlineMs: number): Promise<Access> {
    let response: Response;
    let body: { access_token?: unknown; expires_in?: unknown } | undefined;
    try {
      response = await fetch(this.oauth.tokenUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          client_id: this.oauth.clientId,
          client_secret: this.oauth.clientSecret,
          refresh_token: refreshToken,
        }),
        redirect: 'error',
        signal: AbortSignal.timeout(deadlineMs),
      });
      body = (await response.json().catch(() => undefined)) as typeof body;
    } catch (cause) {
      throw new RetryLater('google-unreachable', undefined, { cause });
    }
    if (response.status === 429 || response.status >= 500) throw new RetryLater('google-token-later');
    if (!response.ok) throw new CalendarRefused('google-access-withdrawn');
    if (typeof body?.access_token !== 'string') throw new RetryLater('google-token-unreadable');
    const seconds = typeof body.expires_in === 'number' ? body.expires_in : 300;
    return { token: body.access_token, until: Date.now() + Math.max(0, seconds - 60) * 1000 };
  }
}

// The map's keys end up in heap dumps and debuggers: not the token itself.
const keyOf = (refreshToken: string): string => createHash('sha256').update(refreshToken).digest('base64');
