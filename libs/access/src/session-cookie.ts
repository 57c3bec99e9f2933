import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

/** `__Host-` binds the cookie to this host, path / and Secure (ASVS 3.3.1). */
export const SESSION_COOKIE = '__Host-avtala';

/** Longest life of a session, seconds (docs/security.md §1.3 rule 9); its row may end earlier. */
export const SESSION_SECONDS = 12 * 3600;

/** The Set-Cookie line that hands a session's token to the browser, signed as `sessionTokenOf` checks it. */
export function sessionCookie(token: string, secret: string): string {
  const value = encodeURIComponent(`${token}.${signatureOf(token, secret)}`);
  return `${SESSION_COOKIE}=${value}; Max-Age=${SESSION_SECONDS}; Path=/; HttpOnly; Secure; SameSite=Lax`;
}

const signatureOf = (token: string, secret: string): string =>
  createHmac('sha256', keyOf(secret)).update(token).digest('base64');

const keys = new Map<string, KeyObject>();
/** As text a key costs five times as much per use; a process has one. */
function keyOf(secret: string): KeyObject {
  let key = keys.get(secret);
  if (!key) keys.set(secret, (key = createSecretKey(secret, 'utf8')));
  return key;
}

/** The session token of a Cookie header, if its signature is ours. Checked before any database is asked.
 * The value is `token.base64(HMAC-SHA256(secret, token))`, URI-encoded, as better-auth 1.7.25 signs cookies.
 * @returns undefined for no cookie and for a forged one alike; also when the cookie comes twice, since it is then unclear whose it is */
export function sessionTokenOf(cookieHeader: string | undefined, secret: string): string | undefined {
  return signedCookie(cookieHeader, SESSION_COOKIE, secret);
}

/** Another cookie of better-auth's, signed the same way (the challenge between password and code).
 * @returns its value without the signature; undefined as for `sessionTokenOf` */
export function signedCookie(cookieHeader: string | undefined, name: string, secret: string): string | undefined {
  const values = cookieValues(cookieHeader, name);
  if (values.length !== 1) return undefined;
  const value = decoded(values[0]!);
  const dot = value.lastIndexOf('.');
  if (dot < 1) return undefined;
  const token = value.slice(0, dot);
  // As text: decoding would take more than one spelling of the same signature.
  const given = Buffer.from(value.slice(dot + 1));
  const expected = Buffer.from(signatureOf(token, secret));
  return given.length === expected.length && timingSafeEqual(given, expected) ? token : undefined;
}

/** Whether a browser would send credentials of ours along: the request must then prove where it comes from. */
export function hasSessionCookie(cookieHeader: string | undefined): boolean {
  return cookieValues(cookieHeader, SESSION_COOKIE).length > 0;
}

function cookieValues(header: string | undefined, name: string): string[] {
  return (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return '';
  }
}
