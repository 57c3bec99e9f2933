import type { Contact } from '@avtala/contracts';
import {
  blindIndex,
  hmacSha256,
  normaliseEmail,
  normalisePhone,
  seal,
  sealedBytes,
  sealInto,
  suppressionHashesOf,
  unseal,
} from '@avtala/vault';
import { randomBytes, type KeyObject } from 'node:crypto';
import {
  decideIntake,
  nameKey,
  type IntakeDecision,
  type Person,
  type RawLead,
  type Spellings,
  withoutTag,
} from '../domain/intake.js';
import type { LeadIndexes } from '../storage/lead.js';
import type { NoHash } from '../storage/suppression.js';
import { nameTokens } from './name-tokens.js';

/** Version of the sealed blob's shape; part of its AAD. */
const SHAPE = 1;
const IV_BYTES = 12;

const spellings: Spellings = { email: normaliseEmail, phone: (text) => normalisePhone(text) };

/** The rules of intake with the spellings of libs/vault. @param today the Swedish calendar day */
export function decide(raw: RawLead, today: Temporal.PlainDate): IntakeDecision {
  return decideIntake(raw, today, spellings);
}

/** The person again, from what was stored. */
export function personOf(contact: Contact): Person {
  const email = contact.email ? normaliseEmail(contact.email) : null;
  return {
    contact,
    nameKey: nameKey(contact.name),
    ...(email ? { email: { ...email, merge: withoutTag(email.strict) } } : {}),
    ...(contact.phone ? { phone: contact.phone } : {}),
  };
}

/** What a lead's sealed contact belongs to, as additional data. */
export const contactContext = (leadId: string): string => `lead:${leadId}:${SHAPE}`;

export function sealContact(key: KeyObject, leadId: string, contact: Contact): Buffer {
  return seal(key, contactContext(leadId), contact);
}

/** The contacts of several leads: random bytes fetched one lead at a time cost half as much as the encryption. */
export function sealContacts(leads: readonly { key: KeyObject; id: string; contact: Contact }[]): Buffer[] {
  const ivs = randomBytes(leads.length * IV_BYTES);
  return leads.map(({ key, id, contact }, i) => {
    const json = JSON.stringify(contact);
    const sealed = Buffer.allocUnsafe(sealedBytes(Buffer.byteLength(json)));
    sealInto(key, contactContext(id), json, ivs.subarray(i * IV_BYTES, (i + 1) * IV_BYTES), sealed, 0);
    return sealed;
  });
}

export function unsealContact(key: KeyObject, leadId: string, sealed: Buffer): Contact {
  return unseal<Contact>(key, contactContext(leadId), sealed);
}

export function indexesOf(pepper: KeyObject, person: Person): LeadIndexes {
  const { email, phone } = person;
  const strict = email ? blindIndex(pepper, 'email', email.strict) : null;
  return {
    email: strict,
    merge: email && email.merge !== email.strict ? blindIndex(pepper, 'email', email.merge) : strict,
    phone: phone ? blindIndex(pepper, 'phone', phone) : null,
    namePhone: phone ? blindIndex(pepper, 'phone', `${phone}\0${person.nameKey}`) : null,
    tokens: nameTokens(pepper, person.contact.name, person.contact.company),
  };
}

/**
 * The hashes by which a person's "no" is recognised (B5): e-mail in both spellings, phone, and phone with name.
 * The last is ours: a number that colleagues share stands for none of them alone, so an objection of one stores it with the name.
 */
export function noHashesOf(key: KeyObject, person: Pick<Person, 'email' | 'phone'> & { nameKey?: string }): NoHash[] {
  const hashes: NoHash[] = suppressionHashesOf(key, person);
  if (person.phone && person.nameKey) {
    const hash = hmacSha256(key, `suppression\0name-phone\0${person.phone}\0${person.nameKey}`);
    hashes.push({ kind: 'name-phone', hash });
  }
  return hashes;
}
