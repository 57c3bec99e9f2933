import type { Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { isBuried } from '@avtala/messaging';
import type { EntityManager } from 'typeorm';
import { homesOf, lockLead, readLeads, type LeadRow } from '../storage/lead.js';

/**
 * The lead, if it is in an engagement of the caller's and not being erased.
 * @param to `change` locks it until the transaction ends
 * @throws Missing one answer for all the rest: the words must not tell whether there is such a lead somewhere
 */
export async function ownLead(
  tx: EntityManager,
  caller: Pick<Principal, 'engagementIds'>,
  id: string,
  to: 'read' | 'change',
): Promise<LeadRow> {
  const engagementId = (await homesOf(tx, [id])).get(id);
  if (!engagementId || !caller.engagementIds.includes(engagementId)) throw new Missing('lead');
  const lead = to === 'change' ? await lockLead(tx, engagementId, id) : (await readLeads(tx, [id], [engagementId]))[0];
  if (!lead || (await isBuried(tx, { leadId: id, engagementId }))) throw new Missing('lead');
  return lead;
}
