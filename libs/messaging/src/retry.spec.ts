import { EventInvalid, Missing, RetryLater } from '@avtala/contracts';
import { describe, expect, it, test } from '@jest/globals';
import { nextTry } from './consume/held.js';
import { NotYet } from './consume/not-yet.js';
import { backoffMs, judge, notYetMs } from './retry.js';

const sql = (code: string) => Object.assign(new Error('duplicate key (email)=(ada@client.example)'), { code });

describe('a failure', () => {
  test.each([
    ['a recipient that is away', new RetryLater('vendor-away'), { what: 'later', code: 'vendor-away' }],
    ['a recipient that names a time', new RetryLater('rate', 9000), { what: 'later', code: 'rate', afterMs: 9000 }],
    ['something missing', new NotYet('engagement'), { what: 'not-yet', code: 'not-yet:engagement' }],
    ['a rule of ours', new Missing('lead'), { what: 'permanent', code: 'not-found' }],
    [
      'a payload',
      new EventInvalid('lead.changed.v1', ['leadId', 'fields']),
      { what: 'permanent', code: 'invalid:leadId,fields' },
    ],
    ['a constraint', sql('23505'), { what: 'permanent', code: 'sql:23505' }],
    ['a deadlock', sql('40P01'), { what: 'transient', code: 'sql:40P01' }],
    [
      'a lost connection',
      Object.assign(new Error('read'), { code: 'ECONNRESET' }),
      { what: 'transient', code: 'sql:connection' },
    ],
    ['a bug', new TypeError("Cannot read 'ada@client.example'"), { what: 'permanent', code: 'error:TypeError' }],
    ['anything thrown', 'Ada', { what: 'permanent', code: 'error:string' }],
  ])('of %s is judged, and named without a value of a person', (_, error, expected) => {
    expect(judge(error)).toEqual(expected);
  });
});

describe('the wait before the next try', () => {
  test.each([
    [1, 200],
    [2, 400],
    [3, 800],
    [9, 51_200],
    [10, 60_000],
    [40, 60_000],
  ])('after failure %d is %d ms', (failures, ms) => {
    expect(backoffMs(failures)).toBe(ms);
  });

  it('is longer when the other side asks for it', () => {
    expect(backoffMs(1, 90_000)).toBe(90_000);
    expect(backoffMs(10, 1)).toBe(60_000);
  });

  test.each([
    [0, 200],
    [5_000, 5_000],
    [300_000, 60_000],
  ])('for something missing since %d ms is %d ms', (waited, ms) => {
    expect(notYetMs(waited)).toBe(ms);
  });
});

describe('a held event', () => {
  const later = { what: 'later', code: 'x' } as const;
  const notYet = { what: 'not-yet', code: 'x' } as const;
  test.each([
    ['asks for later', later, 0, 0, { wait: 200, attempts: 1 }],
    ['fails for the eleventh time', later, 10, 0, { wait: 60_000, attempts: 11 }],
    ['fails for the twelfth time', later, 11, 0, { wait: 'parked', attempts: 12 }],
    ['fails for good', { what: 'permanent', code: 'x' } as const, 0, 0, { wait: 'parked', attempts: 1 }],
    ['misses something', notYet, 0, 0, { wait: 200, attempts: 0 }],
    ['misses something for 15 minutes', notYet, 0, 900_000, { wait: 'parked', attempts: 0 }],
  ])('that %s waits as it should', (_, verdict, attempts, waitedMs, expected) => {
    expect(nextTry(verdict, attempts, waitedMs)).toEqual(expected);
  });
});
