import { AccessOptions, auditKey, AuditTrail } from '@avtala/access';
import type { Db } from '@avtala/database';
import { SystemClock } from '@avtala/time';
import { InvitationsService } from './invitations.service.js';

/** Makes the invitation of the first admin; there is no other way to one, and no default account (security.md 1.3 rule 7).
 * @param db agency's database
 * @returns the token that the one-time link carries, good for 72 hours
 * @throws AccountExists as soon as there is an admin */
export async function inviteFirstAdmin(db: Db, authSecret: string, email: string): Promise<string> {
  const audit = new AuditTrail('agency', auditKey(authSecret, 'agency'), new SystemClock());
  const invitations = new InvitationsService(db, audit, new AccessOptions('agency', authSecret, []));
  return (await invitations.inviteFirstAdmin(email.trim().toLowerCase())).token;
}
