import { Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { seal, unseal, Vault } from '@avtala/vault';
import { Injectable } from '@nestjs/common';
import { CrmSyncConfig } from '../config.js';
import { type HubSpotSettings } from '../outbound/hubspot/http.js';
import { refreshTokens } from '../outbound/hubspot/oauth.js';
import type { AccessToken, TokenSource } from '../outbound/needs.js';
import { ReconnectNeeded } from '../outbound/vendor-errors.js';
import { readTokens, saveTokens, type SealedTokens } from '../storage/connections.js';

interface Tokens {
  refreshToken: string;
  accessToken?: string;
  /** Real time, ms since the epoch: vendors' tokens know nothing of the business clock. */
  expiresAt?: number;
}
type Remembered = AccessToken & { readonly expiresAt: number };

/** A token is not used in its last half minute: the call it leaves with could arrive too late. */
const SPARE_MS = 30_000;

export const hubSpotSettings = (config: CrmSyncConfig): HubSpotSettings => ({
  baseUrl: config.HUBSPOT_BASE_URL.replace(/\/+$/, ''),
  clientId: config.HUBSPOT_CLIENT_ID,
  clientSecret: config.HUBSPOT_CLIENT_SECRET,
  ...(config.HUBSPOT_APP_ID ? { appId: config.HUBSPOT_APP_ID } : {}),
});

/** Tokens of connections: sealed under the connection's own key, refreshed once however many find them expired. */
@Injectable()
export class ConnectionTokens {
  private readonly remembered = new Map<string, Remembered>();

  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly config: CrmSyncConfig,
  ) {}

  /** Makes the connection's key and seals its refresh token. */
  async sealNew(connectionId: string, refreshToken: string): Promise<Buffer> {
    const key = await this.vault.create('connection', connectionId);
    return seal(key, aad(connectionId), { refreshToken } satisfies Tokens);
  }

  /** Destroys the key: what was sealed opens no more, here or in any copy. @returns keys left */
  async destroy(connectionId: string, orderId: string | null): Promise<number> {
    this.remembered.delete(connectionId);
    await this.vault.destroy('connection', [connectionId], orderId);
    return this.vault.remaining('connection', [connectionId]);
  }

  sourceOf(connection: { id: string; engagementId: string }): TokenSource {
    return {
      current: () => this.current(connection),
      renew: (stale) => this.renew(connection, stale),
    };
  }

  private async current(connection: { id: string; engagementId: string }): Promise<AccessToken> {
    const known = this.remembered.get(connection.id);
    if (known && known.expiresAt > Date.now() + SPARE_MS) return known;
    const row = await this.db.withScope(scopeOf(connection.engagementId), (tx) => readTokens(tx, connection.id));
    const stored = await this.opened(connection.id, row);
    if (stored.accessToken && (stored.expiresAt ?? 0) > Date.now() + SPARE_MS)
      return this.remember(connection.id, stored.accessToken, row!.version, stored.expiresAt!);
    return this.renew(connection, row!.version);
  }

  /** The one exception to "no vendor call inside a transaction": the row's lock is what makes ten refreshes one, it covers nothing but the
   * tokens, and the call ends in ten seconds, before the server's limit for idle transactions. */
  private async renew(connection: { id: string; engagementId: string }, stale: number): Promise<AccessToken> {
    const { id } = connection;
    const key = (await this.vault.open('connection', [id], 'crm')).get(id);
    if (!key) throw new ReconnectNeeded();
    return this.db.withScope(scopeOf(connection.engagementId), async (tx) => {
      const row = await readTokens(tx, id, true);
      if (!row) throw new Missing('connection');
      const stored = unseal(key, aad(id), row.sealed) as unknown as Tokens;
      if (row.version > stale && stored.accessToken && (stored.expiresAt ?? 0) > Date.now() + SPARE_MS)
        return this.remember(id, stored.accessToken, row.version, stored.expiresAt!);
      const fresh = await refreshTokens(hubSpotSettings(this.config), stored.refreshToken);
      const tokens: Tokens = {
        refreshToken: fresh.refreshToken,
        accessToken: fresh.accessToken,
        expiresAt: Date.now() + fresh.expiresIn * 1000,
      };
      await saveTokens(tx, id, seal(key, aad(id), tokens), fresh.portalId);
      return this.remember(id, fresh.accessToken, row.version + 1, tokens.expiresAt!);
    });
  }

  private async opened(id: string, row: SealedTokens | undefined): Promise<Tokens> {
    if (!row) throw new Missing('connection');
    const key = (await this.vault.open('connection', [id], 'crm')).get(id);
    if (!key) throw new ReconnectNeeded();
    return unseal(key, aad(id), row.sealed) as unknown as Tokens;
  }

  private remember(id: string, value: string, version: number, expiresAt: number): AccessToken {
    const token = { value, version, expiresAt };
    this.remembered.set(id, token);
    return token;
  }
}

const aad = (connectionId: string): string => `crm-connection:${connectionId}`;
