import { AuditTrail, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { unseal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { LeadClosed } from '../domain/errors.js';
import { activitiesOf } from '../storage/activity.js';
import { hasInHand } from './lead-list.service.js';
import { ownLead } from './own-lead.js';

export interface ActivityView {
  id: string;
  at: string;
  userId: string | null;
  outcome: string;
  informed: boolean;
  callbackAt: string | null;
  callbackFor: string | null;
  /** Taken back within ten seconds. */
  undoneAt: string | null;
  hasNote: boolean;
  note: string | null;
}

/** Who did what with a lead, and when. */
@Injectable()
export class Activities {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  /** Newest first. Notes are text about the person: read by who has the lead in hand, and by the DPO. @throws Missing, LeadClosed */
  async page(caller: Principal, id: string, page: { limit: number; after?: string }): Promise<ActivityView[]> {
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const lead = await ownLead(tx, caller, id, 'read');
      if (lead.restricted && caller.role === 'booker') throw new LeadClosed('restricted');
      const found = await activitiesOf(tx, lead.engagement_id, id, page);
      const mayRead = caller.role === 'dpo' || hasInHand(lead, caller, Date.now());
      const key = (await this.vault.open('lead', [id], 'read')).get(id);
      if (!key) throw new Missing('lead');
      const notes = mayRead && found.some((a) => a.sealed);
      await this.audit.record(tx, {
        action: 'lead.activities-read',
        principal: caller,
        engagementId: lead.engagement_id,
        subjectIds: [id],
        fields: ['activities', ...(notes ? ['notes'] : [])],
      });
      return found.map((a) => ({
        id: a.id,
        at: a.at.toISOString(),
        userId: a.user_id,
        outcome: a.outcome,
        informed: a.informed,
        callbackAt: a.callback_at?.toISOString() ?? null,
        callbackFor: a.callback_for,
        undoneAt: a.undone_at?.toISOString() ?? null,
        hasNote: a.sealed !== null,
        note: notes && a.sealed ? unseal<{ note: string }>(key, `activity:${a.id}:1`, a.sealed).note : null,
      }));
    });
  }
}
