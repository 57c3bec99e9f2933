import { LeadRefused } from '../domain/errors.js';
import { holdsIdentityNumber, namesSpecialCategory } from '@avtala/screening';

/** A reason is kept in the audit trail, in the clear and for long: so it may not say who it is about. @throws LeadRefused */
export function refuseReason(reason: string): void {
  if (holdsIdentityNumber(reason)) throw new LeadRefused('identity-number', null);
  if (namesSpecialCategory(reason)) throw new LeadRefused('special-category', null);
  if (/\S@\S/.test(reason)) throw new LeadRefused('text-invalid', null);
}
