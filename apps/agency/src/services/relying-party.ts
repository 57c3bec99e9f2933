import type { AccessOptions } from '@avtala/access';

/** Who we are to an authenticator: the site's host, and the addresses of our own pages. */
export interface RelyingParty {
  readonly id: string;
  readonly origins: string[];
}

/** By the configured address; without one, by the host that was asked, as everywhere (libs/access, own-origin): a page of another site cannot
 * choose it, and the browser signs its own origin. */
export function relyingParty(options: AccessOptions, host: string | undefined): RelyingParty {
  const own = options.ownOrigins[0];
  if (own) return { id: new URL(own).hostname, origins: [...options.ownOrigins] };
  const origin = `http://${host ?? 'localhost'}`;
  return { id: new URL(origin).hostname, origins: [origin, origin.replace('http:', 'https:')] };
}
