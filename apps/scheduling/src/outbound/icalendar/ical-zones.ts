import { isTimeZone } from '@avtala/time';
import { first, unreadable, type Component } from './ical.js';

/** Windows' names as Outlook and Exchange write them (CLDR windowsZones, the part around our clients). */
const WINDOWS: Readonly<Record<string, string>> = {
  'W. Europe Standard Time': 'Europe/Berlin',
  'Romance Standard Time': 'Europe/Paris',
  'Central Europe Standard Time': 'Europe/Budapest',
  'Central European Standard Time': 'Europe/Warsaw',
  'GMT Standard Time': 'Europe/London',
  'Greenwich Standard Time': 'Atlantic/Reykjavik',
  'FLE Standard Time': 'Europe/Kyiv',
  'GTB Standard Time': 'Europe/Bucharest',
  'E. Europe Standard Time': 'Europe/Chisinau',
  'Turkey Standard Time': 'Europe/Istanbul',
  'Russian Standard Time': 'Europe/Moscow',
  'Israel Standard Time': 'Asia/Jerusalem',
  'India Standard Time': 'Asia/Kolkata',
  'China Standard Time': 'Asia/Shanghai',
  'Tokyo Standard Time': 'Asia/Tokyo',
  'AUS Eastern Standard Time': 'Australia/Sydney',
  'Eastern Standard Time': 'America/New_York',
  'Central Standard Time': 'America/Chicago',
  'Mountain Standard Time': 'America/Denver',
  'Pacific Standard Time': 'America/Los_Angeles',
  UTC: 'UTC',
};

/** The IANA zone that a calendar's TZID means. Never a guess: calendar libraries take an unknown one for the machine's own zone, which was six
 * hours wrong in New York.
 * @throws EntryUnreadable no zone we know, and none its VTIMEZONE describes without daylight saving */
export function zoneOf(tzid: string, calendar: Component): string {
  const described = calendar.components.find((c) => c.name === 'VTIMEZONE' && first(c, 'TZID')?.value === tzid);
  const names = [tzid, described && first(described, 'X-LIC-LOCATION')?.value, WINDOWS[tzid], lastTwo(tzid)];
  for (const name of names) if (name && isTimeZone(name)) return name;
  const fixed = described && fixedOffset(described);
  if (!fixed) throw unreadable();
  return fixed;
}

/** `/freeassociation.sourceforge.net/Europe/Stockholm` and its kind. */
const lastTwo = (tzid: string): string | undefined => /(?:^|\/)([A-Z][A-Za-z]+\/[A-Z][A-Za-z_]+)$/.exec(tzid)?.[1];

function fixedOffset(zone: Component): string | undefined {
  const offsets = new Set(zone.components.map((c) => first(c, 'TZOFFSETTO')?.value));
  const [only] = offsets;
  const parts = offsets.size === 1 ? /^([+-]\d{2})(\d{2})(?:00)?$/.exec(only ?? '') : null;
  return parts ? `${parts[1]}:${parts[2]}` : undefined;
}
