import type { Contact } from '@avtala/contracts';
import {
  blindIndex,
  normaliseEmail,
  normalisePhone,
  seal,
  suppressionHashesOf,
  unseal,
  Vault,
  type VersionedKey,
} from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { createHmac, type KeyObject } from 'node:crypto';
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

/** Version of the sealed blob's shape; part of its AAD. */
const SHAPE = 1;

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

export function sealContact(key: KeyObject, leadId: string, contact: Contact): Buffer {
  return seal(key, `lead:${leadId}:${SHAPE}`, contact);
}

export function unsealContact(key: KeyObject, leadId: string, sealed: Buffer): Contact {
  return unseal<Contact>(key, `lead:${leadId}:${SHAPE}`, sealed);
}

export function indexesOf(pepper: KeyObject, person: Person): LeadIndexes {
  return {
    email: person.email ? blindIndex(pepper, 'email', person.email.strict) : null,
    merge: person.email ? blindIndex(pepper, 'email', person.email.merge) : null,
    phone: person.phone ? blindIndex(pepper, 'phone', person.phone) : null,
    namePhone: person.phone ? blindIndex(pepper, 'phone', `${person.phone}\0${person.nameKey}`) : null,
  };
}

/**
 * The hashes by which a person's "no" is recognised (B5): e-mail in both spellings, phone, and phone with name.
 * The last is ours: a number that colleagues share stands for none of them alone, so an objection of one stores it with the name.
 */
export function noHashesOf(key: KeyObject, person: Pick<Person, 'email' | 'phone'> & { nameKey?: string }): NoHash[] {
  const hashes: NoHash[] = suppressionHashesOf(key, person);
  if (person.phone && person.nameKey) {
    const hash = createHmac('sha256', key)
      .update(`suppression\0name-phone\0${person.phone}\0${person.nameKey}`)
      .digest();
    hashes.push({ kind: 'name-phone', hash });
  }
  return hashes;
}

/** Keys for a piece of work in one engagement, fetched once. */
export interface WorkKeys {
  pepper: VersionedKey;
  suppression: KeyObject;
}

@Injectable()
export class People {
  constructor(@Inject(Vault) private readonly vault: Vault) {}

  async keys(engagementId: string, pepperVersion: number): Promise<WorkKeys> {
    return {
      pepper: await this.vault.pepper(engagementId, pepperVersion),
      suppression: await this.vault.suppressionKey(),
    };
  }

  async noHashes(contact: Contact): Promise<NoHash[]> {
    return noHashesOf(await this.vault.suppressionKey(), personOf(contact));
  }
}
