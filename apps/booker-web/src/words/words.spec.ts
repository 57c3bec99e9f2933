import { expect, test } from '@jest/globals';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { STATUS } from './status.js';
import type { Words } from './words.js';

const files = globSync('*.ts', { cwd: import.meta.dirname }).filter(
  (f) => !/\.spec\.ts$|^(words|language|status|formats|times|phone)\.ts$/.test(f),
);
const dictionaries = (
  await Promise.all(
    files.map(async (file) =>
      Object.entries((await import(join(import.meta.dirname, file))) as object).map(([name, d]) => ({
        name: `${file} ${name}`,
        d: d as unknown,
      })),
    ),
  )
)
  .flat()
  .filter(
    (x): x is { name: string; d: Words<Record<string, never>> } =>
      typeof x.d === 'object' && x.d !== null && 'sv' in x.d && 'en' in x.d,
  );

/** Every text with the way to it; a text with values is said with made-up ones. */
function texts(d: object, way = ''): [string, string][] {
  return Object.entries(d).flatMap(([key, value]): [string, string][] => {
    if (typeof value === 'string') return [[way + key, value]];
    if (typeof value === 'object' && value !== null) return texts(value as object, `${way}${key}.`);
    return [];
  });
}

test.each(dictionaries)('$name: no text lacks, and none was left in the other language', ({ d }) => {
  const [sv, en] = [new Map(texts(d.sv)), new Map(texts(d.en))];
  expect([...en.keys()]).toEqual([...sv.keys()]);
  for (const [key, text] of [...sv, ...en]) expect([key, text.trim()]).not.toEqual([key, '']);
  expect([...en].filter(([, text]) => /[åäöÅÄÖ]/.test(text))).toEqual([]);
});

test('there are dictionaries', () => expect(dictionaries.length).toBeGreaterThan(4));

test('every state has a word in both languages', () => {
  for (const states of Object.values(STATUS))
    for (const [state, said] of Object.entries(states))
      expect([state, said.sv.length > 1, said.en.length > 1]).toEqual([state, true, true]);
});
