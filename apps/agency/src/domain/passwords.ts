export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 128;

export type PasswordProblem = 'too-short' | 'too-long' | 'too-common' | 'like-account';

/** The rules of a new password: length and not guessable, no composition rule (ASVS 6.2, NIST SP 800-63B).
 * @param common whether a password is on the offline list of common ones
 * @param about the person's e-mail and name: a password that repeats them is the first an attacker tries */
export function passwordProblem(
  password: string,
  common: (password: string) => boolean,
  about: readonly string[] = [],
): PasswordProblem | undefined {
  const length = [...password].length;
  if (length < PASSWORD_MIN) return 'too-short';
  if (length > PASSWORD_MAX) return 'too-long';
  if (common(password)) return 'too-common';
  const lower = password.toLowerCase();
  const words = about.flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u)).filter((word) => word.length >= 4);
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), lower);
  return rest.length < PASSWORD_MIN / 2 ? 'like-account' : undefined;
}
