import { domainToASCII } from 'node:url';
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import { usualSwedishPhone } from './swedish-phone.js';

/** One address in two spellings: search uses `strict`, suppression checks both (security.md §3.5). */
export interface NormalisedEmail {
  /** NFKC, trimmed, lower case, domain in ASCII (IDNA), trailing dot off. */
  readonly strict: string;
  /** As strict, with the plus-tag off; at Gmail also without dots: both reach the same person. */
  readonly loose: string;
}

const GMAIL = new Set(['gmail.com', 'googlemail.com']);
const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** ASCII, and no number as a URL may write an IP address: IDNA has nothing to do there, and costs 3 µs to find out. */
const PLAIN_DOMAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z][a-z-]*$/;

/** An address as nearly all are written: none of what the general rules below look for can be in it. */
const USUAL = /^([a-z0-9._'-]{1,64})(\+[a-z0-9._'+-]*)?@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,5}[a-z]{2,63})$/;

/** Brings every spelling of an e-mail address to one. null when the text is no address. */
export function normaliseEmail(text: string): NormalisedEmail | null {
  if (text.length > 1000) return null;
  return usualEmail(text.trim().toLowerCase()) ?? anyEmail(text);
}

function usualEmail(text: string): NormalisedEmail | null {
  if (text.length > 200 || text.includes('xn--')) return null;
  const [, untagged, tag, domain] = USUAL.exec(text) ?? [];
  if (!untagged || !domain || untagged.length + (tag?.length ?? 0) > 64) return null;
  return {
    strict: text,
    loose: GMAIL.has(domain) ? `${untagged.replaceAll('.', '')}@gmail.com` : tag ? `${untagged}@${domain}` : text,
  };
}

/** Exported for the test that compares the two. */
export function anyEmail(text: string): NormalisedEmail | null {
  const whole = text.normalize('NFKC').trim().toLowerCase();
  const at = whole.lastIndexOf('@');
  const local = whole.slice(0, at);
  const written = whole.slice(at + 1).replace(/\.$/, '');
  const domain = PLAIN_DOMAIN.test(written) && !written.includes('xn--') ? written : domainToASCII(written);
  // No white space, control characters or further "@": quoted local parts exist in the RFC and in no list of leads.
  if (at < 1 || local.length > 64 || /[\s\p{Cc}@<>,;"]/u.test(local) || !DOMAIN.test(domain)) return null;
  const untagged = local.split('+')[0] || local;
  return {
    strict: `${local}@${domain}`,
    loose: GMAIL.has(domain) ? `${untagged.replaceAll('.', '')}@gmail.com` : `${untagged}@${domain}`,
  };
}

/** E.164, `+46701740605`. null when the number cannot exist: "112" and "+4670" parse, and are refused all the same.
 * @param region how numbers without a country code are read */
export function normalisePhone(text: string, region: CountryCode = 'SE'): string | null {
  if (text.length > 100) return null;
  const plain = text.normalize('NFKC').trim();
  const usual = region === 'SE' ? usualSwedishPhone(plain) : null;
  if (usual) return usual;
  const phone = parsePhoneNumberFromString(plain, region);
  return phone?.isValid() ? phone.number : null;
}
