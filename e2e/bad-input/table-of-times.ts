import type { Row } from './refused.js';
import { booking, engagement, get, host, post } from './requests.js';

/** Zones, local times, ranges. */
export const TIMES: readonly Row[] = [
  [
    'an unknown zone',
    400,
    'request-invalid',
    (s) => ({
      who: 'booker',
      ask: post('bookings', booking(s.own, { startsAt: '2027-01-04T10:00', timeZone: 'Europe/Atlantis' })),
    }),
  ],
  [
    'an offset for a zone',
    400,
    'request-invalid',
    (s) => ({ ask: post('hosts', host(s.own, { timeZone: '+02:00' })) }),
  ],
  [
    'slots in an unknown zone',
    400,
    'local-time-unknown-zone',
    (s) => ({
      who: 'booker',
      ask: get(`meeting-types/${s.own.meetingType}/slots?from=2027-01-04T10:00&to=2027-01-05T10:00&timeZone=Mars/Base`),
    }),
  ],
  [
    'an engagement in an unknown zone',
    400,
    'request-invalid',
    (s) => ({ who: 'admin', ask: post('engagements', engagement(s.own, { timeZone: 'Sverige' })) }),
  ],
  [
    'a local time the clocks skip',
    400,
    'local-time-nonexistent',
    (s) => ({ who: 'booker', ask: post('bookings', booking(s.own, { startsAt: nextChange('gap'), timeZone: ZONE })) }),
  ],
  [
    'a local time that comes twice',
    400,
    'local-time-ambiguous',
    (s) => ({
      who: 'booker',
      ask: post('bookings', booking(s.own, { startsAt: nextChange('repeat'), timeZone: ZONE })),
    }),
  ],
  [
    'a move to a local time the clocks skip',
    400,
    'local-time-nonexistent',
    (s) => ({
      who: 'booker',
      ask: post(`bookings/${s.own.booking}/move`, { startsAt: nextChange('gap'), timeZone: ZONE }),
    }),
  ],
  [
    'slots from a local time that comes twice',
    400,
    'local-time-ambiguous',
    (s) => ({
      who: 'booker',
      ask: get(
        `meeting-types/${s.own.meetingType}/slots?from=${nextChange('repeat')}&to=2099-01-01T10:00&timeZone=${ZONE}`,
      ),
    }),
  ],
  [
    'a local time without a zone',
    400,
    'local-time-malformed',
    (s) => ({ who: 'booker', ask: post('bookings', booking(s.own, { startsAt: '2027-01-04T10:00' })) }),
  ],
  [
    '30 February',
    400,
    'local-time-malformed',
    (s) => ({ who: 'booker', ask: post('bookings', booking(s.own, { startsAt: '2027-02-30T10:00:00Z' })) }),
  ],
  [
    'the year -271821',
    400,
    'local-time-malformed',
    (s) => ({ who: 'booker', ask: post('bookings', booking(s.own, { startsAt: '-271821-04-20T00:00:00Z' })) }),
  ],
  [
    'the year 275760',
    400,
    'local-time-malformed',
    (s) => ({
      who: 'booker',
      ask: get(`meeting-types/${s.own.meetingType}/slots?from=%2B275760-09-12T00:00:00Z&to=%2B275760-09-13T00:00:00Z`),
    }),
  ],
  [
    'a slot that has passed',
    422,
    'start-in-past',
    (s) => ({ who: 'booker', ask: post('bookings', booking(s.own, { startsAt: inMinutes(-1440) })) }),
  ],
  [
    'a slot too soon',
    422,
    'too-soon',
    (s) => ({ who: 'booker', ask: post('bookings', booking(s.own, { startsAt: inMinutes(3) })) }),
  ],
  [
    'a slot years ahead',
    422,
    'beyond-horizon',
    (s) => ({ who: 'booker', ask: post('bookings', booking(s.own, { startsAt: '2099-01-05T09:00:00Z' })) }),
  ],
  [
    'a slot at night',
    422,
    'outside-hours',
    (s) => ({
      who: 'booker',
      ask: post('bookings', booking(s.own, { startsAt: s.own.freeAt.replace(/T\d\d/, 'T22') })),
    }),
  ],
  [
    'a slot between the steps',
    422,
    'not-on-grid',
    (s) => ({
      who: 'booker',
      ask: post('bookings', booking(s.own, { startsAt: s.own.freeAt.replace(/T\d\d:\d\d/, 'T12:07') })),
    }),
  ],
  [
    'an end before its start',
    400,
    'range-backwards',
    (s) => ({
      who: 'booker',
      ask: get(`meeting-types/${s.own.meetingType}/slots?from=2027-01-05T10:00:00Z&to=2027-01-04T10:00:00Z`),
    }),
  ],
  [
    'an end at its start',
    400,
    'range-backwards',
    (s) => ({
      who: 'booker',
      ask: get(`meeting-types/${s.own.meetingType}/slots?from=2027-01-05T10:00:00Z&to=2027-01-05T10:00:00Z`),
    }),
  ],
  [
    'a range of a year',
    400,
    'range-too-long',
    (s) => ({
      who: 'booker',
      ask: get(`meeting-types/${s.own.meetingType}/slots?from=2027-01-05T10:00:00Z&to=2028-01-05T10:00:00Z`),
    }),
  ],
  [
    'hours that end before they begin',
    400,
    'hours-backwards',
    (s) => ({ ask: post('hosts', host(s.own, { weeklyHours: [{ day: 1, from: '17:00', to: '08:00' }] })) }),
  ],
  [
    'an end of the engagement in its binding month',
    409,
    'binding-period',
    (s) => ({ who: 'admin', ask: post(`engagements/${s.own.engagement}/notice`, { endsOn: '2026-01-31' }) }),
  ],
  [
    'an assessment of tomorrow',
    400,
    'assessment-in-the-future',
    (s) => ({
      ask: post(`engagements/${s.own.engagement}/assessments`, {
        purpose: 'a',
        necessity: 'b',
        balancing: 'c',
        madeOn: '2199-12-31',
      }),
    }),
  ],
  [
    'a start on day 0 of the calendar',
    400,
    'request-invalid',
    (s) => ({ who: 'admin', ask: post('engagements', engagement(s.own, { startsOn: '0000-01-01' })) }),
  ],
];

const ZONE = 'Europe/Stockholm';

/** Half an hour into the next hour that the clocks skip, or go through twice. */
function nextChange(kind: 'gap' | 'repeat'): string {
  for (let at = Temporal.Now.zonedDateTimeISO(ZONE); ;) {
    const change = at.getTimeZoneTransition('next')!;
    const forward = change.offsetNanoseconds > at.offsetNanoseconds;
    const wall = change.toPlainDateTime();
    if (forward === (kind === 'gap')) {
      // The wall clock reads `wall` behind the change: skipped is the hour before, repeated the hour after.
      return (forward ? wall.subtract({ minutes: 30 }) : wall.add({ minutes: 30 })).toString({
        smallestUnit: 'minute',
      });
    }
    at = change;
  }
}

const inMinutes = (minutes: number): string =>
  Temporal.Now.instant().add({ minutes }).round({ smallestUnit: 'minute' }).toString();
