import type { ErasureRecipient, ReceiptPhase } from '@avtala/contracts';
import { expect, test } from '@jest/globals';
import { allAsked, inOrder, lateSoFar, leadsOf, unfinished, type Receipt } from './saga.js';

const receipt = (recipient: ErasureRecipient, phase: ReceiptPhase, more: Partial<Receipt> = {}): Receipt => ({
  recipient,
  phase,
  action: 'done',
  counts: { left: 0 },
  outstanding: [],
  at: '2027-03-01T09:00:00.000Z',
  ...more,
});
const verified = [
  receipt('lead-intake', 'verified'),
  receipt('scheduling', 'verified'),
  receipt('crm-sync', 'verified'),
];

test.each<[string, Receipt[], string[]]>([
  ['nobody has said anything', [], ['lead-intake', 'scheduling', 'crm-sync']],
  ['everybody was read back', verified, []],
  ['one is missing', verified.slice(0, 2), ['crm-sync']],
  ['asked is not read back', [...verified.slice(0, 2), receipt('crm-sync', 'asked')], ['crm-sync']],
  [
    'something is left',
    [...verified.slice(0, 2), receipt('crm-sync', 'verified', { counts: { left: 2 } })],
    ['crm-sync'],
  ],
  ['left was not counted', [...verified.slice(0, 2), receipt('crm-sync', 'verified', { counts: {} })], ['crm-sync']],
  [
    'outside systems did not confirm',
    [
      verified[0]!,
      receipt('scheduling', 'verified', { outstanding: ['google-calendar'] }),
      receipt('crm-sync', 'asked', { outstanding: ['hubspot'] }),
    ],
    ['scheduling/google-calendar', 'crm-sync/hubspot'],
  ],
  [
    'a message was never sent, and what is read back cannot make up for it; what an outside system did not confirm at first can be',
    [...verified, receipt('scheduling', 'asked', { outstanding: ['mail', 'google-calendar'] })],
    ['scheduling/mail'],
  ],
  [
    'a message was never sent, and rows are left',
    [
      ...[verified[0]!, verified[2]!, receipt('scheduling', 'asked', { outstanding: ['mail'] })],
      receipt('scheduling', 'verified', { counts: { left: 1 } }),
    ],
    ['scheduling', 'scheduling/mail'],
  ],
  [
    'a message was never sent, and said again',
    [
      ...[verified[0]!, verified[2]!, receipt('scheduling', 'asked', { outstanding: ['mail'] })],
      receipt('scheduling', 'verified', { outstanding: ['mail', 'google-calendar'] }),
    ],
    ['scheduling/mail', 'scheduling/google-calendar'],
  ],
])('who is not done, by name: %s', (_, receipts, names) => {
  expect(unfinished(receipts)).toEqual(names);
});

test('keys are destroyed when all have asked; who was read back needs not have', () => {
  const asked = [receipt('lead-intake', 'asked'), receipt('scheduling', 'asked')];
  expect(allAsked(asked)).toBe(false);
  expect(allAsked([...asked, receipt('crm-sync', 'stopped')])).toBe(false);
  expect(allAsked([...asked, receipt('crm-sync', 'asked')])).toBe(true);
  expect(allAsked([...asked, receipt('crm-sync', 'verified')])).toBe(true);
});

test('people are counted by lead-intake alone', () => {
  const receipts = [
    receipt('lead-intake', 'stopped', { counts: { leads: 0 } }),
    receipt('lead-intake', 'verified', { counts: { leads: 198, left: 0 } }),
    receipt('scheduling', 'verified', { counts: { leads: 500, left: 0 } }),
  ];
  expect(leadsOf(receipts, null)).toBe(198);
  expect(leadsOf([], null)).toBe(0);
  expect(leadsOf([], 'a-lead')).toBe(1);
  expect(leadsOf([receipt('lead-intake', 'stopped', { counts: { leads: 1 } })], 'a-lead')).toBe(1);
  expect(leadsOf([receipt('lead-intake', 'stopped', { counts: { leads: 0 } })], 'a-lead')).toBe(0);
});

test('who has not asked when a day has passed is named before the deadline: their order may be parked', () => {
  const asked = [receipt('lead-intake', 'asked'), receipt('scheduling', 'asked', { outstanding: ['mail'] })];
  expect(lateSoFar('ordered', asked)).toEqual(['scheduling/mail']);
  expect(lateSoFar('cleared', asked)).toEqual(['crm-sync', 'scheduling/mail']);
  expect(lateSoFar('cleared', [...asked, receipt('crm-sync', 'asked')])).toEqual(['scheduling/mail']);
});

test('receipts are listed in one order, however they came', () => {
  const all = [receipt('crm-sync', 'stopped'), receipt('lead-intake', 'verified'), receipt('lead-intake', 'asked')];
  expect(inOrder(all)).toEqual(inOrder([...all].reverse()));
  expect(inOrder(all)[0]).toEqual(all[2]);
});
