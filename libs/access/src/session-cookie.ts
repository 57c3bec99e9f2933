import { createHmac, timingSafeEqual } from 'node:crypto';

/** `__Host-` binds the cookie to this host, path / and Secure (ASVS 3.3.1). */
export const SESSION_COOKIE = '__Host-avtala';

/** The session token of a Cookie header, if its signature is ours. Checked before any database is asked.
 * The value is `token.base64(HMAC-SHA256(secret, token))`, URI-encoded, as better-auth 1.7.25 signs cookies.
 * @returns undefined for no cookie and for a forged one alike; also when the cookie comes twice, since it is then unclear whose it is */
export function sessionTokenOf(cookieHeader: string | undefined, secret: string): string | undefined {
  const values = cookieValues(cookieHeader, SESSION_COOKIE);
  if (values.length !== 1) return undefined;
  const value = decoded(values[0]!);
  const dot = value.lastIndexOf('.');
  if (dot < 1) return undefined;
  const token = value.slice(0, dot);
  // As text: decoding would take more than one spelling of the same signature.
  const given = Buffer.from(value.slice(dot + 1));
  const expected = Buffer.from(createHmac('sha256', secret).update(token).digest('base64'));
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
