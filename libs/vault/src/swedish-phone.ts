import { Metadata } from 'libphonenumber-js/core';
import plans from 'libphonenumber-js/max/metadata';

/** A Swedish number as lists write it: from +46 or 0, with single spaces or dashes between digits. The library reads the rest. */
const USUAL = /^(?:\+46[ -]?|0)([1-9](?:[ -]?\d){5,11})$/;

/** The kinds of number by which libphonenumber calls a number valid (its getNumberType). */
const KINDS = [
  'FIXED_LINE',
  'MOBILE',
  'PREMIUM_RATE',
  'TOLL_FREE',
  'SHARED_COST',
  'VOIP',
  'PERSONAL_NUMBER',
  'PAGER',
  'UAN',
  'VOICEMAIL',
] as const;

/** The numbering plan, out of the library's own metadata: what it knows of the types is less than what it has. */
interface Plan {
  nationalNumberPattern(): string;
  type(kind: string): { pattern(): string | undefined; possibleLengths(): number[] | undefined } | undefined;
}

interface Rule {
  readonly lengths: readonly number[] | undefined;
  readonly pattern: RegExp;
}

let rules: { readonly any: RegExp; readonly kinds: readonly Rule[] } | undefined;

function swedishRules(): NonNullable<typeof rules> {
  const metadata = new Metadata(plans);
  metadata.selectNumberingPlan('SE');
  const plan = metadata.numberingPlan as unknown as Plan;
  const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
  const kinds = KINDS.flatMap((kind) => {
    const found = plan.type(kind);
    const pattern = found?.pattern();
    return pattern ? [{ lengths: found!.possibleLengths(), pattern: whole(pattern) }] : [];
  });
  return { any: whole(plan.nationalNumberPattern()), kinds };
}

/** E.164 of a valid Swedish number in a usual spelling, 20 times as fast as the library and by its own metadata; a test compares the two over
 * every prefix and length. @returns null = ask the library */
export function usualSwedishPhone(text: string): string | null {
  const found = USUAL.exec(text);
  if (!found) return null;
  const national = found[1]!.replace(/[ -]/g, '');
  rules ??= swedishRules();
  if (!rules.any.test(national)) return null;
  for (const { lengths, pattern } of rules.kinds) {
    if (lengths && !lengths.includes(national.length)) continue;
    if (pattern.test(national)) return `+46${national}`;
  }
  return null;
}
