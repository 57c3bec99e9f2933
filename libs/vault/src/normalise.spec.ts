import { expect, test } from '@jest/globals';
import { domainToASCII } from 'node:url';
import { anyEmail, normaliseEmail, normalisePhone } from './normalise.js';

test.each([
  ['as it is', 'anna@klient.example', 'anna@klient.example', 'anna@klient.example'],
  ['case and space', '  Anna.Berg@Klient.EXAMPLE ', 'anna.berg@klient.example', 'anna.berg@klient.example'],
  ['full-width letters and @ (NFKC)', 'ａnna＠klient.example', 'anna@klient.example', 'anna@klient.example'],
  ['plus-tag', 'anna+news@klient.example', 'anna+news@klient.example', 'anna@klient.example'],
  ['trailing dot', 'anna@klient.example.', 'anna@klient.example', 'anna@klient.example'],
  [
    'domain with letters of its language',
    'anna@räksmörgås.example',
    'anna@xn--rksmrgs-5wao1o.example',
    'anna@xn--rksmrgs-5wao1o.example',
  ],
  ['composed or not, the same', 'rene\u0301@klient.example', 'ren\u00e9@klient.example', 'ren\u00e9@klient.example'],
  ['Gmail ignores dots', 'An.Na+x@googlemail.com', 'an.na+x@googlemail.com', 'anna@gmail.com'],
  ['a tag only', '+x@klient.example', '+x@klient.example', '+x@klient.example'],
])('e-mail, %s', (_, text, strict, loose) => {
  expect(normaliseEmail(text)).toEqual({ strict, loose });
});

test.each([
  ['no @', 'anna.klient.example'],
  ['nothing before @', '@klient.example'],
  ['no domain', 'anna@'],
  ['no dot in the domain', 'anna@klient'],
  ['white space inside', 'anna berg@klient.example'],
  ['two addresses', 'a@klient.example, b@klient.example'],
  ['a name with it', 'Anna <anna@klient.example>'],
  ['a line break', 'anna@klient.example\r\nBcc: x@y.example'],
  ['endless', `${'a'.repeat(50_000)}@klient.example`],
  ['empty', ''],
])('no e-mail: %s', (_, text) => {
  expect(normaliseEmail(text)).toBeNull();
});

test.each([
  ['as dialled in Sweden', '070-174 06 05', '+46701740605'],
  ['with country code', '+46 (0)70 174 06 05', '+46701740605'],
  ['with 00', '0046701740605', '+46701740605'],
  ['a fixed number', '031-390 06 00', '+46313900600'],
  ['full-width digits', '０７０－１７４ ０６ ０５', '+46701740605'],
  ['abroad', '+44 20 7946 0958', '+442079460958'],
])('phone, %s', (_, text, e164) => {
  expect(normalisePhone(text)).toBe(e164);
});

test.each([['112'], ['+4670'], [''], ['ring mig'], ['070-174 06 05 06 07'], ['1'.repeat(50_000)]])(
  'no phone that can exist: %.20s',
  (text) => {
    expect(normalisePhone(text)).toBeNull();
  },
);

test.each([
  'bolaget.example',
  'a-b.c9.example',
  '-a.example',
  'a--b.example',
  'x'.repeat(70) + '.example',
  'a..example',
  '0x7f.example',
  '1.2.example',
])('a domain in plain ASCII, %s, is what IDNA makes of it, or no address either way', (domain) => {
  const ascii = domainToASCII(domain);
  const read = normaliseEmail(`anna@${domain}`);
  if (read) expect(read.strict).toBe(`anna@${ascii}`);
  else expect(normaliseEmail(`anna@${ascii || domain}`)).toBeNull();
});

test('an address as most are written is what the general rules make of it', () => {
  const locals = [
    'anna',
    'Anna.Berg',
    'a+b',
    '+x',
    'a+b+c',
    "o'neil",
    'å',
    'a b',
    '',
    'a'.repeat(64),
    'a'.repeat(65),
    'a_b-',
    'a!b',
    'K',
  ];
  const domains = ['klient.example', 'GMAIL.com', 'googlemail.com', 'a-.example', '-a.example', 'x.y.z.example', 'klient', '127.0.0.1',
    'klient.example.', 'xn--rksmrgs-5wao1o.example', 'räka.example', 'a.b1', `${'a'.repeat(64)}.example`, 'a..b', 'klient.example ']; // prettier-ignore
  for (const local of locals)
    for (const domain of domains) expect(normaliseEmail(`${local}@${domain}`)).toEqual(anyEmail(`${local}@${domain}`));
});
