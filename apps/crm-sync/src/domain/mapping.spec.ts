import { expect, test } from '@jest/globals';
import { MappingInvalid } from './errors.js';
import { type Mapping, requireMapping, toProperties } from './mapping.js';
import { wordsOf } from './words.js';

const words = wordsOf('hubspot');
const DEFAULT_MAPPING = words.defaultMapping;

const contact = {
  name: 'Test von Person',
  email: ' A@Lead.Example ',
  company: 'Exempel AB',
  phone: '+46701740605',
  social: '@test',
};

test('only what the allow-list names is sent (D2), and nothing of a name is dropped', () => {
  expect(toProperties(contact, DEFAULT_MAPPING)).toEqual({
    firstname: 'Test',
    lastname: 'von Person',
    email: 'a@lead.example',
    company: 'Exempel AB',
    phone: '+46701740605',
  });
  expect(toProperties(contact, { email: 'email' })).toEqual({ email: 'a@lead.example' });
  expect(toProperties({ name: 'Ensam' }, DEFAULT_MAPPING)).toEqual({ firstname: 'Ensam' });
});

test.each<[string, Mapping]>([
  ['no property name', { company: 'Company Name!' }],
  ['one property twice', { company: 'company', title: 'company' }],
  ['our own key', { social: 'avtala_lead_key' }],
  ['e-mail elsewhere', { email: 'company' }],
  ['something else as e-mail', { phone: 'email' }],
  ['two properties for one field', { company: 'a b' }],
])('refused: %s', (_, mapping) => {
  expect(() => requireMapping(mapping, words)).toThrow(MappingInvalid);
});

test('the default is usable', () => {
  expect(() => requireMapping(DEFAULT_MAPPING, words)).not.toThrow();
});
