import { expect, test } from '@jest/globals';
import { noteProblem } from './note.js';

test.each<[string, ReturnType<typeof noteProblem>]>([
  ['Två bearbetningscentra, ställtid cirka 45 min', null],
  ['', null],
  // Made-up numbers that pass the check digit and read as a date: a phone when it is written as one.
  ['Ring 070-112 34 57 efter lunch', null],
  ['Ring +46 70 112 34 57', null],
  ['0701123457', 'identity-number'],
  ['070112-3457', 'identity-number'],
  ['20070112-3457 och 070-174 06 12', 'identity-number'],
  ['811218-9876', 'identity-number'],
  ['Hon är sjukskriven till maj', 'special-category'],
  ['Beställning 556677-8899', null],
])('%s → %s', (text, problem) => {
  expect(noteProblem(text)).toBe(problem);
});
