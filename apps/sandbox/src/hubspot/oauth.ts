import type { Tokens } from '../tokens.js';
import type { Asked, Reply } from '../web.js';

export const TOKEN_PATH = '/oauth/2026-09/token';
const LIFETIME_S = 1800;

/** Refresh tokens are `sandbox-refresh-<portal>`: whoever holds one has that account, which comes into being with its first use. */
export function portalOf(refreshToken: string | null): string | undefined {
  return /^sandbox-refresh-(\d{1,12})$/.exec(refreshToken ?? '')?.[1];
}

/** What a token stands for: a portal and the app that asked. */
export function accountOf(portal: string, clientId: string): string {
  return `${portal}/${encodeURIComponent(clientId)}`;
}

export function splitAccount(account: string): { portal: string; clientId: string } {
  const [portal = '', clientId = ''] = account.split('/');
  return { portal, clientId: decodeURIComponent(clientId) };
}

/** The token endpoint: 30 minutes of real time, since a client's notion of expiry is real time too. */
export function tokenReply(asked: Asked, tokens: Tokens, broken: boolean): Reply {
  const form = new URLSearchParams(asked.text);
  const refuse = (status: string, message: string): Reply => ({
    status: 400,
    body: { status, message, error: 'invalid_grant' },
  });
  const clientId = form.get('client_id');
  if (!clientId || !form.get('client_secret')) return refuse('BAD_CLIENT_ID', 'missing or invalid client id');
  if (form.get('grant_type') !== 'refresh_token') return refuse('BAD_GRANT_TYPE', 'only refresh_token is known here');
  const portal = portalOf(form.get('refresh_token'));
  if (!portal || broken) return refuse('BAD_REFRESH_TOKEN', 'missing or invalid refresh token');
  return {
    status: 200,
    body: {
      access_token: tokens.issue('hubspot', accountOf(portal, clientId), LIFETIME_S),
      refresh_token: form.get('refresh_token'),
      ...{ token_type: 'bearer', expires_in: LIFETIME_S, hub_id: Number(portal) },
    },
  };
}
