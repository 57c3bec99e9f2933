import { Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { seal, unseal, Vault } from '@avtala/vault';
import { Injectable } from '@nestjs/common';
import { CrmSyncConfig } from '../config.js';
import type { CrmKind } from '../domain/connection-rules.js';
import { type HubSpotSettings } from '../outbound/hubspot/http.js';
import { refreshTokens } from '../outbound/hubspot/oauth.js';
import type { AccessToken, FreshTokens, TokenSource } from '../outbound/needs.js';
import { salesforceTokens, type SalesforceSettings } from '../outbound/salesforce/oauth.js';
import { ReconnectNeeded, VendorRefused } from '../outbound/vendor-errors.js';
import { readTokens, saveTokens, type SealedTokens } from '../storage/connections.js';

/** How a client let us in. */
export interface Credentials {
  /** Absent where we sign in by our own key in a user's name. */
  readonly refreshToken?: string;
  readonly username?: string;
  /** Salesforce: where the org signs in. */
  readonly loginHost?: string;
}

interface Tokens extends Credentials {
  accessToken?: string;
  /** Real time, ms since the epoch: vendors' tokens know nothing of the business clock. Absent: good until the vendor refuses it. */
  expiresAt?: number;
  at?: string;
  as?: string;
}
type Remembered = AccessToken & { readonly expiresAt: number };
type Of = { readonly id: string; readonly engagementId: string; readonly kind: CrmKind };

/** A token is not used in its last half minute: the call it leaves with could arrive too late. */
const SPARE_MS = 30_000;

export const hubSpotSettings = (config: CrmSyncConfig): HubSpotSettings => ({
  baseUrl: config.HUBSPOT_BASE_URL.replace(/\/+$/, ''),
  clientId: config.HUBSPOT_CLIENT_ID,
  clientSecret: config.HUBSPOT_CLIENT_SECRET,
  ...(config.HUBSPOT_APP_ID ? { appId: config.HUBSPOT_APP_ID } : {}),
});

export const salesforceSettings = (config: CrmSyncConfig): SalesforceSettings => ({
  clientId: config.SALESFORCE_CLIENT_ID,
  clientSecret: config.SALESFORCE_CLIENT_SECRET,
  ...(config.SALESFORCE_JWT_KEY_FILE ? { jwtKeyFile: config.SALESFORCE_JWT_KEY_FILE } : {}),
  ...(config.SALESFORCE_LOGIN_URL ? { loginUrl: config.SALESFORCE_LOGIN_URL.replace(/\/+$/, '') } : {}),
});

/** Tokens of connections: sealed under the connection's own key, refreshed once however many find them expired. */
@Injectable()
export class ConnectionTokens {
  private readonly remembered = new Map<string, Remembered>();
  /** The vendor gave them and the database did not take them: the refresh token before them is spent, so they are stored by the next try. */
  private readonly unsaved = new Map<string, { readonly version: number; readonly fresh: FreshTokens }>();

  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly config: CrmSyncConfig,
  ) {}

  /** Makes the connection's key and seals what the client gave us. */
  async sealNew(connectionId: string, credentials: Credentials): Promise<Buffer> {
    const key = await this.vault.create('connection', connectionId);
    return seal(key, aad(connectionId), { ...credentials } satisfies Tokens);
  }

  /** Seals what a client gave us instead, under the connection's key. @throws ReconnectNeeded the key is gone */
  async reseal(connectionId: string, credentials: Credentials): Promise<Buffer> {
    const key = (await this.vault.open('connection', [connectionId], 'crm')).get(connectionId);
    if (!key) throw new ReconnectNeeded();
    return seal(key, aad(connectionId), { ...credentials } satisfies Tokens);
  }

  /** The tokens were replaced: those in memory are another connection's, as it were. */
  forget(connectionId: string): void {
    this.remembered.delete(connectionId);
    this.unsaved.delete(connectionId);
  }

  /** Destroys the key: what was sealed opens no more, here or in any copy. @returns keys left */
  async destroy(connectionId: string, orderId: string | null): Promise<number> {
    this.forget(connectionId);
    await this.vault.destroy('connection', [connectionId], orderId);
    return this.vault.remaining('connection', [connectionId]);
  }

  sourceOf(connection: Of): TokenSource {
    return {
      current: () => this.current(connection),
      renew: (stale) => this.renew(connection, stale),
    };
  }

  private async current(connection: Of): Promise<AccessToken> {
    const known = this.remembered.get(connection.id);
    if (known && known.expiresAt > Date.now() + SPARE_MS) return known;
    const row = await this.db.withScope(scopeOf(connection.engagementId), (tx) => readTokens(tx, connection.id));
    const stored = await this.opened(connection.id, row);
    if (isGood(stored)) return this.remember(connection.id, stored, row!.version);
    return this.renew(connection, row!.version);
  }

  /** The one exception to "no vendor call inside a transaction": the row's lock is what makes ten refreshes one, it covers nothing but the
   * tokens, and the call ends in ten seconds, before the server's limit for idle transactions. A new refresh token is committed before anything
   * is done with the session that came with it. If we die in between, it is lost: where the vendor rotates them (Salesforce), the old one has been
   * used, its next use ends the connection, and that is said (`reconnect-needed`). Trying it is right all the same: the request may never have
   * left. Sign-in by our own key has no such moment. */
  private async renew(connection: Of, stale: number): Promise<AccessToken> {
    const { id } = connection;
    const key = (await this.vault.open('connection', [id], 'crm')).get(id);
    if (!key) throw new ReconnectNeeded();
    const good = await this.db.withScope(scopeOf(connection.engagementId), async (tx) => {
      const row = await readTokens(tx, id, true);
      if (!row) throw new Missing('connection');
      const stored = unseal(key, aad(id), row.sealed) as unknown as Tokens;
      if (row.version > stale && isGood(stored)) return { stored, version: row.version };
      // A transaction that is repeated, or failed, must not use the old token twice.
      const asked = this.unsaved.get(id);
      const fresh = asked?.version === row.version ? asked.fresh : await this.ask(connection.kind, stored);
      this.unsaved.set(id, { version: row.version, fresh });
      const { accessToken, refreshToken, expiresIn, at, as, portalId } = fresh;
      const { expiresAt: _, ...kept } = stored;
      const tokens: Tokens = {
        ...kept,
        accessToken,
        ...(refreshToken ? { refreshToken } : {}),
        ...(expiresIn === undefined ? {} : { expiresAt: Date.now() + expiresIn * 1000 }),
        ...(at ? { at } : {}),
        ...(as ? { as } : {}),
      };
      // Links lead into the account it was: told to another one, the person would be made there a second time.
      if (!(await saveTokens(tx, id, seal(key, aad(id), { ...tokens }), portalId)))
        throw new VendorRefused('other-account', 409);
      return { stored: tokens, version: row.version + 1 };
    });
    this.unsaved.delete(id);
    return this.remember(id, good.stored, good.version);
  }

  private ask(kind: CrmKind, { refreshToken, username, loginHost }: Tokens): Promise<FreshTokens> {
    if (kind === 'hubspot') return refreshTokens(hubSpotSettings(this.config), refreshToken ?? '');
    return salesforceTokens(salesforceSettings(this.config), {
      loginHost: loginHost ?? 'login.salesforce.com',
      ...(username ? { username } : {}),
      ...(refreshToken ? { refreshToken } : {}),
    });
  }

  private async opened(id: string, row: SealedTokens | undefined): Promise<Tokens> {
    if (!row) throw new Missing('connection');
    const key = (await this.vault.open('connection', [id], 'crm')).get(id);
    if (!key) throw new ReconnectNeeded();
    return unseal(key, aad(id), row.sealed) as unknown as Tokens;
  }

  private remember(id: string, { accessToken, expiresAt, at, as }: Tokens, version: number): AccessToken {
    const token: Remembered = {
      value: accessToken ?? '',
      version,
      expiresAt: expiresAt ?? Infinity,
      ...(at ? { at } : {}),
      ...(as ? { as } : {}),
    };
    const known = this.remembered.get(id);
    if (!known || known.version <= version) this.remembered.set(id, token);
    return token;
  }
}

const isGood = (t: Tokens): boolean =>
  t.accessToken !== undefined && (t.expiresAt === undefined || t.expiresAt > Date.now() + SPARE_MS);

const aad = (connectionId: string): string => `crm-connection:${connectionId}`;
