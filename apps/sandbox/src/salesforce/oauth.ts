import { randomBytes, verify } from 'node:crypto';
import type { Tokens } from '../tokens.js';
import type { Asked, Reply } from '../web.js';
import { idOf, numberOf } from './ids.js';
import type { Org } from './org.js';
import type { Orgs } from './orgs.js';

export const TOKEN_PATH = '/services/oauth2/token';
const LONGEST_ASSERTION_S = 300;
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Login hosts, which are the audiences of assertions too. */
export const LOGIN_HOSTS = {
  production: 'https://login.salesforce.com',
  sandbox: 'https://test.salesforce.com',
} as const;

/** What a session stands for. */
export interface Session {
  org: string;
  /** Name of the grant by refresh token; absent for an assertion. */
  grant?: string;
}

export const splitAccount = (account: string): Session => {
  const [org = '', grant] = account.split('/');
  return grant ? { org, grant } : { org };
};

/** Our integration user of an org. */
export const userOf = (org: Org): string => idOf('005', numberOf(`${org.name} integration`));

const refuse = (error: string, error_description: string): Reply => ({
  status: 400,
  body: { error, error_description },
});

/** The token endpoint. Answers never say when a session ends. */
export async function tokenReply(
  asked: Asked,
  orgs: Orgs,
  tokens: Tokens,
  o: { broken: boolean; instanceUrl: string },
): Promise<Reply> {
  const form = new URLSearchParams(asked.text);
  if (o.broken) return refuse('invalid_grant', 'expired access/refresh token');
  switch (form.get('grant_type')) {
    case JWT_BEARER:
      return byAssertion(form, orgs, tokens, o.instanceUrl);
    case 'refresh_token':
      return byRefresh(form, orgs, tokens, o.instanceUrl);
    default:
      return refuse('unsupported_grant_type', 'grant type not supported');
  }
}

interface Claims {
  iss?: unknown;
  sub?: unknown;
  aud?: unknown;
  exp?: unknown;
}

const decoded = <T>(part: string | undefined): T | undefined => {
  try {
    return JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8')) as T;
  } catch {
    return undefined;
  }
};

/** RFC 7523: signed by the app's certificate, in our name, for this login host, five minutes at the most. */
async function byAssertion(form: URLSearchParams, orgs: Orgs, tokens: Tokens, instanceUrl: string): Promise<Reply> {
  const [head, body, signature, more] = (form.get('assertion') ?? '').split('.');
  const header = decoded<{ alg?: unknown }>(head);
  const claims = decoded<Claims>(body);
  if (!header || !claims || !signature || more !== undefined) return refuse('invalid_grant', 'invalid assertion');
  if (header.alg !== 'RS256') return refuse('invalid_grant', 'algorithm not supported');
  const certificate = typeof claims.iss === 'string' ? orgs.certificate(claims.iss) : undefined;
  if (!certificate) return refuse('invalid_client_id', 'client identifier invalid');
  const good = verify('sha256', Buffer.from(`${head}.${body}`), certificate, Buffer.from(signature, 'base64url'));
  if (!good) return refuse('invalid_grant', 'invalid assertion');
  const now = Date.now() / 1000;
  if (typeof claims.exp !== 'number' || claims.exp <= now || claims.exp > now + LONGEST_ASSERTION_S)
    return refuse('invalid_grant', 'expired authorization code');
  const name = /^integration@([a-z][a-z0-9-]{0,40})\.example$/.exec(String(claims.sub))?.[1];
  if (!name) return refuse('invalid_grant', "user hasn't approved this consumer");
  const org = await orgs.org(name);
  if (claims.aud !== LOGIN_HOSTS[org.settings.login]) return refuse('invalid_grant', 'audience is invalid');
  if (org.grant('jwt') === null) return refuse('invalid_grant', "user hasn't approved this consumer");
  return { status: 200, body: answer(org, tokens.issue('salesforce', `${name}/jwt`, seconds(org)), instanceUrl) };
}

const seconds = (org: Org): number => org.settings.sessionSeconds;

/** First refresh tokens are `sandbox-salesforce-<org>` or `sandbox-salesforce-<org>.<name>`, a grant each. Every use gives a new token; an old one
 * that comes back ends the grant, whoever holds the new one. */
async function byRefresh(form: URLSearchParams, orgs: Orgs, tokens: Tokens, instanceUrl: string): Promise<Reply> {
  if (!form.get('client_id')) return refuse('invalid_client_id', 'client identifier invalid');
  if (!form.get('client_secret')) return refuse('invalid_client', 'invalid client credentials');
  const token = form.get('refresh_token') ?? '';
  const found = /^sandbox-salesforce-([a-z][a-z0-9-]{0,40}?)(?:\.([a-z0-9]{1,20}))?(?:~[\w-]{20,})?$/.exec(token);
  if (!found) return refuse('invalid_grant', 'expired access/refresh token');
  const [, name = '', given = 'first'] = found;
  const org = await orgs.org(name);
  const good = org.grant(given);
  const mac = tokens.mac(token);
  const fresh = good === undefined && !token.includes('~');
  if (!fresh && good !== mac) {
    if (good !== null) org.counts.killedGrants += 1;
    await org.setGrant(given, null);
    return refuse('invalid_grant', 'expired access/refresh token');
  }
  const next = `sandbox-salesforce-${name}.${given}~${randomBytes(18).toString('base64url')}`;
  await org.setGrant(given, tokens.mac(next));
  org.counts.refreshes += 1;
  const access = tokens.issue('salesforce', `${name}/${given}`, seconds(org));
  return { status: 200, body: { ...answer(org, access, instanceUrl), refresh_token: next } };
}

const answer = (org: Org, access: string, instanceUrl: string) => ({
  access_token: access,
  instance_url: instanceUrl,
  id: `${LOGIN_HOSTS[org.settings.login]}/id/${org.id}/${userOf(org)}`,
  token_type: 'Bearer',
  scope: 'api refresh_token',
  issued_at: String(Date.now()),
});
