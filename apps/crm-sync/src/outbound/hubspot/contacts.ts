import { LEAD_KEY, type VendorRecord } from '../../domain/records.js';
import type { CallOptions, ContactBook, FindOptions, Write, WriteOutcome } from '../needs.js';
import type { HubSpotAccount } from './http.js';
import { HubSpotObjects } from './objects.js';
import { writableProperties } from './properties.js';

export class HubSpotContacts implements ContactBook {
  private readonly objects: HubSpotObjects;

  constructor(
    private readonly account: HubSpotAccount,
    ourselves: readonly string[],
  ) {
    this.objects = new HubSpotObjects(account, 'contacts', LEAD_KEY, ourselves);
  }

  async find(
    by: 'id' | 'key' | 'email',
    values: readonly string[],
    properties: readonly string[],
    o: FindOptions,
  ): Promise<Map<string, VendorRecord>> {
    if (values.length === 0) return new Map();
    if (by === 'key') return this.objects.read(LEAD_KEY, values, properties, o);
    // HubSpot keeps e-mails in lower case, and two spellings in one batch would be the same id twice.
    if (by === 'email')
      return this.objects.read(
        'email',
        values.map((v) => v.toLowerCase()),
        properties,
        o,
      );
    const found = await this.objects.read(undefined, values, properties, o);
    // A batch leaves out ids that were merged away; asked alone, such an id leads to the record it was merged into.
    for (const id of o.exact ? [] : values) {
      if (found.has(id)) continue;
      const record = await this.objects.readOne(id, properties, o);
      if (record) found.set(id, record);
    }
    return found;
  }

  upsert(writes: readonly Write[], o: CallOptions): Promise<WriteOutcome[]> {
    return this.objects.upsert(writes, o);
  }

  update(writes: readonly (Write & { readonly id: string })[], o: CallOptions): Promise<WriteOutcome[]> {
    return this.objects.update(writes, o);
  }

  async writable(o: CallOptions): Promise<string[]> {
    const answer = await this.account.call({ method: 'GET', path: '/crm/properties/2026-09/contacts' }, o);
    return writableProperties(answer.body);
  }

  async erase(id: string, o: CallOptions): Promise<void> {
    await this.account.call(
      { method: 'POST', path: '/crm/objects/2026-09/contacts/gdpr-delete', body: { objectId: id } },
      o,
      [404],
    );
  }
}
