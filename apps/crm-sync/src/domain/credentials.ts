import type { CrmKind } from './connection-rules.js';
import { CredentialsInvalid } from './errors.js';

const LOGIN_HOSTS: Readonly<Record<string, string>> = {
  production: 'login.salesforce.com',
  sandbox: 'test.salesforce.com',
};
/** An org's own domain, also of its sandboxes: `nordkund.my.salesforce.com`, `nordkund--uat.sandbox.my.salesforce.com`. */
const MY_DOMAIN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.(sandbox|develop|scratch|trailblaze))?\.my\.salesforce\.com$/;

/** What a client gives us to sign in with: for HubSpot a refresh token; for Salesforce either that or the name of our user there, and where the org
 * signs in. Tokens go to Salesforce's own hosts only. @throws CredentialsInvalid */
export function requireCredentials(c: {
  readonly kind: CrmKind;
  readonly refreshToken?: string;
  readonly username?: string;
  readonly loginHost?: string;
}): { refreshToken?: string; username?: string; loginHost?: string } {
  const { refreshToken, username, loginHost = 'production' } = c;
  if (c.kind === 'hubspot') {
    if (!refreshToken || username || c.loginHost) throw new CredentialsInvalid('refresh-token-only');
    return { refreshToken };
  }
  if ((refreshToken === undefined) === (username === undefined))
    throw new CredentialsInvalid('username-or-refresh-token');
  const host = LOGIN_HOSTS[loginHost] ?? (MY_DOMAIN.test(loginHost) ? loginHost : undefined);
  if (!host) throw new CredentialsInvalid('login-host');
  return { loginHost: host, ...(username === undefined ? { refreshToken: refreshToken! } : { username }) };
}
