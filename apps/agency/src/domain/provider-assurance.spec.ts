import { describe, expect, it, test } from '@jest/globals';
import { isMultiFactor, nameFrom, provedAt } from './provider-assurance.js';

describe('a second factor at the identity provider counts only when it says so, in words the operator accepts', () => {
  const accepted = { acr: ['urn:example:mfa', '2'], amr: ['mfa'] };
  test.each([
    [{}, false],
    [{ acr: 'urn:example:mfa' }, true],
    [{ acr: '2' }, true],
    [{ acr: '1' }, false],
    [{ acr: 2 }, false],
    [{ acr: ['2'] }, false],
    [{ amr: ['pwd'] }, false],
    [{ amr: ['pwd', 'mfa'] }, true],
    [{ amr: 'mfa' }, false],
    [{ acr: 'toString', amr: [null, {}] }, false],
  ])('%j → %s', (claims, expected) => expect(isMultiFactor(claims, accepted)).toBe(expected));
});

describe('auth_time', () => {
  const now = Temporal.Instant.from('2027-03-01T12:00:00Z');
  test.each([
    [Date.parse('2027-03-01T11:50:00Z') / 1000, '2027-03-01T11:50:00Z'],
    [Date.parse('2027-03-01T12:00:09Z') / 1000, '2027-03-01T12:00:00Z'],
    [undefined, '2027-03-01T00:00:00Z'],
    ['soon', '2027-03-01T00:00:00Z'],
    [-1, '2027-03-01T00:00:00Z'],
    [1e300, '2027-03-01T00:00:00Z'],
  ])('%s → %s', (claim, expected) => expect(provedAt(claim, now).toString()).toBe(expected));
});

it('a name is one line, whatever the provider sends', () => {
  expect(nameFrom({ name: ' Åsa\u0000\nÖ ' })).toBe('Åsa Ö');
  expect(nameFrom({ name: { first: 'x' }, preferred_username: 'asa.o' })).toBe('asa.o');
  expect(nameFrom({ name: '\u202e' })).toBeUndefined();
  expect(nameFrom({ name: 'x'.repeat(500) })).toHaveLength(200);
});
