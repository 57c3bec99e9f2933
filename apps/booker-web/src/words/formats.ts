import type { Language } from './words.js';

const LOCALE = { sv: 'sv-SE', en: 'en-GB' } as const;

const made = new Map<string, Intl.NumberFormat>();
function formatter(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  let format = made.get(key);
  if (!format) made.set(key, (format = new Intl.NumberFormat(LOCALE[language], options)));
  return format;
}

/** `1 204` · `1,204`; spaces do not break. */
export function number(language: Language, value: number, fractionDigits = 0): string {
  return formatter(language, {
    minimumFractionDigits: fractionDigits,
    maximumFractionDigits: fractionDigits,
  }).format(value);
}

/** @param ratio 0.864 is `86,4 %` · `86.4%` */
export function percent(language: Language, ratio: number, fractionDigits = 0): string {
  return formatter(language, {
    style: 'percent',
    minimumFractionDigits: fractionDigits,
    maximumFractionDigits: fractionDigits,
  }).format(ratio);
}

/** @param minor öre: 2500000 is `25 000,00 kr` · `SEK 25,000.00` */
export function money(language: Language, minor: number, currency = 'SEK'): string {
  return formatter(language, {
    style: 'currency',
    currency,
    currencyDisplay: language === 'sv' ? 'symbol' : 'code',
  }).format(minor / 100);
}

/** `filen`, `filen och raden`, `a, b och c`. */
export function list(language: Language, parts: readonly string[]): string {
  return new Intl.ListFormat(LOCALE[language], { type: 'conjunction' }).format(parts);
}
