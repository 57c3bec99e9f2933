/** Why a text is not a legal entity's organisationsnummer. */
export type OrganisationNumberProblem = 'malformed' | 'checksum' | 'identity-number';

export type OrganisationNumber = { ok: true; number: string } | { ok: false; reason: OrganisationNumberProblem };

/** Reads a Swedish organisationsnummer: ten digits, with or without hyphen, with or without the prefix 16 of the tax agency.
 * A sole trader's number is an identity number (its third digit is below 2), and those are kept nowhere (B1).
 * @returns the number as `556016-0680`, or why it is none
 * @see SKV 709 and Lag (1974:174) om identitetsbeteckning för juridiska personer */
export function readOrganisationNumber(text: string): OrganisationNumber {
  const match = /^(?:16)?(\d{6})-?(\d{4})$/.exec(text.trim());
  if (!match)
    return { ok: false, reason: /^(?:19|20)\d{6}-?\d{4}$/.test(text.trim()) ? 'identity-number' : 'malformed' };
  const digits = `${match[1]}${match[2]}`;
  if (!passesLuhn(digits)) return { ok: false, reason: 'checksum' };
  if (Number(digits[2]) < 2) return { ok: false, reason: 'identity-number' };
  return { ok: true, number: `${match[1]}-${match[2]}` };
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (const [i, char] of [...digits].reverse().entries()) {
    const doubled = Number(char) * (i % 2 === 0 ? 1 : 2);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
