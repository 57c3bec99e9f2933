import { expect, it, test } from '@jest/globals';
import { isTransient, isUniqueViolation, sqlState } from './sql-errors.js';

const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code });

test.each([
  ['deadlock', coded('40P01'), true],
  ['serialization failure', coded('40001'), true],
  ['shutting down', coded('57P01'), true],
  ['starting up', coded('57P03'), true],
  ['too many connections', coded('53300'), true],
  ['lock timeout', coded('55P03'), true],
  ['refused', coded('ECONNREFUSED'), true],
  ['refused at both addresses', new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]), true],
  ['cut off', new Error('Connection terminated unexpectedly'), true],
  ['wrapped', new Error('later', { cause: coded('40P01') }), true],
  ['statement timeout', coded('57014'), false],
  ['unique violation', coded('23505'), false],
  ['a bug', new TypeError('x is not a function'), false],
  ['not an error', 'boom', false],
])('knows whether to try again: %s', (_, error, expected) => {
  expect(isTransient(error)).toBe(expected);
});

it('reads the state through what wrapped it', () => {
  const wrapped = Object.assign(new Error('query failed'), { driverError: coded('23P01') });
  expect([sqlState(wrapped), isUniqueViolation(wrapped)]).toEqual(['23P01', true]);
  expect([sqlState(coded('ECONNRESET')), sqlState(undefined)]).toEqual([undefined, undefined]);
});
