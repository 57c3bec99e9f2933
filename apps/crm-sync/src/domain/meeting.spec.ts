import { describe, expect, test } from '@jest/globals';
import { decideMeetingErasure, decideMeetingWrite, meetingLeft, type Meeting } from './meeting.js';
import type { Link, VendorRecord } from './records.js';
import { BOOKING_KEY, HUBSPOT_WORDS } from './words-hubspot.js';

const meeting: Meeting = {
  bookingId: '0190bbbb-0000-7000-8000-000000000001',
  startsAt: '2027-03-01T09:00:00.000Z',
  endsAt: '2027-03-01T09:30:00.000Z',
  state: 'booked',
};
const KEY = meeting.bookingId;
const words = HUBSPOT_WORDS;
const wanted = words.meeting(meeting, 'Test Person');
const record = (properties: Record<string, string>, more: Partial<VendorRecord> = {}): VendorRecord => ({
  id: '500',
  archived: false,
  properties,
  mergedIds: [],
  foreign: [],
  ...more,
});
const link = (more: Partial<Link> = {}): Link => ({
  provenance: 'created',
  vendorId: '500',
  merged: false,
  gone: false,
  marks: {},
  ...more,
});

test.each([
  ['booked', 'SCHEDULED'],
  ['cancelled', 'CANCELED'],
  ['held', 'COMPLETED'],
  ['missed', 'NO_SHOW'],
] as const)('a meeting that is %s shows as %s', (state, outcome) => {
  expect(words.meeting({ ...meeting, state }, undefined)).toMatchObject({
    hs_meeting_outcome: outcome,
    hs_meeting_title: 'Meeting',
    hs_i_cal_uid: KEY,
  });
});

describe('what to write about a booking', () => {
  const decide = (more: Partial<Parameters<typeof decideMeetingWrite>[0]>) =>
    decideMeetingWrite({ words, meeting, wanted, found: {}, link: undefined, isOurs: () => false, ...more });

  test.each<[string, Parameters<typeof decide>[0], unknown]>([
    ['nothing there: ours, by our key', {}, { do: 'upsert', properties: wanted, provenance: 'created' }],
    [
      'ours follows the booking',
      { found: { linked: record({ hs_meeting_start_time: 'old' }) }, link: link() },
      { do: 'upsert', properties: wanted, provenance: 'created' },
    ],
    [
      'one that the client’s calendar made gets our key and its empty fields',
      { found: { byUid: record({ ...wanted, hs_meeting_title: 'Deras titel', hs_meeting_body: '' }) } },
      {
        do: 'update',
        id: '500',
        properties: { hs_meeting_body: 'Booked by Avtala', [BOOKING_KEY]: KEY },
        provenance: 'matched',
      },
    ],
    [
      'deleted by the client: not again',
      { link: link() },
      { do: 'stop', code: 'deleted-by-client', provenance: 'created' },
    ],
  ])('%s', (_, given, expected) => {
    expect(decide(given)).toEqual(expected);
  });
});

describe('what becomes of a meeting when its lead is erased', () => {
  const decide = (more: Partial<Parameters<typeof decideMeetingErasure>[0]>) =>
    decideMeetingErasure({
      words,
      key: KEY,
      link: link({ marks: { hs_meeting_title: ['m'] } }),
      record: record({ ...wanted, [BOOKING_KEY]: KEY }),
      deletes: true,
      isOurs: (p) => p === 'hs_meeting_title',
      ...more,
    });
  const texts = ['hs_meeting_title', 'hs_meeting_body'];

  test.each<[string, Parameters<typeof decide>[0], unknown]>([
    ['ours: blanked and archived', {}, { do: 'blank', id: '500', clear: texts, archive: true }],
    ['nothing may be deleted: blanked', { deletes: false }, { do: 'blank', id: '500', clear: texts, archive: false }],
    ['not there', { record: undefined }, { do: 'nothing' }],
    ['blanked and archived before', { record: record({}, { archived: true }) }, { do: 'nothing' }],
    [
      'archived by the client with its text',
      { record: record(wanted, { archived: true }) },
      { do: 'stuck', code: 'archived-by-client', id: '500' },
    ],
    [
      'the client’s calendar made it: our values and our key',
      { link: link({ provenance: 'matched', marks: { hs_meeting_title: ['m'], hs_meeting_body: ['x'] } }) },
      { do: 'blank', id: '500', clear: ['hs_meeting_title', BOOKING_KEY], archive: false },
    ],
  ])('%s', (_, given, expected) => {
    expect(decide(given)).toEqual(expected);
  });

  test.each([
    ['archived, without words', 'archived', record({ [BOOKING_KEY]: KEY }, { archived: true }), false],
    ['archived, with its title', 'archived', record({ hs_meeting_title: 'x' }, { archived: true }), true],
    ['not archived after all', 'archived', record({}), true],
    ['purged', 'archived', undefined, false],
    ['blanked', 'blanked', record({}), false],
  ] as const)('read back: %s', (_, action, found, left) => {
    expect(meetingLeft(words, action, KEY, found)).toBe(left);
  });
});
