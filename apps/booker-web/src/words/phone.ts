// Lengths of codes, from the Swedish numbering plan and ITU E.164; what is on neither list has three digits.
const AREA_OF_TWO = /^(1[13689]|2[136]|3[1356]|4[0246]|54|6[03]|7\d|90)/;
const COUNTRY = /^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})(\d+)$/;

/** A number as people write it: `070-174 06 12`, `08-465 004 00`, abroad `+358 40 123 45 67`; what is no number is returned as it is.
 * @param e164 with plus and country code, as the API gives it */
export function sayPhone(e164: string): string {
  const [, country, national] = COUNTRY.exec(e164) ?? [];
  if (!country || !national) return e164;
  if (country !== '46') {
    const area = country === '1' ? 3 : 2;
    return `+${country} ${national.slice(0, area)} ${grouped(national.slice(area))}`;
  }
  const area = national.startsWith('8') ? 1 : AREA_OF_TWO.test(national) ? 2 : 3;
  return `0${national.slice(0, area)}-${grouped(national.slice(area))}`;
}

/** 465 004 00 · 174 06 12 · 31 92 00 · 315 20 */
function grouped(digits: string): string {
  if (digits.length === 8) return `${digits.slice(0, 3)} ${digits.slice(3, 6)} ${digits.slice(6)}`;
  const odd = digits.length % 2 ? 3 : 0;
  return [digits.slice(0, odd), ...(digits.slice(odd).match(/\d{2}/g) ?? [])].filter(Boolean).join(' ');
}
