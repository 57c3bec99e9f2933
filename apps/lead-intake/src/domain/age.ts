/** A birth date or an age is read to refuse minors (B7) and never stored. `unreadable`: it cannot be shown that the person is of age. */
export type Age = 'adult' | 'minor' | 'unreadable';

const ADULT = 18;

/** @param text 1990-05-31, 19900531, 1990/05/31, 31.5.1990 or 31/05/1990
 * @param today the Swedish calendar day */
export function ageByBirthDate(text: string, today: Temporal.PlainDate): Age {
  const written = text.trim();
  const yearFirst = /^(\d{4})([-/.]?)(\d{2})\2(\d{2})$/.exec(written);
  const dayFirst = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$/.exec(written);
  const [year, month, day] = yearFirst
    ? [yearFirst[1], yearFirst[3], yearFirst[4]]
    : dayFirst
      ? [dayFirst[3], dayFirst[2], dayFirst[1]]
      : [];
  if (!year) return 'unreadable';
  try {
    const born = Temporal.PlainDate.from(
      { year: Number(year), month: Number(month), day: Number(day) },
      { overflow: 'reject' },
    );
    const years = born.until(today, { largestUnit: 'years' }).years;
    if (years < 0 || years > 130) return 'unreadable';
    return years >= ADULT ? 'adult' : 'minor';
  } catch {
    return 'unreadable'; // 31 February
  }
}

/** @param text whole years: `42`, `42 år`, `42 years` */
export function ageByYears(text: string): Age {
  const years = /^(\d{1,3})\s*(år|years?|yrs?)?$/i.exec(text.trim())?.[1];
  if (!years || Number(years) > 130) return 'unreadable';
  return Number(years) >= ADULT ? 'adult' : 'minor';
}
