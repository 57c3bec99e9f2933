/** Which of the built-in number formats show a date or a time (ECMA-376 part 1, 18.8.30; 27–36 and 50–58 are East Asian dates). */
const isBuiltInDate = (id: number): boolean =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);

/** Whether a number format shows a date: date letters outside quotation marks, escapes and brackets ([Red], [$-41D]). */
export function isDateFormat(id: number, code: string | undefined): boolean {
  if (code === undefined) return isBuiltInDate(id);
  const bare = code.replaceAll(/"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]/gi, '');
  return /[dyhsm]/i.test(bare) && !/general/i.test(bare);
}

/** A number as digits, the way a person sees it: no exponent, so that a phone number kept as a number comes through whole. */
export function numberText(raw: string): string {
  const value = Number(raw);
  if (raw.trim() === '' || !Number.isFinite(value)) return raw;
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return BigInt(value).toString();
  return String(value);
}

/** A day number as an ISO date, with its time if it has one. Text that is no day number comes back as it is.
 * @param since1904 the workbook counts days from 1904, as old Macintosh files do */
export function dateText(raw: string, since1904: boolean): string {
  const days = Number(raw);
  if (raw.trim() === '' || !Number.isFinite(days) || days < 0 || days > 2_958_466) return raw;
  const whole = Math.floor(days);
  // Day 60 is 29 February 1900, a day that never was; what comes after it is counted one too far.
  const offset = since1904 ? 0 : whole >= 60 ? -1 : 0;
  const start = Temporal.PlainDate.from(since1904 ? '1904-01-01' : '1899-12-31');
  const date = start.add({ days: whole + offset });
  const seconds = Math.round((days - whole) * 86_400);
  if (seconds === 0) return date.toString();
  const at = date.toPlainDateTime().add({ seconds });
  if (!since1904 && whole === 0) return at.toPlainTime().toString({ smallestUnit: 'second' }); // a time of day alone
  return at.toString({ smallestUnit: 'second' });
}
