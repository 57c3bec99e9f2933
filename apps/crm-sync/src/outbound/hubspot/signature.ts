import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

/** Older ones could be somebody's who wrote one down. Real time: the vendor's clock is not the business clock. */
const OLDEST_MS = 5 * 60_000;

/** In the address that is signed these stand for themselves, also where the request spells them as escapes (HubSpot's "Validating Requests"). */
const PLAIN: Readonly<Record<string, string>> = {
  ...{ '%3A': ':', '%2F': '/', '%3F': '?', '%40': '@', '%21': '!', '%24': '$' },
  ...{ '%27': "'", '%28': '(', '%29': ')', '%2A': '*', '%2C': ',', '%3B': ';' },
};
const plain = (uri: string): string => uri.replace(/%[0-9A-Fa-f]{2}/g, (e) => PLAIN[e.toUpperCase()] ?? e);

export interface Signed {
  readonly method: string;
  /** As the vendor called it: public address and query, whatever a proxy made of it. */
  readonly uri: string;
  readonly body: Buffer;
  /** `x-hubspot-request-timestamp`: ms since 1970. */
  readonly timestamp: string | undefined;
  /** `x-hubspot-signature-v3` */
  readonly signature: string | undefined;
}

/** The signature v3 of a request. */
export function signatureOf(secret: string, s: Omit<Signed, 'signature'>): string {
  return createHmac('sha256', createSecretKey(Buffer.from(secret, 'utf8')))
    .update(s.method + plain(s.uri))
    .update(s.body)
    .update(s.timestamp ?? '')
    .digest('base64');
}

/** Whether HubSpot sent it, less than five minutes ago. Compared in constant time; says nothing of what was wrong. */
export function isHubSpots(secret: string, s: Signed, nowMs: number): boolean {
  if (!s.signature || !s.timestamp || !/^\d{1,15}$/.test(s.timestamp)) return false;
  const given = Buffer.from(s.signature);
  const right = Buffer.from(signatureOf(secret, s));
  const same = given.length === right.length && timingSafeEqual(given, right);
  return same && Math.abs(nowMs - Number(s.timestamp)) <= OLDEST_MS;
}
