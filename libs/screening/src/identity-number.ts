/** Personal identity numbers (personnummer, samordningsnummer) are refused wherever text is taken in (B1). A sole trader's organisation
 * number is one of them; a company's is not: its third digit is 2 or more, which is no month. */

const SEPARATORS = String.raw`[\s\-+./_:,*~()]{1,4}`;
/** A VAT number: a sole trader's holds their identity number. */
const VAT = /SE[\s-]?(\d{10})\d{2}(?!\d)/gi;
const RUN = new RegExp(String.raw`\d+(?:${SEPARATORS}\d+)*`, 'g');

/** Brings the spellings of digits and dashes together: full-width digits, soft hyphens, en dashes, minus signs. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\p{Cf}]/gu, '')
    .replace(/[\p{Pd}\u2212\u2010\u2011]/gu, '-');
}

/** Whether a text holds an identity number in any spelling: 10 or 12 digits, with or without dash, plus sign, dots or spaces between them,
 * or inside a VAT number.
 * Only what has a real date and a right check digit counts, so that order numbers and most phone numbers pass. */
export function holdsIdentityNumber(text: string): boolean {
  if (hasFewDigits(text)) return false;
  const read = plain(text);
  for (const [, digits] of read.matchAll(VAT)) if (isIdentityNumber(digits!)) return true;
  for (const [run] of read.matchAll(RUN)) {
    const groups = run.split(new RegExp(SEPARATORS));
    for (let from = 0; from < groups.length; from++) {
      let digits = '';
      for (let to = from; to < groups.length && digits.length < 12; to++) {
        digits += groups[to];
        if (isIdentityNumber(digits)) return true;
      }
    }
  }
  return false;
}

/** Whether a text has no ten digits, however they are written; false where other scripts or compatibility characters may hide some.
 * Nearly every name and address ends here, before anything is normalised. */
function hasFewDigits(text: string): boolean {
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x30 && unit <= 0x39) digits++;
    else if (unit > 0x17f || (unit >= 0xb2 && unit <= 0xbe)) return false;
  }
  return digits < 10;
}

/** The same for a field that should hold a phone number. A number as people dial it (+46…, 0046…, 0…) is a phone even where its digits pass
 * the checksum, as 070-174 06 07 does; what is written like an identity number (12 digits, 10 without the leading 0, or 6-4) is not.
 * @param isPhone whether the text is a phone number that can exist */
export function isIdentityNumberInPhoneField(text: string, isPhone: boolean): boolean {
  if (!holdsIdentityNumber(text)) return false;
  const written = plain(text).trim();
  const writtenAsIdentity = /^\d{6}[-+]\d{4}$/.test(written);
  const dialled = /^\(?(\+|0)/.test(written);
  return !(isPhone && dialled && !writtenAsIdentity);
}

/** 10 or 12 digits, nothing else. 16 is what some registers put before the ten digits of an organisation number, a sole trader's too. */
export function isIdentityNumber(digits: string): boolean {
  if (!/^(\d{10}|(16|18|19|20)\d{10})$/.test(digits)) return false;
  const ten = digits.slice(-10);
  if (!passesLuhn(ten)) return false;
  const month = Number(ten.slice(2, 4));
  const day = Number(ten.slice(4, 6));
  const dayOfBirth = day > 60 ? day - 60 : day; // a samordningsnummer adds 60 to the day
  const century = digits.slice(0, -10);
  const centuries = century && century !== '16' ? [century] : ['19', '20'];
  return centuries.some((c) => isDate(Number(c + ten.slice(0, 2)), month, dayOfBirth));
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= Temporal.PlainYearMonth.from({ year, month }).daysInMonth;
}

/** Luhn's formula, ISO/IEC 7812-1 annex B: every second digit from the right doubled. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
