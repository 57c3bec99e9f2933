import type { Contact } from '@avtala/contracts';

/** A lead as its engagement's indexes know it: keyed hashes, comparable inside the engagement only. */
export interface Known {
  id: string;
  email: string | null;
  namePhone: string | null;
}

export type SamePerson = { as: 'new' } | { as: 'same'; known: Known } | { as: 'ambiguous' };

/** Who this is (architecture.md §9): the same e-mail is the same person; a phone number joins only with an equal name and no other e-mail.
 * Where e-mail and phone point to two leads, or name and phone agree and the e-mails differ, nobody can know: `ambiguous`.
 * @param byEmail the lead with that e-mail
 * @param byNamePhone the lead with that name and phone */
export function samePerson(
  incoming: { email: string | null },
  byEmail: Known | undefined,
  byNamePhone: Known | undefined,
): SamePerson {
  if (byEmail)
    return !byNamePhone || byNamePhone.id === byEmail.id ? { as: 'same', known: byEmail } : { as: 'ambiguous' };
  if (!byNamePhone) return { as: 'new' };
  return incoming.email && byNamePhone.email ? { as: 'ambiguous' } : { as: 'same', known: byNamePhone };
}

const FILLABLE = ['company', 'title', 'email', 'phone', 'social'] as const;

/** What a lead gains from a second record of the same person: fields that were empty. Nothing is overwritten; and where the names differ (one
 * mailbox, two colleagues) nothing is gained either, or one person's phone would be filed under the other's name. */
export function fillIn(has: Contact, brings: Contact, sameName: boolean): { contact: Contact; gained: string[] } {
  const contact = { ...has };
  const gained = sameName ? FILLABLE.filter((field) => !has[field] && brings[field]) : [];
  for (const field of gained) contact[field] = brings[field];
  return { contact, gained };
}
