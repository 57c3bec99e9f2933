import { describe, expect, it, test } from '@jest/globals';
import { decideBooking } from './decide-booking.js';
import { BOOKING_STATES, decideChange, type BookingState, type Change } from './decide-change.js';
import { decideInvite } from './decide-invite.js';
import { RangeInvalid } from './errors.js';
import { calendarEventId } from './event-id.js';
import type { HostTime } from './free-starts.js';
import { weeklyHours } from './working-hours.js';

const at = (iso: string) => Temporal.Instant.from(iso);

describe('deciding on a start', () => {
  const rules = {
    lengthMinutes: 30,
    bufferBeforeMinutes: 0,
    bufferAfterMinutes: 0,
    noticeMinutes: 120,
    horizonDays: 30,
    stepMinutes: 30,
  };
  const host: HostTime = {
    zone: 'Europe/Stockholm',
    hours: [1, 2, 3, 4, 5].map((d) => weeklyHours(d, '09:00', '17:00')),
  };
  const now = at('2027-03-01T08:00:00Z'); // Monday, 09:00 in Stockholm
  test.each([
    ['2027-03-01T10:00:00Z', 'ok'], // exactly the notice
    ['2027-03-01T09:59:00Z', 'too-soon'],
    ['2027-03-01T07:59:59Z', 'start-in-past'],
    ['2027-02-01T10:00:00Z', 'start-in-past'],
    ['2027-03-31T08:00:00Z', 'ok'], // 30 × 24 h; 10:00 in Stockholm, where clocks went forward
    ['2027-03-31T08:30:00Z', 'beyond-horizon'],
    ['2027-03-02T08:15:00Z', 'not-on-grid'],
    ['2027-03-02T08:30:30Z', 'not-on-grid'],
    ['2027-03-02T07:30:00Z', 'outside-hours'], // 08:30
    ['2027-03-02T15:30:00Z', 'ok'], // 16:30–17:00
    ['2027-03-02T16:00:00Z', 'outside-hours'],
    ['2027-03-06T10:00:00Z', 'outside-hours'], // Saturday
    ['2027-03-29T07:00:00Z', 'ok'], // 09:00 summer time
  ])('%s: %s', (startsAt, expected) => {
    const decision = decideBooking(at(startsAt), now, rules, host);
    expect(decision.ok ? 'ok' : decision.reason).toBe(expected);
  });

  it('working hours do not run backwards', () => {
    expect(() => weeklyHours(1, '17:00', '09:00')).toThrow(RangeInvalid);
    expect(() => weeklyHours(1, '09:00', '09:00')).toThrow(RangeInvalid);
    expect(weeklyHours(1, '00:00', '24:00')).toEqual({ day: 1, from: 0, to: 1440 });
  });
});

describe('the state machine of a meeting', () => {
  const times = { startsAt: at('2027-03-01T10:00:00Z'), endsAt: at('2027-03-01T10:30:00Z') };
  const [before, during, after] = [at('2027-03-01T09:59:59Z'), at('2027-03-01T10:00:00Z'), at('2027-03-01T10:30:00Z')];
  test.each<[Change, Temporal.Instant, string]>([
    ['move', before, 'booked+1'],
    ['move', during, 'meeting-started'],
    ['cancel', before, 'cancelled+1'],
    ['cancel', during, 'cancelled+1'],
    ['cancel', after, 'meeting-over'],
    ['hold', before, 'meeting-not-started'],
    ['hold', during, 'held+0'],
    ['hold', after, 'held+0'],
    ['miss', before, 'meeting-not-started'],
    ['miss', after, 'missed+0'],
  ])('%s at %s: %s', (change, now, expected) => {
    const d = decideChange(change, { state: 'booked', ...times }, now);
    expect(d.ok ? `${d.state}+${Number(d.newSequence)}` : d.reason).toBe(expected);
  });

  test.each(BOOKING_STATES.filter((s) => s !== 'booked'))('%s is final', (state: BookingState) => {
    for (const change of ['move', 'cancel', 'hold', 'miss'] as const) {
      expect(decideChange(change, { state, ...times }, after)).toEqual({ ok: false, reason: `booking-${state}` });
    }
  });
});

describe('what the lead must still be told', () => {
  const request = (sequence: number, state: 'sending' | 'sent' | 'failed', messageMac: Buffer | null = null) => ({
    method: 'REQUEST' as const,
    sequence,
    state,
    messageMac,
    code: null,
  });
  const cancel = (state: 'sent' | 'failed', code: string | null = null) => ({
    ...request(1, state),
    method: 'CANCEL' as const,
    code,
  });
  test.each([
    ['booked, nothing tried', 'booked', 0, [], 'REQUEST'],
    ['booked, sent', 'booked', 0, [request(0, 'sent')], undefined],
    ['booked, died while sending', 'booked', 0, [request(0, 'sending')], 'REQUEST'],
    ['booked, refused', 'booked', 0, [request(0, 'failed')], undefined],
    ['moved after it was sent', 'booked', 1, [request(0, 'sent')], 'REQUEST'],
    ['moved within the undo window', 'booked', 1, [], 'REQUEST'],
    ['cancelled within the undo window: nothing is sent', 'cancelled', 1, [], undefined],
    ['cancelled after it was sent', 'cancelled', 1, [request(0, 'sent')], 'CANCEL'],
    ['cancelled while it may be on its way', 'cancelled', 1, [request(0, 'sending')], 'CANCEL'],
    ['cancelled, but it never arrived', 'cancelled', 1, [request(0, 'failed')], undefined],
    [
      'cancelled, tried and then refused: the first try may have arrived',
      'cancelled',
      1,
      [request(0, 'failed', Buffer.from('mac'))],
      'CANCEL',
    ],
    [
      'cancelled, but they may not be written to',
      'cancelled',
      1,
      [request(0, 'sent'), cancel('failed', 'not-allowed')],
      undefined,
    ],
    ['held', 'held', 0, [], undefined],
    ['missed', 'missed', 0, [request(0, 'sent')], undefined],
  ] as const)('%s', (_, state, sequence, tried, expected) => {
    expect(decideInvite({ state, sequence }, tried)).toBe(expected);
  });

  test.each([
    ['a cancellation that was not allowed', [request(0, 'sent'), cancel('failed', 'not-allowed')], 'CANCEL'],
    ['one without an address', [request(0, 'sent'), cancel('failed', 'no-address')], undefined],
    ['one that was sent', [request(0, 'sent'), cancel('sent')], undefined],
    ['an invite that never went out', [request(0, 'failed'), cancel('failed', 'not-allowed')], undefined],
  ] as const)('by an erasure order, %s', (_, tried, expected) => {
    expect(decideInvite({ state: 'cancelled', sequence: 1 }, tried, true)).toBe(expected);
  });
});

describe('the id of a calendar event', () => {
  it('is base32hex of the booking id, and differs by generation', () => {
    const id = '019a0000-0000-7000-8000-0000000000b1';
    expect(calendarEventId(id, 0)).toMatch(/^[0-9a-v]{26}$/);
    expect(calendarEventId(id, 0)).toBe(calendarEventId(id.toUpperCase(), 0));
    expect(calendarEventId(id, 2)).toBe(`${calendarEventId(id, 0)}v2`);
    expect(calendarEventId('019a0000-0000-7000-8000-0000000000b2', 0)).not.toBe(calendarEventId(id, 0));
    expect(calendarEventId('ffffffff-ffff-ffff-ffff-ffffffffffff', 0)).toBe('vvvvvvvvvvvvvvvvvvvvvvvvvs');
    expect(() => calendarEventId('x', 0)).toThrow(TypeError);
  });
});
