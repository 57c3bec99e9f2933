import type { Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { isBuried } from '@avtala/messaging';
import type { EntityManager } from 'typeorm';
import { homesOf, lockLead, readLeads, type LeadRow } from '../storage/lead.js';

/** The lead, also while it is being erased, locked; for a "no", which is heard as long as it can be. @throws Missing */
export async function stillThere(
  tx: EntityManager,
  caller: Pick<Principal, 'engagementIds'>,
  id: string,
): Promise<{ lead: LeadRow; leaving: boolean }> {
  const engagementId = await ownHome(tx, caller, id);
  const lead = await lockLead(tx, engagementId, id);
  if (!lead) throw new Missing('lead');
  return { lead, leaving: await isBuried(tx, { leadId: id, engagementId }) };
}

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
  if (to === 'change') {
    const { lead, leaving } = await stillThere(tx, caller, id);
    if (leaving) throw new Missing('lead');
    return lead;
  }
  const engagementId = await ownHome(tx, caller, id);
  const [lead] = await readLeads(tx, [id], [engagementId]);
  if (!lead || (await isBuried(tx, { leadId: id, engagementId }))) throw new Missing('lead');
  return lead;
}

async function ownHome(tx: EntityManager, caller: Pick<Principal, 'engagementIds'>, id: string): Promise<string> {
  const engagementId = (await homesOf(tx, [id])).get(id);
  if (!engagementId || !caller.engagementIds.includes(engagementId)) throw new Missing('lead');
  return engagementId;
}
