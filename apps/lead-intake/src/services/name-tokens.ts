import { hmacSha256 } from '@avtala/vault';
import type { KeyObject } from 'node:crypto';
import { nameTokenTexts } from '../domain/name-words.js';

/** One text as a token: HMAC under the engagement's pepper, cut to 32 bits. Collisions are expected; what is found is decrypted and checked. */
export function nameToken(pepper: KeyObject, text: string): number {
  return hmacSha256(pepper, `name\0${text}`).readInt32BE(0);
}

/** By what a lead's name and company are found (security.md §3.5). Pure, for worker threads too. @returns int4, at most eight */
export function nameTokens(pepper: KeyObject, name: string, company?: string): number[] {
  return nameTokenTexts(name, company).map((text) => nameToken(pepper, text));
}
