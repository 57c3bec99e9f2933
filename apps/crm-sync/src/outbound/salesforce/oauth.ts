import { RetryLater } from '@avtala/contracts';
import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FreshTokens } from '../needs.js';
import { ReconnectNeeded, VendorRefused } from '../vendor-errors.js';

export interface SalesforceSettings {
  /** Consumer key of the agency's External Client App. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** PEM file with the private key whose certificate the app carries. */
  readonly jwtKeyFile?: string;
  /** The sandbox's stand-in, instead of Salesforce's own hosts. */
  readonly loginUrl?: string;
}

/** How a client lets us in: in the name of a user by the agency's key (nothing that could get lost), or by a refresh token, which is good once. */
export interface SalesforceCredentials {
  /** `login.salesforce.com`, `test.salesforce.com`, or the org's own domain. */
  readonly loginHost: string;
  readonly username?: string;
  readonly refreshToken?: string;
}

const DEADLINE_MS = 10_000;
/** Salesforce takes five minutes at the most. */
const ASSERTION_S = 180;

/** Whether an address is Salesforce's: a token is sent nowhere else, whatever an answer says. */
export const isSalesforceHost = (host: string): boolean => /^([a-z0-9-]+\.){1,5}salesforce\.com$/.test(host);

/** Which login host an assertion is for: the org's own domain signs in for one of the two. */
const audienceOf = (loginHost: string): string =>
  loginHost === 'test.salesforce.com' || loginHost.includes('.sandbox.')
    ? 'https://test.salesforce.com'
    : 'https://login.salesforce.com';

/** Asks for a new session. @throws ReconnectNeeded the client took our access back, or the refresh token was used before; RetryLater;
 * VendorRefused `jwt-key-missing` */
export async function salesforceTokens(s: SalesforceSettings, c: SalesforceCredentials): Promise<FreshTokens> {
  const form: Record<string, string> =
    c.username === undefined
      ? {
          grant_type: 'refresh_token',
          client_id: s.clientId,
          client_secret: s.clientSecret,
          refresh_token: c.refreshToken ?? '',
        }
      : { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: await assertion(s, c) };
  const { status, body } = await post(s.loginUrl ?? `https://${c.loginHost}`, form);
  if (status === 429 || status >= 500) throw new RetryLater('salesforce-oauth-unavailable');
  const { access_token: accessToken, instance_url: at, id, refresh_token: refreshToken } = body;
  if (status !== 200 || typeof accessToken !== 'string' || typeof at !== 'string') throw new ReconnectNeeded();
  if (!(s.loginUrl ? at === s.loginUrl : isOurs(at))) throw new VendorRefused('instance-elsewhere', 400);
  const [org, user] = typeof id === 'string' ? id.split('/').slice(-2) : [];
  return {
    accessToken,
    at,
    ...(user ? { as: user } : {}),
    // With rotation each answer brings the next one; without, the old one stays good.
    ...(c.refreshToken ? { refreshToken: typeof refreshToken === 'string' ? refreshToken : c.refreshToken } : {}),
    portalId: org,
  };
}

const isOurs = (url: string): boolean =>
  URL.canParse(url) && new URL(url).protocol === 'https:' && isSalesforceHost(new URL(url).hostname);

async function assertion(s: SalesforceSettings, c: SalesforceCredentials): Promise<string> {
  if (!s.jwtKeyFile) throw new VendorRefused('jwt-key-missing', 400);
  const key = createPrivateKey(await readFile(s.jwtKeyFile, 'utf8'));
  const part = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url');
  const claims = { iss: s.clientId, sub: c.username, aud: audienceOf(c.loginHost) };
  const exp = Math.floor(Date.now() / 1000) + ASSERTION_S;
  const text = `${part({ alg: 'RS256' })}.${part({ ...claims, exp })}`;
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

async function post(
  root: string,
  form: Record<string, string>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  try {
    const response = await fetch(`${root}/services/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
      redirect: 'error',
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const body = (await response.json().catch(() => undefined)) as Record<string, unknown> | undefined;
    return { status: response.status, body: body ?? {} };
  } catch (cause) {
    throw new RetryLater('salesforce-oauth-unreachable', undefined, { cause });
  }
}
