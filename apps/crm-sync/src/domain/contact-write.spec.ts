import { describe, expect, test } from '@jest/globals';
import { decideContactWrite } from './contact-write.js';
import type { Link, VendorRecord } from './records.js';
import { HUBSPOT_WORDS, LEAD_KEY } from './words-hubspot.js';

const KEY = '0190aaaa-0000-7000-8000-000000000001';
const record = (properties: Record<string, string>, more: Partial<VendorRecord> = {}): VendorRecord => ({
  id: '151',
  archived: false,
  properties,
  mergedIds: [],
  foreign: [],
  ...more,
});
const link = (more: Partial<Link> = {}): Link => ({
  provenance: 'created',
  vendorId: '151',
  merged: false,
  gone: false,
  marks: {},
  ...more,
});
const WANTED = { email: 'a@lead.example', phone: '+46701740605', company: 'Exempel AB' };
const decide = (more: Partial<Parameters<typeof decideContactWrite>[0]>) =>
  decideContactWrite({
    words: HUBSPOT_WORDS,
    key: KEY,
    wanted: WANTED,
    found: {},
    link: undefined,
    isOurs: () => false,
    ...more,
  });

describe('what to write about a lead', () => {
  test('nobody there: a record of our own', () => {
    expect(decide({})).toEqual({ do: 'create', properties: WANTED });
  });

  test.each<[string, Record<string, string>, string[], Record<string, string>]>([
    ['empty fields are filled', { email: 'a@lead.example' }, [], { phone: WANTED.phone, company: WANTED.company }],
    ['the client’s values stay', { email: 'a@lead.example', phone: '+4631', company: 'Deras AB' }, [], {}],
    ['a value that is still ours is corrected (F2)', { ...WANTED, phone: '+4631' }, ['phone'], { phone: WANTED.phone }],
    ['equal values are not written again', WANTED, [], {}],
  ])('on a matched record: %s', (_, present, ours, written) => {
    const write = decide({ found: { byEmail: record(present) }, isOurs: (p) => ours.includes(p) });
    expect(write).toEqual({
      do: 'update',
      id: '151',
      provenance: 'matched',
      merged: false,
      properties: { ...written, [LEAD_KEY]: KEY },
    });
  });

  test.each<[string, Parameters<typeof decide>[0], unknown]>([
    [
      'a create that timed out is found by key and stays ours',
      { found: { byKey: record({ ...WANTED, [LEAD_KEY]: KEY }) }, link: link({ vendorId: null }) },
      { do: 'update', id: '151', provenance: 'created', merged: false, properties: {} },
    ],
    [
      'our key on a record nobody remembers is treated as the client’s',
      { found: { byKey: record({ ...WANTED, [LEAD_KEY]: KEY }) } },
      { do: 'update', id: '151', provenance: 'matched', merged: false, properties: {} },
    ],
    [
      'a merged record is followed to its new id',
      { found: { byId: record(WANTED, { id: '999', mergedIds: ['151'] }) }, link: link() },
      { do: 'update', id: '999', provenance: 'created', merged: true, properties: { [LEAD_KEY]: KEY } },
    ],
    [
      'another lead’s key is left alone',
      { found: { byEmail: record({ ...WANTED, [LEAD_KEY]: 'other' }) } },
      { do: 'update', id: '151', provenance: 'matched', merged: false, properties: {} },
    ],
    ['a deleted record is not made again', { link: link() }, { do: 'stop', code: 'deleted-by-client' }],
    ['nor later', { link: link({ gone: true, vendorId: null }) }, { do: 'stop', code: 'deleted-by-client' }],
    [
      'an intended create that met the client’s own record is matched',
      { found: { byEmail: record(WANTED) }, link: link({ vendorId: null }) },
      { do: 'update', id: '151', provenance: 'matched', merged: false, properties: { [LEAD_KEY]: KEY } },
    ],
  ])('%s', (_, given, expected) => {
    expect(decide(given)).toEqual(expected);
  });
});
