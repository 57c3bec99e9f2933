import { LeadRefused } from './errors.js';
import { holdsIdentityNumber } from './identity-number.js';
import { namesSpecialCategory } from './special-category.js';

/** Notes are text about a person like any other (B1). @throws LeadRefused */
export function refuseNote(note: string): void {
  if (holdsIdentityNumber(note)) throw new LeadRefused('identity-number', 'note');
  if (namesSpecialCategory(note)) throw new LeadRefused('special-category', 'note');
}
