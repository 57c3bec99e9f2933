import { describe, expect, it, test } from '@jest/globals';
import { matchesSearch, nameTokenTexts, queryTokenTexts, queryWords, wordsOf, wordsOfAny } from './name-words.js';

test.each([
  ['Anna-Karin Åkesson', 'anna karin åkesson'],
  ['  José  DÍAZ ', 'jose diaz'],
  ['O’Neil, Seán', 'o neil sean'],
  ['Björn Öström', 'björn öström'],
  ['Bjo\u0308rn', 'björn'],
  ['ﬁne ①', 'fine 1'],
  ['Müller', 'muller'],
])('words of %s: %s', (text, words) => expect(wordsOf(text).join(' ')).toBe(words));

describe('tokens of a lead', () => {
  it('are its words and their prefixes, the company after the person, without legal forms', () => {
    expect(nameTokenTexts('Anna Ek', 'Nordljus Bygg AB')).toEqual([
      'anna',
      'ek',
      'ann',
      'nordljus',
      'nor',
      'bygg',
      'byg',
    ]);
  });
  it('are eight at most, the person’s words first', () => {
    const texts = nameTokenTexts('Anna Maria Elisabet Sofia Svensson', 'Nordljus');
    expect(texts).toHaveLength(8);
    expect(texts.slice(0, 5)).toEqual(['anna', 'maria', 'elisabet', 'sofia', 'svensson']);
  });
});

test.each([
  ['ann', 'Anna Ek', undefined, true],
  ['svensson anna', 'Anna Svensson', undefined, true],
  ['anna nordl', 'Anna Ek', 'Nordljus AB', true],
  ['nna', 'Anna Ek', undefined, false],
  ['akesson', 'Anna Åkesson', undefined, false],
  ['anna ab', 'Anna Ek', 'Nordljus AB', true],
])('"%s" is %s at %s: %s', (search, name, company, found) => expect(matchesSearch(search, name, company)).toBe(found));

test('whoever the check lets through, the index finds', () => {
  const tokens = new Set(nameTokenTexts('Anna Svensson', 'Nordljus AB'));
  for (const search of ['a', 'an', 'ann', 'anna', 'sve', 'svens', 'svensson', 'nordl']) {
    const found = queryTokenTexts(search).some((text) => tokens.has(text));
    expect([search, found]).toEqual([search, search.length >= 3]); // two letters find whole words only
  }
  expect(queryWords('AB Nordljus Anna Maria Svensson')).toEqual(['nordljus', 'svensson', 'maria']);
});

test('words of usual texts are what they are of any', () => {
  const parts = [
    'Åsa',
    'öberg',
    'AB',
    ' ',
    '-',
    '.',
    "'",
    '3M',
    '_',
    'é',
    'ﬁ',
    'a\u030a',
    'É',
    '½',
    'K',
    '\u00a0',
    '/',
    'Ø',
  ];
  for (let n = 0; n < 4000; n++) {
    const text = Array.from({ length: 1 + (n % 4) }, (_, i) => parts[(n * (i + 3) + (n >> 3) * i) % parts.length]).join(
      '',
    );
    expect(wordsOf(text)).toEqual(wordsOfAny(text));
  }
});
