import { Injectable } from '@nestjs/common';
import { AccessOptions, type Principal, SESSION_COOKIE } from '@avtala/access';
import { Db, noEngagement, rows } from '@avtala/database';
import { log } from '@avtala/observability';
import type { Answered, Asked } from './auth-door.js';
import { AuthEvents } from './auth-events.js';
import { onlyText } from './library-ceremonies.js';
import type { Offered } from './own-ceremonies.js';
import { openHint, ProviderOptions } from './provider-sign-in.js';

const PROVIDER_DEADLINE_MS = 2_000;
const OVER = 'Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax';

/** Signing out: ours ends always and first; where it was opened through the provider, the answer says where to end that one too. */
@Injectable()
export class SignOut {
  constructor(
    private readonly db: Db,
    private readonly provider: ProviderOptions,
    private readonly events: AuthEvents,
    private readonly options: AccessOptions,
  ) {}

  readonly offered: Offered = {
    'POST /sign-out': { who: 'anyone', answer: (asked, caller) => this.answer(asked, caller) },
  };

  private async answer(asked: Asked, caller: Principal | undefined): Promise<Answered> {
    onlyText(asked.body, []);
    const hint = caller ? await this.end(caller) : null;
    return {
      status: 200,
      body: { success: true, logoutUrl: hint ? await this.logoutUrl(asked, hint) : null },
      cookies: [SESSION_COOKIE, `${SESSION_COOKIE}.two_factor`].map((name) => `${name}=; ${OVER}`),
      headers: { 'clear-site-data': '"cache", "storage"' },
    };
  }

  private end(caller: Principal): Promise<string | null> {
    return this.db.withScope(noEngagement, async (tx) => {
      const [ended] = await rows<{ provider_hint: string | null }>(
        tx,
        `with ended as (delete from auth_session where id = $1 returning provider_hint) select provider_hint from ended`,
        [caller.sessionId],
      );
      if (!ended) return null;
      await this.events.record(tx, { ...caller, action: 'sign-out' });
      return ended.provider_hint;
    });
  }

  private async logoutUrl(asked: Asked, hint: string): Promise<string | null> {
    const { provider } = this.provider;
    if (!provider) return null;
    const backTo = new URL('/sign-in', this.options.ownOrigins[0] ?? `http://${asked.headers.host ?? 'localhost'}`);
    const late = new Promise<undefined>((done) => setTimeout(done, PROVIDER_DEADLINE_MS, undefined).unref());
    try {
      const url = provider.logoutUrl(await openHint(this.options, hint), backTo.href);
      url.catch(() => undefined); // it may fail after we stopped waiting
      return (await Promise.race([url, late])) ?? null;
    } catch (error) {
      log.warn('sign-out.provider-away', {}, error);
      return null;
    }
  }
}
