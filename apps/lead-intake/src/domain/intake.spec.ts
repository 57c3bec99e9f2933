import { describe, expect, test } from '@jest/globals';
import { decide } from '../services/people.js';
import { nameKey, type RawLead } from './intake.js';

const TODAY = Temporal.PlainDate.from('2027-03-01');
const verdict = (raw: RawLead) => {
  const decision = decide({ name: 'Åsa Ek', email: 'asa.ek@bolaget.example', ...raw }, TODAY);
  return decision.ok ? 'accepted' : `${decision.field}: ${decision.reason}`;
};

describe('rules of intake (B1, B7)', () => {
  test.each<[string, RawLead, string]>([
    [
      'a usual lead',
      { company: 'Bolaget AB', title: 'VD', phone: '070-174 06 07', social: 'linkedin.com/in/asa-ek' },
      'accepted',
    ],
    ['a mobile number that passes as a samordningsnummer', { phone: '070-174 06 07' }, 'accepted'],
    ['the same with country code', { phone: '+46 (0)70-174 06 07' }, 'accepted'],
    ['the same as 0046', { phone: '0046701740607' }, 'accepted'],
    ['a land line', { phone: '08-465 004 12' }, 'accepted'],
    ['no e-mail but a phone', { email: '', phone: '0980-31 92 00' }, 'accepted'],
    ['a formula is data', { title: '=HYPERLINK("http://x")', company: '@SUM(A1)' }, 'accepted'],
    ['markup is data', { company: '<b>Bolaget</b> & Co' }, 'accepted'],
    ['a company’s organisation number', { company: 'Bolaget AB 556036-0793' }, 'accepted'],
    ['a name that is also a belief', { name: 'Kristen Ek' }, 'accepted'],
    ['a grown-up by birth date', { birthDate: '2009-03-01' }, 'accepted'],
    ['18 today, day first', { birthDate: '1.3.2009' }, 'accepted'],
    ['a grown-up by age', { age: '18 år' }, 'accepted'],

    ['no name', { name: ' ' }, 'name: name-missing'],
    ['a name without a letter', { name: '---' }, 'name: name-missing'],
    ['neither e-mail nor phone', { email: '' }, 'email: contact-missing'],
    ['no address', { email: 'asa.ek(at)bolaget.example' }, 'email: email-invalid'],
    ['an emergency number', { phone: '112' }, 'phone: phone-invalid'],
    ['half a number', { phone: '+4670' }, 'phone: phone-invalid'],
    ['two numbers', { phone: '031-390 06 01 / 08-465 004 12' }, 'phone: phone-invalid'],
    ['a number in words', { phone: 'ring 070-174 06 07' }, 'phone: identity-number'],
    ['what a spreadsheet made of a number', { phone: '4,67E+10' }, 'phone: phone-invalid'],

    ['an identity number as name', { name: 'Åsa Ek 900101-9802' }, 'name: identity-number'],
    ['as company: a sole trader', { company: 'Åsa Ek Konsult 900101-9802' }, 'company: identity-number'],
    ['as title', { title: '19900101 9802' }, 'title: identity-number'],
    ['in an e-mail', { email: 'asa9001019802@bolaget.example' }, 'email: identity-number'],
    ['in a phone field', { phone: '900101-9802' }, 'phone: identity-number'],
    ['with 12 digits in a phone field', { phone: '199001019802' }, 'phone: identity-number'],
    ['as a social name', { social: 'asa-9001019802' }, 'social: identity-number'],
    ['as a birth date', { birthDate: '19900101-9802' }, 'birthDate: identity-number'],

    ['a child by birth date', { birthDate: '2009-03-02' }, 'birthDate: minor'],
    ['a child by age', { age: '17' }, 'age: minor'],
    ['an unreadable birth date', { birthDate: '31 februari' }, 'birthDate: birth-date-invalid'],
    ['no such day', { birthDate: '1990-02-31' }, 'birthDate: birth-date-invalid'],
    ['an unreadable age', { age: 'vuxen' }, 'age: age-invalid'],
    ['a special category', { title: 'VD, sjukskriven' }, 'title: special-category'],
    ['a control character', { company: 'Bolaget\u0000AB' }, 'company: text-invalid'],
    ['a novel', { company: 'x'.repeat(201) }, 'company: text-too-long'],
  ])('%s', (_, raw, expected) => expect(verdict(raw)).toBe(expected));

  test('birth date and age are read and not kept (B7)', () => {
    const decision = decide(
      { name: 'Åsa Ek', email: 'asa@bolaget.example', birthDate: '1990-05-31', age: '36' },
      TODAY,
    );
    expect(decision.ok && Object.keys(decision.person.contact)).toEqual(['name', 'email']);
  });

  test('e-mail is kept as written, phone as E.164', () => {
    const decision = decide({ name: 'Åsa Ek', email: ' Asa.Ek+mässa@Bolaget.example', phone: '070-174 06 07' }, TODAY);
    expect(decision.ok && decision.person).toMatchObject({
      contact: { email: 'Asa.Ek+mässa@Bolaget.example', phone: '+46701740607' },
      email: { strict: 'asa.ek+mässa@bolaget.example', merge: 'asa.ek@bolaget.example' },
    });
  });
});

test.each([
  ['Anna Svensson', 'anna svensson'],
  ['  ANNA   svensson ', 'anna svensson'],
  ['Svensson, Anna', 'anna svensson'],
  ['Anna-Karin Ek', 'anna karin ek'],
  ['Åsa\u00a0Öberg', 'åsa öberg'],
  ['A\u030Asa Ek', 'åsa ek'],
])('%s is one spelling of "%s"', (name, key) => expect(nameKey(name)).toBe(key));
