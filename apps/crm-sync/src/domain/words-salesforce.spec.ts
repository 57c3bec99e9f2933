import { describe, expect, test } from '@jest/globals';
import { clientChange } from './client-changes.js';
import { decideContactErasure, decideShells } from './contact-erasure.js';
import { decideContactWrite } from './contact-write.js';
import { requireCredentials } from './credentials.js';
import { CredentialsInvalid } from './errors.js';
import { requireMapping, toProperties } from './mapping.js';
import type { Link, VendorRecord } from './records.js';
import { wordsOf } from './words.js';

const words = wordsOf('salesforce');
const KEY = '0190aaaa-0000-7000-8000-000000000001';
const LEAD = '00Q5e0000000001AAA';
const OURS: Record<string, string> = { LastName: 'Ek', Company: 'Exempel AB', Email: 'a@lead.example' };
const isOurs = (p: string, v: string): boolean => OURS[p] === v;
const record = (more: Partial<VendorRecord> = {}): VendorRecord => ({
  id: LEAD,
  archived: false,
  properties: { ...OURS, [words.leadKey]: KEY },
  mergedIds: [],
  foreign: [],
  ...more,
});
const marks = { LastName: ['m1'], Company: ['m2'], Email: ['m3'] };
const created: Link = { provenance: 'created', vendorId: LEAD, merged: false, gone: false, marks };

test.each<[string, Record<string, string>, Record<string, string>]>([
  ['two names', { FirstName: 'Åsa', LastName: 'Ek' }, { FirstName: 'Åsa', LastName: 'Ek' }],
  ['one name is the last', { FirstName: 'Ensam' }, { LastName: 'Ensam' }],
  ['none', { Email: 'a@b.example' }, { Email: 'a@b.example' }],
])('a person in the org’s places: %s', (_, given, expected) => {
  expect(words.arrange(given)).toEqual(expected);
});

test('a new lead has all the vendor asks for, and a value that is there stays', () => {
  expect(words.complete({ LastName: 'Ek' })).toEqual({ LastName: 'Ek', Company: '[unknown]' });
});

test('the mapping that a connection begins with may be used', () => {
  expect(() => requireMapping(words.defaultMapping, words)).not.toThrow();
  expect(toProperties({ name: 'Åsa Ek', email: 'Å@X.example' }, words.defaultMapping)).toEqual({
    FirstName: 'Åsa',
    LastName: 'Ek',
    Email: 'å@x.example',
  });
  expect(() => requireMapping({ title: 'IsConverted' }, words)).toThrow();
  expect(() => requireMapping({ title: words.leadKey }, words)).toThrow();
});

test.each([
  ['booked', 'Meeting with Åsa', 'Busy'],
  ['cancelled', 'Cancelled: Meeting with Åsa', 'Free'],
  ['held', 'Held: Meeting with Åsa', 'Busy'],
  ['missed', 'No-show: Meeting with Åsa', 'Busy'],
] as const)('a meeting that is %s', (state, Subject, ShowAs) => {
  const meeting = { bookingId: KEY, startsAt: '2027-03-28T00:30:00Z', endsAt: '2027-03-28T01:30:00Z', state };
  expect(words.meeting(meeting, 'Åsa')).toMatchObject({
    Subject,
    ShowAs,
    StartDateTime: '2027-03-28T00:30:00.000+0000', // always UTC, also when the clocks change
  });
  expect(words.meeting(meeting, undefined)['Subject']).not.toContain('Åsa');
});

test.each<[string, Partial<VendorRecord>, unknown]>([
  ['nothing of ours is gone', {}, { what: 'nothing' }],
  [
    'a value of ours was taken out',
    { properties: { LastName: 'Ek' } },
    { what: 'edited', fields: ['Company', 'Email'] },
  ],
  ['there was never a place for it', { properties: OURS, lacks: ['Fax'] }, { what: 'nothing' }],
  ['converted', { id: '0035e0000000001AAA' }, { what: 'moved', to: '0035e0000000001AAA' }],
])('somebody else wrote last: %s', (_, more, expected) => {
  const written = ['LastName', 'Company', 'Email', ...(more.lacks ?? [])];
  const found = record({ touched: true, ...more });
  expect(clientChange({ id: LEAD, found, erased: false, written })).toEqual(expected);
});

describe('what becomes of a person there', () => {
  const decide = (more: object) =>
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

  test.each<[string, object, unknown]>([
    ['ours alone: deleted', {}, { do: 'delete', id: LEAD }],
    [
      'somebody else wrote last: withdrawn, with something in what may not be empty',
      { record: record({ touched: true }) },
      {
        do: 'withdraw',
        id: LEAD,
        clear: { LastName: '[erased]', Company: '[erased]', Email: '', [words.leadKey]: '' },
        unsure: false,
      },
    ],
    [
      'converted, and its contact is gone: the lead is deleted',
      { record: record({ frozen: true, touched: true }) },
      { do: 'delete', id: LEAD },
    ],
  ])('%s', (_, given, expected) => {
    expect(decide(given)).toEqual(expected);
  });

  const shells = (more: object, link: Link = created) =>
    decideShells({
      ...{ words, key: KEY, link, otherLinks: 0, deletes: true, isOurs },
      record: record({ id: '0035e0000000001AAA', mergedIds: [LEAD], shells: [record(more)] }),
    });
  test('the lead it was: ours is deleted; in theirs our values are withdrawn; in their bin nothing can be done', () => {
    expect(shells({ frozen: true })).toEqual([{ id: LEAD, clear: null }]);
    const matched: Link = { ...created, provenance: 'matched', marks: { Email: ['m3'] } };
    expect(shells({ frozen: true }, matched)).toEqual([{ id: LEAD, clear: { Email: '', [words.leadKey]: '' } }]);
    expect(shells({ archived: true }, matched)).toEqual([]);
  });

  test('a place that the record does not have is left out; that others work with it stays known', () => {
    const contact = record({ properties: { LastName: 'Ek' }, lacks: ['Company'], touched: true });
    const { Email: _, ...rest } = marks;
    const link: Link = { ...created, marks: rest }; // we never wrote an address, so nobody took it out
    const write = decideContactWrite({
      ...{ words, key: KEY, wanted: OURS, found: { byKey: contact }, isOurs: () => false, link },
    });
    expect(write).toMatchObject({ do: 'update', merged: true, properties: { Email: 'a@lead.example' } });
    expect(Object.keys((write as { properties: object }).properties)).not.toContain('Company');
  });
});

test.each<[string, object, object | null]>([
  ['production by name', { username: 'a@b.example' }, { loginHost: 'login.salesforce.com', username: 'a@b.example' }],
  [
    'a sandbox by token',
    { refreshToken: 't', loginHost: 'sandbox' },
    { loginHost: 'test.salesforce.com', refreshToken: 't' },
  ],
  [
    'an org’s own domain',
    { username: 'a@b.example', loginHost: 'nordkund--uat.sandbox.my.salesforce.com' },
    { loginHost: 'nordkund--uat.sandbox.my.salesforce.com', username: 'a@b.example' },
  ],
  ['a host that only ends alike', { username: 'a@b.example', loginHost: 'evilmy.salesforce.com' }, null],
  ['a host that begins alike', { username: 'a@b.example', loginHost: 'x.my.salesforce.com.evil.example' }, null],
  ['a host of two lines', { username: 'a@b.example', loginHost: 'x.my.salesforce.com\nevil.example' }, null],
  ['both ways', { username: 'a@b.example', refreshToken: 't' }, null],
  ['neither', {}, null],
])('signing in to an org: %s', (_, given, expected) => {
  const ask = () => requireCredentials({ kind: 'salesforce', ...given });
  if (expected) expect(ask()).toEqual(expected);
  else expect(ask).toThrow(CredentialsInvalid);
});
