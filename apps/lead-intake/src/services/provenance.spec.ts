import { describe, expect, test } from '@jest/globals';
import { provenanceOf } from './provenance.js';

const now = Temporal.Instant.from('2027-03-01T09:00:00Z');
const proof = { version: '3', wording: 'I agree to be called', how: 'form', proof: 'log 17' };

describe('B4: consent counts from the moment it was given', () => {
  test.each([
    ['a second ago', '2027-03-01T08:59:59Z', 'taken'],
    ['this moment', '2027-03-01T09:00:00Z', 'taken'],
    ['some day', '2027-03-01T09:00:01Z', 'consent-unproven'],
  ])('given %s', (_, givenAt, expected) => {
    const stated = { source: 'Fair', ground: 'consent' as const, consentWording: { ...proof, givenAt } };
    let answer = 'taken';
    try {
      provenanceOf(stated, now);
    } catch (error) {
      answer = (error as { code: string }).code;
    }
    expect(answer).toBe(expected);
  });
});
