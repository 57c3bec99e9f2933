import { describe, expect, test } from '@jest/globals';
import { checkMapping, columnOf, guessMapping, readRow, type ColumnField } from './columns.js';

describe('the mapping is guessed from usual headers', () => {
  test.each<[string, (ColumnField | null)[]]>([
    ['Namn;Företag;Titel;E-post;Telefon', ['name', 'company', 'title', 'email', 'phone']],
    [
      'Förnamn;Efternamn;Bolag;Befattning;Mejladress;Mobil',
      ['firstName', 'lastName', 'company', 'title', 'email', 'mobile'],
    ],
    [
      'Full Name;Company name;Job Title;E-mail address;Phone number;LinkedIn URL',
      ['name', 'company', 'title', 'email', 'phone', 'social'],
    ],
    [
      'first_name;last_name;organization;role;email;mobile phone',
      ['firstName', 'lastName', 'company', 'title', 'email', 'mobile'],
    ],
    ['KONTAKTPERSON;E-POST;TFN;Födelsedatum;Ålder', ['name', 'email', 'phone', 'birthDate', 'age']],
    ['Namn;Personnummer;Religion;Ort;E-post', ['name', null, null, null, 'email']],
    ['E-post;E-mail', ['email', null]],
  ])('%s', (header, expected) => {
    expect(Object.values(guessMapping(header.split(';')))).toEqual(expected);
  });
});

describe('the mapping is confirmed', () => {
  const columns = ['Namn', 'E-post', 'Ort'];
  test.each<[string, Record<string, unknown>, string]>([
    ['every column decided about', { Namn: 'name', 'E-post': 'email', Ort: null }, 'name,email,'],
    ['a column nobody decided about', { Namn: 'name', 'E-post': 'email' }, 'column-unmapped'],
    ['a column the file has not', { Namn: 'name', 'E-post': 'email', Ort: null, Land: null }, 'columns-gone'],
    ['a field that does not exist', { Namn: 'name', 'E-post': 'email', Ort: 'city' }, 'field-unknown'],
    ['a field of every object', { Namn: 'name', 'E-post': 'email', Ort: 'constructor' }, 'field-unknown'],
    ['two columns for one field', { Namn: 'name', 'E-post': 'email', Ort: 'name' }, 'field-twice'],
    ['no name', { Namn: null, 'E-post': 'email', Ort: null }, 'column-missing'],
    ['no way to reach anybody', { Namn: 'name', 'E-post': null, Ort: null }, 'column-missing'],
  ])('%s', (_, mapping, expected) => {
    const checked = checkMapping(columns, mapping);
    expect(checked.ok ? checked.fields.join() : checked.problem.code).toBe(expected);
  });
});

describe('a row is read', () => {
  const fields: (ColumnField | null)[] = ['firstName', 'lastName', 'phone', 'mobile', null];
  test.each<[string, string[], object | null]>([
    [
      'names are joined, the mobile goes first',
      ['Åsa', 'Ek', '08-1', '070-2', 'x'],
      { name: 'Åsa Ek', phone: '070-2' },
    ],
    ['without a mobile the phone is taken', ['Åsa', 'Ek', '08-1', '', 'x'], { phone: '08-1' }],
    ['a trailing separator', ['Åsa', 'Ek', '', '', '', ''], { name: 'Åsa Ek' }],
    ['too few cells: they may have moved', ['Åsa', 'Ek', ''], null],
    ['too many cells', ['Åsa', 'Ek', '', '', '', 'more'], null],
  ])('%s', (_, cells, expected) => {
    const read = readRow(cells, fields);
    if (expected) expect(read).toMatchObject(expected);
    else expect(read).toBeNull();
  });

  test('a refusal names the column it was found in', () => {
    expect(columnOf('phone', fields, ['', '', '1', '', ''])).toBe(2);
    expect(columnOf('phone', fields, ['', '', '', '1', ''])).toBe(3);
    expect(columnOf('name', fields, ['', '', '', '', ''])).toBe(0);
    expect(columnOf('email', fields, ['', '', '', '', ''])).toBeNull();
  });
});
