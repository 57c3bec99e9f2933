import { describe, expect, test } from '@jest/globals';
import { contactLeft, decideContactErasure, stillHolding } from './contact-erasure.js';
import type { Link, VendorRecord } from './records.js';
import { wordsOf } from './words.js';

const words = wordsOf('hubspot');
const LEAD_KEY = words.leadKey;
const MORE_EMAILS = words.moreEmails!;

const KEY = '0190aaaa-0000-7000-8000-000000000001';
const OURS: Record<string, string> = { email: 'a@lead.example', phone: '+46701740605' };
const isOurs = (p: string, v: string): boolean => OURS[p] === v;
const marks = { email: ['m1'], phone: ['m2'] };
const record = (more: Partial<VendorRecord> = {}): VendorRecord => ({
  id: '151',
  archived: false,
  properties: { ...OURS, [LEAD_KEY]: KEY },
  mergedIds: [],
  foreign: [],
  ...more,
});
const created: Link = { provenance: 'created', vendorId: '151', merged: false, gone: false, marks };
const decide = (more: Partial<Parameters<typeof decideContactErasure>[0]>) =>
  decideContactErasure({
    words,
    key: KEY,
    link: created,
    record: record(),
    otherLinks: 0,
    deletes: true,
    isOurs,
    ...more,
  });

const CLEAR_ALL = { email: '', phone: '', [LEAD_KEY]: '' };
const withdraw = (clear: Record<string, string>, unsure = false) => ({ do: 'withdraw', id: '151', clear, unsure });

describe('what becomes of a contact when its lead is erased (E1, E6)', () => {
  test.each<[string, Parameters<typeof decide>[0], unknown]>([
    ['ours alone: deleted', {}, { do: 'delete', id: '151' }],
    ['ours, in the client’s recycle bin: deleted', { record: record({ archived: true }) }, { do: 'delete', id: '151' }],
    ['not there: nothing', { record: undefined }, { do: 'nothing' }],
    ['the engagement lets nothing be deleted: withdrawn', { deletes: false }, withdraw(CLEAR_ALL)],
    ['another lead is linked to it: withdrawn', { otherLinks: 1 }, withdraw(CLEAR_ALL)],
    ['matched: withdrawn', { link: { ...created, provenance: 'matched' } }, withdraw(CLEAR_ALL)],
    [
      'matched, and only one value is ours: that one',
      {
        link: { ...created, provenance: 'matched' },
        record: record({ properties: { email: 'a@lead.example', phone: '+4631', [LEAD_KEY]: KEY } }),
      },
      withdraw({ email: '', [LEAD_KEY]: '' }),
    ],
    ['merged: withdrawn', { link: { ...created, merged: true } }, withdraw(CLEAR_ALL)],
    ['merged since: withdrawn', { record: record({ mergedIds: ['7'] }) }, withdraw(CLEAR_ALL)],
    [
      'edited by somebody else, in a field we never wrote: withdrawn',
      { record: record({ foreign: ['city'] }) },
      withdraw(CLEAR_ALL),
    ],
    [
      'the same value typed by somebody else is theirs',
      { record: record({ foreign: ['phone'] }) },
      withdraw({ email: '', [LEAD_KEY]: '' }),
    ],
    [
      'a field changed since is the client’s',
      { record: record({ properties: { email: 'a@lead.example', phone: '+4631', [LEAD_KEY]: KEY } }) },
      withdraw({ email: '', [LEAD_KEY]: '' }),
    ],
    [
      'a merge left our address in the list: taken out of it',
      {
        link: { ...created, merged: true },
        record: record({ properties: { email: 'b@klient.example', [MORE_EMAILS]: 'a@lead.example;c@klient.example' } }),
      },
      withdraw({ [MORE_EMAILS]: 'c@klient.example' }),
    ],
    [
      'the client’s own, in their recycle bin: cannot be written',
      { link: { ...created, provenance: 'matched' }, record: record({ archived: true }) },
      { do: 'stuck', code: 'archived-by-client', id: '151' },
    ],
    ['the lead’s key is gone, ours: deleted all the same', { isOurs: null }, { do: 'delete', id: '151' }],
    [
      'the lead’s key is gone, matched: only our key, and said so',
      { isOurs: null, link: { ...created, provenance: 'matched' } },
      withdraw({ [LEAD_KEY]: '' }, true),
    ],
  ])('%s', (_, given, expected) => {
    expect(decide(given)).toEqual(expected);
  });
});

test.each([
  ['emptied', {}, []],
  ['still there: the vendor lied', OURS, ['email', 'phone']],
  ['replaced by the client meanwhile', { email: 'x@klient.example' }, []],
  ['our key still there', { [LEAD_KEY]: KEY }, [LEAD_KEY]],
])('reading back a withdrawal: %s', (_, properties, held) => {
  expect(stillHolding(words, record({ properties: properties as Record<string, string> }), CLEAR_ALL, isOurs)).toEqual(
    held,
  );
});

test.each([
  ['deleted and gone', 'deleted', undefined, false],
  ['deleted and still in the recycle bin', 'deleted', record({ archived: true }), true],
  [
    'withdrawn, and the record stays the client’s',
    'withdrawn',
    record({ properties: { email: 'b@k.example' } }),
    false,
  ],
  ['withdrawn, but our key is back', 'withdrawn', record(), true],
  ['stuck', 'stuck', record({ properties: {} }), true],
] as const)('after the purge time: %s', (_, action, found, left) => {
  expect(contactLeft(words, action, KEY, found)).toBe(left);
});
