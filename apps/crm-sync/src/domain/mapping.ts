import type { Contact } from '@avtala/contracts';
import { MappingInvalid } from './errors.js';
import type { Words } from './words.js';

/** The categories of B1: nothing else can be mapped. */
export const CONTACT_FIELDS = ['name', 'company', 'title', 'email', 'phone', 'social'] as const;
export type ContactField = (typeof CONTACT_FIELDS)[number];

/** Allow-list (D2): field → vendor property, null or absent = never sent. `name` may go to two properties, written with a blank between. */
export type Mapping = { readonly [F in ContactField]?: string | null };

/** @throws MappingInvalid naming the field */
export function requireMapping(mapping: Mapping, words: Words): void {
  const used = new Set<string>();
  for (const field of CONTACT_FIELDS) {
    const properties = propertiesOf(mapping, field);
    if (properties.length > (field === 'name' ? 2 : 1)) throw new MappingInvalid(field, 'not-a-property');
    for (const property of properties) {
      if (!words.property.test(property)) throw new MappingInvalid(field, 'not-a-property');
      if (property === words.leadKey || property === words.bookingKey || words.reserved.test(property))
        throw new MappingInvalid(field, 'reserved');
      // People are matched by the vendor's own e-mail property: another value in it would match somebody else.
      if ((field === 'email') !== (property === words.email)) throw new MappingInvalid(field, 'email-elsewhere');
      if (used.has(property)) throw new MappingInvalid(field, 'used-twice');
      used.add(property);
    }
  }
}

const propertiesOf = (mapping: Mapping, field: ContactField): string[] =>
  (mapping[field] ?? '').split(' ').filter((p) => p !== '');

/** Every vendor property the mapping may write. */
export function mappedProperties(mapping: Mapping): string[] {
  return CONTACT_FIELDS.flatMap((f) => propertiesOf(mapping, f));
}

/** A contact in the vendor's words, e-mail in lower case; empty values are left out. */
export function toProperties(contact: Contact, mapping: Mapping): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const field of CONTACT_FIELDS) {
    const [first, second] = propertiesOf(mapping, field);
    const value = contact[field]?.trim();
    if (!first || !value) continue;
    if (!second) {
      properties[first] = field === 'email' ? value.toLowerCase() : value;
      continue;
    }
    // The first word and all the rest: nothing of a name is dropped.
    const [given = '', ...rest] = value.split(/\s+/);
    properties[first] = given;
    if (rest.length) properties[second] = rest.join(' ');
  }
  return properties;
}
