import { expect, test } from '@jest/globals';
import { isCommonPassword } from './common-passwords.js';
import { passwordProblem } from './passwords.js';

test.each([
  ['password1234', 'well-known word and digits'],
  ['P@ssw0rd2027!', 'digits for letters'],
  ['passwordpassword', 'twice'],
  ['Sommar2027!!', 'season and year'],
  ['qwertyuiop123', 'walk over the keyboard'],
  ['1qaz2wsx3edc', 'walk in columns'],
  ['123456789012', 'counting'],
  ['abcdefghijkl', 'alphabet'],
  ['aaaaaaaaaaaaaa', 'one letter'],
  ['iloveyouforever', 'words one after another'],
  ['Välkommen2027!', 'Swedish'],
  ['admin-admin-admin', 'with hyphens'],
  ['DragonMonkey99', 'two words'],
])('rule 10: %p is common (%s)', (password) => {
  expect(isCommonPassword(password)).toBe(true);
  expect(passwordProblem(password, isCommonPassword)).toBe('too-common');
});

test.each([['tulip-harbour-ledger-9'], ['xK9#vq2LmZ8w'], ['en båt seglar över fjorden'], ['VfT3yQm0aB_xL1sZ']])(
  'rule 10: %p is not, whatever it is composed of',
  (password) => {
    expect(passwordProblem(password, isCommonPassword)).toBeUndefined();
  },
);

test.each([
  ['tulip-ledge', 'too-short'],
  ['åäöåäöåäöx1', 'too-short'],
  ['x9'.repeat(64) + 'y', 'too-long'],
])('rule 10: 12 to 128 characters: %p', (password, problem) => {
  expect(passwordProblem(password, () => false)).toBe(problem);
});

test('rule 10: not made of the person’s own address or name', () => {
  expect(passwordProblem('karin.lindqvist1', () => false, ['karin.lindqvist@agency.example', 'Karin Lindqvist'])).toBe(
    'like-account',
  );
});
