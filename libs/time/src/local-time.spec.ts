import { describe, expect, test } from '@jest/globals';
import { LocalTimeInvalid, parseLocal } from './local-time.js';

describe('parseLocal', () => {
  test.each([
    ['2027-03-01T09:30', 'Europe/Stockholm', '2027-03-01T08:30:00Z'],
    ['2027-07-01T09:30:15', 'Europe/Stockholm', '2027-07-01T07:30:15Z'],
    ['2027-03-28T03:00', 'Europe/Stockholm', '2027-03-28T01:00:00Z'], // first minute after the gap
    ['2026-10-25T03:00', 'Europe/Stockholm', '2026-10-25T02:00:00Z'], // first minute after the overlap
    ['2027-01-01T09:30', 'Asia/Kolkata', '2027-01-01T04:00:00Z'],
    ['2027-04-04T02:00', 'Australia/Lord_Howe', '2027-04-03T15:30:00Z'], // after a half-hour fall-back
    ['2026-11-01T12:00', 'America/New_York', '2026-11-01T17:00:00Z'],
  ])('%s in %s is %s', (local, zone, instant) => {
    expect(parseLocal(local, zone).toString()).toBe(instant);
  });

  test.each([
    ['2027-03-28T02:30', 'Europe/Stockholm', 'nonexistent'],
    ['2026-10-25T02:30', 'Europe/Stockholm', 'ambiguous'],
    ['2026-10-04T02:15', 'Australia/Lord_Howe', 'nonexistent'],
    ['2027-04-04T01:45', 'Australia/Lord_Howe', 'ambiguous'],
    ['2027-03-14T02:00', 'America/New_York', 'nonexistent'],
    ['2027-02-30T10:00', 'Europe/Stockholm', 'malformed'],
    ['2027-03-01T09:30Z', 'Europe/Stockholm', 'malformed'],
    ['2027-03-01', 'Europe/Stockholm', 'malformed'],
    ['2027-03-01T24:30', 'Europe/Stockholm', 'malformed'],
    ['2027-03-01T09:30', 'Europe/Atlantis', 'unknown-zone'],
    ['2027-03-01T09:30', '+01:00', 'unknown-zone'],
  ])('%s in %s is refused as %s', (local, zone, problem) => {
    expect(() => parseLocal(local, zone)).toThrow(LocalTimeInvalid);
    try {
      parseLocal(local, zone);
    } catch (error) {
      expect((error as LocalTimeInvalid).code).toBe(`local-time-${problem}`);
    }
  });
});
