import { describe, expect, test } from '@jest/globals';
import { holdsIdentityNumber, isIdentityNumber, isIdentityNumberInPhoneField } from './identity-number.js';

// Numbers of the Swedish tax agency's test series; nobody has them.
describe('B1: identity numbers are found in any spelling', () => {
  test.each([
    '189001019802',
    '18900101-9802',
    '900101-9802',
    '900101+9802',
    '9001019802',
    '900101 9802',
    '90 01 01 98 02',
    '1890 01 01 98 02',
    '18900101 - 9802',
    '90.01.01-9802',
    '９００１０１−９８０２', // full-width digits, minus sign
    '900101–9802', // en dash
    '9001\u00AD01-9802', // soft hyphen
    'Anna Ek 900101-9802',
    'pnr:900101-9802, Göteborg',
    'anna9001019802@bolaget.example',
    'Anna Ek Konsult 900101-9802', // a sole trader's organisation number is one
    '199001019802',
    '900161-9809', // samordningsnummer: day + 60
    '19900161-9809',
    '0701740607', // a mobile number that passes as a samordningsnummer: refused in text
    '070-174 06 07',
    'tel 08-123 900101-9802',
    '900101:9802',
    '(900101) 9802',
    '16900101-9802',
    'SE900101980201', // a sole trader's VAT number
    'VAT se 900101980201.',
  ])('%s', (text) => expect(holdsIdentityNumber(text)).toBe(true));

  test.each([
    ['a wrong check digit', '900101-9803'],
    ['no such day', '900231-9802'],
    ['no such month', '901301-9802'],
    ["a company's organisation number: third digit 2 or more", '556036-0793'],
    ['the same with its century', '16556036-0793'],
    ['eleven digits', '90010198021'],
    ['twelve digits that are no VAT number', '900101980201'],
    ["a company's VAT number", 'SE556036079301'],
    ['a longer number', '12345900101980299'],
    ['an invoice number', 'Faktura 2027-000123'],
    ['a year', 'Bolag 1990 AB'],
    ['no digits', 'Åsa Öberg'],
    ['', ''],
  ])('not found: %s', (_, text) => expect(holdsIdentityNumber(text)).toBe(false));

  test('29 February only in a leap year', () => {
    expect(isIdentityNumber('20000229' + luhn('000229123'))).toBe(true);
    expect(isIdentityNumber('19000229' + luhn('000229123'))).toBe(false);
  });

  test('a text of 50,000 characters is read in no time', () => {
    const started = performance.now();
    holdsIdentityNumber('1 2-3.4 '.repeat(6250));
    holdsIdentityNumber(' '.repeat(50_000));
    holdsIdentityNumber('1'.repeat(50_000));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('B1: in a phone field', () => {
  test.each([
    ['070-174 06 07', true, false],
    ['0701740607', true, false],
    ['+46 70 174 06 07', true, false],
    ['(070) 174 06 07', true, false],
    ['900101-9802', false, true],
    ['19900101-9802', false, true],
    ['9001019802', false, true],
    ['050101-9806', true, true], // also a number in Hjo, but written 6-4
    ['08-465 004 12', true, false],
    ['12345', false, false],
  ])('%s (a number that can exist: %s) is an identity number: %s', (text, isPhone, expected) => {
    expect(isIdentityNumberInPhoneField(text, isPhone)).toBe(expected);
  });
});

/** The last four digits of a number that passes. */
function luhn(nine: string): string {
  const digit = [...'0123456789'].find((d) => {
    const sum = [...(nine + d)].reverse().reduce((s, c, i) => {
      const n = Number(c) * (i % 2 ? 2 : 1);
      return s + (n > 9 ? n - 9 : n);
    }, 0);
    return sum % 10 === 0;
  });
  return nine.slice(6) + digit;
}
