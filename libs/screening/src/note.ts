import { holdsIdentityNumber } from './identity-number.js';
import { namesSpecialCategory } from './special-category.js';

/** Why a note is not taken in (B1). */
export type NoteProblem = 'identity-number' | 'special-category';

/** A number written as people dial it: a country code, or an area code with a dash (070-112 34 56). No identity number has its dash there. */
const DIALLED = /(?<![\d-])(?:(?:\+|00)\d{1,3}[\s-]?(?:\(0\))?\d{1,3}[\s-]?|0\d{1,3}-)\d[\d ]{3,10}\d(?![\d-])/g;

/** The rule for free text about a person, the same where it is typed and where it is stored: the browser asks it with every key, so that what it
 * refuses is never sent, and lead-intake asks it again.
 * @returns null: the note may be kept */
export function noteProblem(text: string): NoteProblem | null {
  if (holdsIdentityNumber(text.replace(DIALLED, ' '))) return 'identity-number';
  return namesSpecialCategory(text) ? 'special-category' : null;
}
