import { RetryLater } from '@avtala/contracts';
import type { FreshTokens } from '../needs.js';
import { ReconnectNeeded } from '../vendor-errors.js';
import { type HubSpotSettings, send } from './http.js';

/** Asks for a new access token. @throws ReconnectNeeded the refresh token is not valid any more; RetryLater */
export async function refreshTokens(settings: HubSpotSettings, refreshToken: string): Promise<FreshTokens> {
  const answer = await send(settings.baseUrl, {
    method: 'POST',
    path: '/oauth/2026-09/token',
    form: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: settings.clientId,
      client_secret: settings.clientSecret,
      refresh_token: refreshToken,
    }),
  });
  if (answer.status === 429 || answer.status >= 500) throw new RetryLater('hubspot-oauth-unavailable');
  const body = (answer.body ?? {}) as Record<string, unknown>;
  const accessToken = body['access_token'];
  if (answer.status !== 200 || typeof accessToken !== 'string') throw new ReconnectNeeded();
  const hub = body['hub_id'];
  return {
    accessToken,
    // HubSpot's refresh tokens do not rotate today; a vendor that sends a new one means it.
    refreshToken: typeof body['refresh_token'] === 'string' ? body['refresh_token'] : refreshToken,
    expiresIn: typeof body['expires_in'] === 'number' ? body['expires_in'] : 1800,
    portalId: typeof hub === 'number' || typeof hub === 'string' ? String(hub) : undefined,
  };
}
