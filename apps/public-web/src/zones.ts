import type { PageLanguage } from '@avtala/page';

/** Zones that can be chosen, by a city people know; the lead's own is there whatever it is. More of them would not fit in the page. */
const CITIES: readonly (readonly [zone: string, sv: string, en: string])[] = [
  ['Europe/Stockholm', 'Stockholm', 'Stockholm'],
  ['Europe/Helsinki', 'Helsingfors', 'Helsinki'],
  ['Europe/Oslo', 'Oslo', 'Oslo'],
  ['Europe/Copenhagen', 'Köpenhamn', 'Copenhagen'],
  ['Atlantic/Reykjavik', 'Reykjavik', 'Reykjavik'],
  ['Europe/London', 'London', 'London'],
  ['Europe/Berlin', 'Berlin', 'Berlin'],
  ['Europe/Paris', 'Paris', 'Paris'],
  ['Europe/Madrid', 'Madrid', 'Madrid'],
  ['Europe/Warsaw', 'Warszawa', 'Warsaw'],
  ['Europe/Athens', 'Aten', 'Athens'],
  ['Europe/Kyiv', 'Kyiv', 'Kyiv'],
  ['Europe/Istanbul', 'Istanbul', 'Istanbul'],
  ['Asia/Dubai', 'Dubai', 'Dubai'],
  ['Asia/Kolkata', 'Delhi', 'Delhi'],
  ['Asia/Singapore', 'Singapore', 'Singapore'],
  ['Asia/Shanghai', 'Shanghai', 'Shanghai'],
  ['Asia/Tokyo', 'Tokyo', 'Tokyo'],
  ['Australia/Sydney', 'Sydney', 'Sydney'],
  ['Pacific/Auckland', 'Auckland', 'Auckland'],
  ['America/Sao_Paulo', 'São Paulo', 'São Paulo'],
  ['America/New_York', 'New York', 'New York'],
  ['America/Chicago', 'Chicago', 'Chicago'],
  ['America/Denver', 'Denver', 'Denver'],
  ['America/Los_Angeles', 'Los Angeles', 'Los Angeles'],
];

/** Whether this runtime knows the zone by that name. */
export function isZone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{1,63}$/.test(zone)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** `Helsingfors`; of a zone without a name here the last part of its own. */
export function cityOf(zone: string, language: PageLanguage): string {
  const known = CITIES.find(([id]) => id === zone);
  if (known) return language === 'sv' ? known[1] : known[2];
  return zone.split('/').at(-1)!.replaceAll('_', ' ');
}

/** Beside a time: `i Sverige`, `i Helsingfors`. */
export function placeOf(zone: string, language: PageLanguage): string {
  if (zone === 'Europe/Stockholm') return language === 'sv' ? 'i Sverige' : 'in Sweden';
  return `${language === 'sv' ? 'i' : 'in'} ${cityOf(zone, language)}`;
}

/** @param own shown first, even where the list does not have them */
export function zonesFor(own: readonly string[]): string[] {
  return [...new Set([...own, ...CITIES.map(([zone]) => zone)])];
}
