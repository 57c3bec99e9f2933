import { expect, test } from '@jest/globals';
import { planPush, type PushNeed } from './due-pushes.js';

const meeting = (more: Partial<PushNeed['meetings'][number]> = {}): PushNeed['meetings'][number] => ({
  bookingId: 'b1',
  state: 'booked',
  revision: 1,
  pushed: 0,
  attempted: false,
  tellAt: Temporal.Instant.from('2027-01-11T08:00:10Z'),
  ...more,
});
const need = (more: Partial<PushNeed> = {}): PushNeed => ({
  interested: false,
  contact: { revision: 1, pushed: 0 },
  meetings: [],
  ...more,
});

test.each<[string, PushNeed, { contact: boolean; bookingIds: string[] }]>([
  ['a lead with neither meeting nor interest', need(), { contact: false, bookingIds: [] }],
  ['an interested lead', need({ interested: true }), { contact: true, bookingIds: [] }],
  ['a booked meeting', need({ meetings: [meeting()] }), { contact: true, bookingIds: ['b1'] }],
  [
    'cancelled within the undo window',
    need({ meetings: [meeting({ state: 'cancelled', revision: 2 })] }),
    { contact: false, bookingIds: [] },
  ],
  [
    'cancelled after a call that may have worked',
    need({ meetings: [meeting({ state: 'cancelled', revision: 2, attempted: true })] }),
    { contact: true, bookingIds: ['b1'] },
  ],
  [
    'moved after it was told',
    need({ contact: { revision: 1, pushed: 1 }, meetings: [meeting({ revision: 2, pushed: 1, attempted: true })] }),
    { contact: false, bookingIds: ['b1'] },
  ],
  ['corrected (F2)', need({ contact: { revision: 2, pushed: 1 } }), { contact: true, bookingIds: [] }],
])('what a CRM is still to hear: %s', (_, given, plan) => {
  expect(planPush(given, Temporal.Instant.from('2027-01-11T08:00:10Z'))).toEqual({ ...plan, nextAt: null });
});

test('within the undo window nothing is said, of the person neither; and it is known when it ends', () => {
  const plan = planPush(need({ meetings: [meeting()] }), Temporal.Instant.from('2027-01-11T08:00:09Z'));
  expect(plan).toEqual({ contact: false, bookingIds: [], nextAt: Temporal.Instant.from('2027-01-11T08:00:10Z') });
});
