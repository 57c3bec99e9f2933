import { ForeignOrigin } from './errors.js';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface OriginFacts {
  readonly method?: string | undefined;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
}

/** Requests that change something and carry a session cookie must say that they come from our own pages (ASVS 3.5.1): browsers always do,
 * other clients send `Origin` too. "Own" is the configured address, or, without one, the host the request was sent to: a page of another
 * site can choose neither Host nor Origin.
 * @throws ForeignOrigin on a foreign, null or absent Origin, and on Sec-Fetch-Site other than same-origin */
export function requireOwnOrigin(request: OriginFacts, ownOrigins: readonly string[]): void {
  if (SAFE_METHODS.has(request.method ?? '')) return;
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') throw new ForeignOrigin();
  if (typeof origin !== 'string' || !isOwn(origin, host, ownOrigins)) throw new ForeignOrigin();
}

function isOwn(origin: string, host: unknown, ownOrigins: readonly string[]): boolean {
  if (ownOrigins.length > 0) return ownOrigins.includes(origin);
  return typeof host === 'string' && (origin === `https://${host}` || origin === `http://${host}`);
}
