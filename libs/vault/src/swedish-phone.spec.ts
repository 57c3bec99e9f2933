import { expect, it } from '@jest/globals';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { usualSwedishPhone } from './swedish-phone.js';

const library = (text: string): string | null => {
  const phone = parsePhoneNumberFromString(text, 'SE');
  return phone?.isValid() ? phone.number : null;
};

/** Every three-digit prefix with a changing fourth digit, at every length a number can have. */
function* nationals(): Generator<string> {
  for (let prefix = 100; prefix < 1000; prefix++)
    for (let length = 5; length <= 13; length++)
      yield `${prefix}${(prefix * 7) % 10}${'2604819'.repeat(2)}`.slice(0, length);
  // The plans that decide by more than three digits.
  for (const prefix of [
    '649',
    '991',
    '996',
    '9000',
    '9001',
    '9009',
    '9391',
    '9448',
    '751',
    '759',
    '2522',
    '6734',
    '108',
  ])
    for (let next = 0; next < 100; next++)
      for (let length = 6; length <= 12; length++)
        yield `${prefix}${String(next).padStart(2, '0')}${'518260473'}`.slice(0, length);
}

it('says what libphonenumber says, or nothing, for every prefix and length', () => {
  let said = 0;
  for (const national of nationals()) {
    for (const text of [`0${national}`, `+46${national}`]) {
      const quick = usualSwedishPhone(text);
      const slow = library(text);
      if (quick !== null) said++;
      if (quick !== null || slow !== null) expect([text, quick]).toEqual([text, slow]);
    }
  }
  expect(said).toBeGreaterThan(1000);
}, 60_000);

it.each([
  '070-174 06 05',
  '+46 70 174 06 05',
  '+46-70-174 06 05',
  '08-465 004 01',
  '0980-319 200',
  '070-1740605-',
  '070--1740605',
  '070 - 174 06 05',
  '+46 (0)70 174 06 05',
  '+46 070 174 06 05',
  '(070) 174 06 05',
  '0046 70 174 06 05',
  '46701740605',
  '701740605',
  '+4670174060',
  '0701740605 ',
  '070-174 06 05/06',
  '070-174 06 05x1',
  '112',
  '+4670',
  '+47 22 12 34 56',
  '00701740605',
  '',
])('%j: the library’s answer or none', (text) => {
  const quick = usualSwedishPhone(text);
  if (quick !== null) expect(quick).toBe(library(text));
  else expect(usualSwedishPhone(text)).toBeNull();
});
