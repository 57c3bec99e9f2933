/** `holiday`: a red day. `eve`: a weekday on which offices are closed all the same. */
export type SwedishDayOff = 'holiday' | 'eve';

/** Whether a calendar day is a Swedish public holiday, or one of the eves that the Annual Leave Act (1977:480, 3 a §) puts on a level with Sundays.
 * Sundays and Saturdays that are nothing else are neither. @returns null for an ordinary day */
export function swedishDayOff(day: Temporal.PlainDate): SwedishDayOff | null {
  const date = `${String(day.month).padStart(2, '0')}-${String(day.day).padStart(2, '0')}`;
  if (FIXED.has(date)) return 'holiday';
  if (date === '12-24' || date === '12-31') return 'eve';
  const fromEaster = easterSunday(day.year).until(day).days;
  if (AROUND_EASTER.has(fromEaster)) return 'holiday';
  // Midsummer Day is the Saturday from 20 to 26 June, All Saints' the Saturday from 31 October to 6 November.
  if (day.dayOfWeek === 6 && date >= '06-20' && date <= '06-26') return 'holiday';
  if (day.dayOfWeek === 6 && date >= '10-31' && date <= '11-06') return 'holiday';
  if (day.dayOfWeek === 5 && date >= '06-19' && date <= '06-25') return 'eve';
  return null;
}

/** New Year, Epiphany, 1 May, National Day, Christmas Day and the day after. */
const FIXED = new Set(['01-01', '01-06', '05-01', '06-06', '12-25', '12-26']);
/** Good Friday, Easter Sunday and Monday, Ascension, Whit Sunday. */
const AROUND_EASTER = new Set([-2, 0, 1, 39, 49]);

/** The Gregorian computus of Meeus, Jones and Butcher. */
function easterSunday(year: number): Temporal.PlainDate {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const sum = h + l - 7 * m + 114;
  return Temporal.PlainDate.from({ year, month: Math.floor(sum / 31), day: (sum % 31) + 1 });
}
