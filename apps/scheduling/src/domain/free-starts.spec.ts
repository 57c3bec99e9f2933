import { describe, expect, it, test } from '@jest/globals';
import { decideBooking } from './decide-booking.js';
import { freeStarts, type HostTime, type MeetingRules } from './free-starts.js';
import { instantOf, minuteOf, type Span } from './span.js';
import { weeklyHours } from './working-hours.js';

const at = (iso: string): number => minuteOf(Temporal.Instant.from(iso));
const rules: MeetingRules = {
  lengthMinutes: 30,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  noticeMinutes: 0,
  horizonDays: 365,
  stepMinutes: 30,
};
const everyDay = (from: string, to: string) => [1, 2, 3, 4, 5, 6, 7].map((day) => weeklyHours(day, from, to));
const local = (starts: number[], zone: string): string[] =>
  starts.map((s) =>
    instantOf(s).toZonedDateTimeISO(zone).toString({ timeZoneName: 'never', smallestUnit: 'minute' }).slice(11),
  );

describe('free starts on Monday 1 March 2027 between 08:00 and 10:00 UTC', () => {
  const host: HostTime = { zone: 'UTC', hours: [weeklyHours(1, '08:00', '10:00')] };
  const day = { from: at('2027-03-01T00:00Z'), to: at('2027-03-02T00:00Z') };
  const spans = (busy: [string, string][]): Span[] =>
    busy.map(([from, to]) => ({ from: at(`2027-03-01T${from}Z`), to: at(`2027-03-01T${to}Z`) }));
  const found = (busy: [string, string][], more: Partial<MeetingRules> = {}, now = '2027-02-20T00:00Z') =>
    freeStarts(day, at(now), host, spans(busy), { ...rules, ...more }).map((s) =>
      instantOf(s).toString().slice(11, 16),
    );

  test.each<[string, [string, string][], string[]]>([
    ['nothing busy', [], ['08:00', '08:30', '09:00', '09:30']],
    ['busy 08:45–09:00', [['08:45', '09:00']], ['08:00', '09:00', '09:30']],
    ['meetings may touch', [['08:30', '09:00']], ['08:00', '09:00', '09:30']],
    ['busy all day', [['00:00', '23:59']], []],
    ['busy times overlap and are unsorted', [['09:10', '09:20'], ['08:00', '09:15']], ['09:30']], // prettier-ignore
    ['an empty busy time is nothing', [['09:00', '09:00']], ['08:00', '08:30', '09:00', '09:30']],
  ])('%s', (_, busy, expected) => {
    expect(found(busy)).toEqual(expected);
  });

  test.each<[string, Partial<MeetingRules>, [string, string][], string[]]>([
    ['buffer after keeps clear of the next', { bufferAfterMinutes: 10 }, [['09:00', '09:30']], ['08:00', '09:30']],
    ['buffer before keeps clear of the last', { bufferBeforeMinutes: 10 }, [['08:00', '08:30']], ['09:00', '09:30']],
    ['buffers may lie outside working time', { bufferBeforeMinutes: 60, bufferAfterMinutes: 60 }, [], ['08:00', '08:30', '09:00', '09:30']], // prettier-ignore
    ['a long meeting ends within hours', { lengthMinutes: 90 }, [], ['08:00', '08:30']],
    ['a step shorter than the meeting', { stepMinutes: 15, lengthMinutes: 60 }, [], ['08:00', '08:15', '08:30', '08:45', '09:00']], // prettier-ignore
    ['longer than the hours', { lengthMinutes: 150 }, [], []],
  ])('%s', (_, more, busy, expected) => {
    expect(found(busy, more)).toEqual(expected);
  });

  it('keeps notice and horizon', () => {
    expect(found([], { noticeMinutes: 60 }, '2027-03-01T08:00Z')).toEqual(['09:00', '09:30']);
    expect(found([], { noticeMinutes: 61 }, '2027-03-01T08:00Z')).toEqual(['09:30']);
    expect(found([], { horizonDays: 1 }, '2027-02-28T08:30Z')).toEqual(['08:00', '08:30']);
    expect(found([], {}, '2027-03-02T00:00Z')).toEqual([]);
  });

  it('counts steps from where the hours begin', () => {
    const odd: HostTime = { zone: 'UTC', hours: [weeklyHours(1, '08:15', '09:50')] };
    expect(
      freeStarts(day, at('2027-02-20T00:00Z'), odd, [], rules).map((s) => instantOf(s).toString().slice(11, 16)),
    ).toEqual(['08:15', '08:45', '09:15']);
  });
});

// What a person would expect to read on the host's wall clock on days when it jumps.
describe('days on which clocks change', () => {
  const hours = everyDay('01:00', '04:00');
  test.each<[string, string, string, string[]]>([
    ['Europe/Stockholm springs forward: 02:00–03:00 does not exist', 'Europe/Stockholm', '2027-03-28', ['01:00+01:00', '01:30+01:00', '03:00+02:00', '03:30+02:00']], // prettier-ignore
    ['Europe/Stockholm falls back: 02:00–03:00 happens twice', 'Europe/Stockholm', '2026-10-25', ['01:00+02:00', '01:30+02:00', '02:00+02:00', '02:30+02:00', '02:00+01:00', '02:30+01:00', '03:00+01:00', '03:30+01:00']], // prettier-ignore
    ['America/New_York springs forward', 'America/New_York', '2027-03-14', ['01:00-05:00', '01:30-05:00', '03:00-04:00', '03:30-04:00']], // prettier-ignore
    ['America/New_York falls back: 01:00–02:00 happens twice', 'America/New_York', '2026-11-01', ['01:00-04:00', '01:30-04:00', '01:00-05:00', '01:30-05:00', '02:00-05:00', '02:30-05:00', '03:00-05:00', '03:30-05:00']], // prettier-ignore
    ['Australia/Lord_Howe springs forward by half an hour: 02:00–02:30 does not exist', 'Australia/Lord_Howe', '2026-10-04', ['01:00+10:30', '01:30+10:30', '02:30+11:00', '03:00+11:00', '03:30+11:00']], // prettier-ignore
    ['Australia/Lord_Howe falls back by half an hour: 01:30–02:00 happens twice', 'Australia/Lord_Howe', '2027-04-04', ['01:00+11:00', '01:30+11:00', '01:30+10:30', '02:00+10:30', '02:30+10:30', '03:00+10:30', '03:30+10:30']], // prettier-ignore
    ['Asia/Kolkata never changes', 'Asia/Kolkata', '2027-03-28', ['01:00+05:30', '01:30+05:30', '02:00+05:30', '02:30+05:30', '03:00+05:30', '03:30+05:30']], // prettier-ignore
    ['America/St_Johns springs forward', 'America/St_Johns', '2027-03-14', ['01:00-03:30', '01:30-03:30', '03:00-02:30', '03:30-02:30']], // prettier-ignore
    ['Asia/Kathmandu lies at a quarter', 'Asia/Kathmandu', '2027-03-28', ['01:00+05:45', '01:30+05:45', '02:00+05:45', '02:30+05:45', '03:00+05:45', '03:30+05:45']], // prettier-ignore
  ])('%s', (_, zone, date, expected) => {
    const from = Temporal.PlainDate.from(date).toZonedDateTime(zone);
    const range = { from: minuteOf(from.toInstant()), to: minuteOf(from.add({ days: 1 }).toInstant()) };
    expect(local(freeStarts(range, range.from - 1440, { zone, hours }, [], rules), zone)).toEqual(expected);
  });
});

/** The definition, minute by minute: a start is free when its wall clock is on the grid of some hours, every minute of the meeting is working
 * time by the wall clock, and no minute with buffers is busy. */
function bruteForce(range: Span, now: number, host: HostTime, busy: Span[], r: MeetingRules): number[] {
  const wall = (minute: number) => {
    const z = instantOf(minute).toZonedDateTimeISO(host.zone);
    return { day: z.dayOfWeek, minute: z.hour * 60 + z.minute };
  };
  const cache = new Map<number, { day: number; minute: number }>();
  const wallAt = (m: number) => cache.get(m) ?? (cache.set(m, wall(m)), cache.get(m)!);
  const open = (m: number) =>
    host.hours.some((h) => h.day === wallAt(m).day && wallAt(m).minute >= h.from && wallAt(m).minute < h.to);
  const taken = (m: number) => busy.some((b) => m >= b.from && m < b.to);
  const found: number[] = [];
  for (let s = range.from; s < range.to; s++) {
    if (s < now + r.noticeMinutes || s > now + r.horizonDays * 1440) continue;
    const w = wallAt(s);
    const onGrid = host.hours.some(
      (h) => h.day === w.day && w.minute >= h.from && w.minute < h.to && (w.minute - h.from) % r.stepMinutes === 0,
    );
    if (!onGrid) continue;
    const all = (from: number, to: number, test: (m: number) => boolean) => {
      for (let m = from; m < to; m++) if (!test(m)) return false;
      return true;
    };
    if (!all(s, s + r.lengthMinutes, open)) continue;
    if (all(s - r.bufferBeforeMinutes, s + r.lengthMinutes + r.bufferAfterMinutes, (m) => !taken(m))) found.push(s);
  }
  return found;
}

// A generator of our own, so that a failure can be repeated.
function seeded(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

describe('brute force finds the same', () => {
  test.each([
    ['Europe/Stockholm', '2027-03-27'],
    ['Europe/Stockholm', '2026-10-24'],
    ['America/New_York', '2027-03-13'],
    ['Asia/Kolkata', '2027-03-27'],
    ['Australia/Lord_Howe', '2026-10-03'],
    ['Australia/Lord_Howe', '2027-04-03'],
    ['America/St_Johns', '2026-10-31'],
    ['Pacific/Chatham', '2027-04-03'],
  ])('%s around %s, 12 random hosts', (zone, date) => {
    const random = seeded(date.length * 7919 + zone.length);
    const start = minuteOf(Temporal.PlainDate.from(date).toZonedDateTime(zone).toInstant());
    for (let round = 0; round < 12; round++) {
      const hours = Array.from({ length: 1 + random(4) }, () => {
        const from = random(1380);
        return { day: [6, 7, 1][random(3)]!, from, to: Math.min(1440, from + 30 + random(700)) };
      });
      const busy = Array.from({ length: random(8) }, () => {
        const from = start + random(3000);
        return { from, to: from + random(120) };
      });
      const r: MeetingRules = {
        lengthMinutes: 5 + random(90),
        bufferBeforeMinutes: random(20),
        bufferAfterMinutes: random(20),
        noticeMinutes: random(600),
        horizonDays: 1 + random(3),
        stepMinutes: [5, 15, 20, 30, 45][random(5)]!,
      };
      const range = { from: start + random(300), to: start + 2880 };
      const host = { zone, hours };
      const found = freeStarts(range, start, host, busy, r);
      expect(found).toEqual(bruteForce(range, start, host, busy, r));
      // And what is listed can be booked, as far as rules and hours go.
      for (const s of found.slice(0, 5))
        expect(decideBooking(instantOf(s), instantOf(start), r, host)).toMatchObject({ ok: true });
    }
  });
});
