import { RetryLater } from '@avtala/contracts';
import type { VendorRecord } from '../../domain/records.js';
import { LEAD_KEY } from '../../domain/words-hubspot.js';
import type { CallOptions, ContactBook, FindOptions } from '../needs.js';
import { ReconnectNeeded } from '../vendor-errors.js';
import type { HubSpotAccount } from './http.js';
import { HubSpotObjects } from './objects.js';
import { writableProperties } from './properties.js';

/** Contacts, found again by our own unique key (the lead's id), by e-mail, or by the vendor's id. */
export class HubSpotContacts extends HubSpotObjects implements ContactBook {
  constructor(account: HubSpotAccount, ourselves: readonly string[]) {
    super(account, 'contacts', LEAD_KEY, ourselves);
  }

  async find(
    by: 'id' | 'key' | 'email',
    values: readonly string[],
    properties: readonly string[],
    o: FindOptions,
  ): Promise<Map<string, VendorRecord>> {
    if (values.length === 0) return new Map();
    if (by === 'key') return this.read(LEAD_KEY, values, properties, o);
    // HubSpot keeps e-mails in lower case, and two spellings in one batch would be the same id twice.
    if (by === 'email')
      return this.read(
        'email',
        values.map((v) => v.toLowerCase()),
        properties,
        o,
      );
    const found = await this.read(undefined, values, properties, o);
    // A batch leaves out ids that were merged away; asked alone, such an id leads to the record it was merged into.
    for (const id of o.exact ? [] : values) {
      if (found.has(id)) continue;
      const record = await this.readOne(id, properties, o);
      if (record) found.set(id, record);
    }
    return found;
  }

  async writable(o: CallOptions): Promise<string[]> {
    const answer = await this.account.call({ method: 'GET', path: '/crm/properties/2026-09/contacts' }, o);
    return writableProperties(answer.body);
  }

  /** A call for each. One that fails ends it, but what was erased before is told: asked again, nothing of it would be found. */
  async erase(ids: readonly string[], o: CallOptions): Promise<string[]> {
    const asked: string[] = [];
    for (const id of ids) {
      if (asked.length && Date.now() > o.until) break;
      const call = {
        method: 'POST',
        path: '/crm/objects/2026-09/contacts/gdpr-delete',
        body: { objectId: id },
      } as const;
      try {
        await this.account.call(call, { ...o, until: Math.max(o.until, Date.now() + 1_000) }, [404]);
      } catch (error) {
        if (asked.length && (error instanceof RetryLater || error instanceof ReconnectNeeded)) break;
        throw error;
      }
      asked.push(id);
    }
    return asked;
  }
}
