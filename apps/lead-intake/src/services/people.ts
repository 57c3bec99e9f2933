import type { Contact } from '@avtala/contracts';
import { Vault, type VersionedKey } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import type { NoHash } from '../storage/suppression.js';
import { noHashesOf, personOf } from './persons.js';

// What needs no container lies apart: a worker thread loads it without Nest.
export { decide, indexesOf, noHashesOf, personOf, sealContact, sealContacts, unsealContact } from './persons.js';

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
