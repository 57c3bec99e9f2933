import { SALESFORCE_WORDS } from '../../domain/words-salesforce.js';
import type { CallOptions } from '../needs.js';
import { VendorRefused } from '../vendor-errors.js';
import type { SalesforceOrg } from './org.js';

export type SObject = 'Lead' | 'Contact' | 'Event' | 'Individual';
export const PREFIX: Readonly<Record<SObject, string>> = {
  ...{ Lead: '00Q', Contact: '003', Event: '00U', Individual: '0PK' },
};

export interface Field {
  readonly updateable: boolean;
  readonly type: string;
  readonly length: number;
  readonly externalId: boolean;
  readonly unique: boolean;
}

/** Real time: an administrator who changes the org is noticed after so long, or when the vendor refuses a field. */
const FRESH_MS = 3_600_000;
const KEY_LENGTH = 36;

/** What the org's objects look like, as its describe tells it; a call each an hour. */
export class Schema {
  private readonly known = new Map<SObject, { readonly at: number; readonly fields: ReadonlyMap<string, Field> }>();

  constructor(private readonly org: SalesforceOrg) {}

  async fields(object: SObject, o: CallOptions): Promise<ReadonlyMap<string, Field>> {
    const known = this.known.get(object);
    if (known && Date.now() - known.at < FRESH_MS) return known.fields;
    const answer = await this.org.call<{ fields?: (Field & { name: string })[] }>(
      { method: 'GET', path: `/sobjects/${object}/describe` },
      o,
    );
    const fields = new Map((answer.fields ?? []).map((f) => [f.name, f]));
    this.known.set(object, { at: Date.now(), fields });
    return fields;
  }

  forget(): void {
    this.known.clear();
  }

  /** Our own fields must be there before anything is sent. We do not make them: that takes the right to change the org's setup ("Customize
   * Application"), which a user that writes leads should not have; the client's administrator adds them once.
   * @throws VendorRefused `fields-missing` naming them */
  async requireKeys(o: CallOptions): Promise<void> {
    this.forget();
    const { leadKey, bookingKey } = SALESFORCE_WORDS;
    const needed = [
      ['Lead', leadKey],
      ['Contact', leadKey],
      ['Event', bookingKey],
    ] as const;
    const missing: string[] = [];
    for (const [object, name] of needed) {
      const field = (await this.fields(object, o)).get(name);
      const fits = field?.externalId && field.unique && field.updateable && field.length >= KEY_LENGTH;
      if (!fits) missing.push(`${object}.${name}`);
    }
    if (missing.length) throw new VendorRefused('fields-missing', 400, missing);
  }
}
