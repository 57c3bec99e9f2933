import { AuditTrail, type ServicePrincipal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, noEngagement, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Clock } from '@avtala/time';
import { seal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import { refuseNote } from '../domain/note.js';
import { insertActivity } from '../storage/activity.js';
import { homesOf } from '../storage/lead.js';
import { ownLead } from './own-lead.js';

/** What leads write themselves, on a page of another service: kept here like a booker's note, under the lead's key. */
@Injectable()
export class Said {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws LeadRefused identity-number, special-category; Missing */
  async keep(caller: ServicePrincipal, claim: IdempotencyClaim, leadId: string, words: string): Promise<void> {
    refuseNote(words);
    const home = (await this.db.withScope(noEngagement, (tx) => homesOf(tx, [leadId]))).get(leadId);
    if (!home) throw new Missing('lead');
    await this.db.withScope(scopeOf(home), async (tx) => {
      if (await claimKey(tx, claim)) return;
      const lead = await ownLead(tx, { engagementIds: [home] }, leadId, 'change');
      const key = (await this.vault.open('lead', [leadId], 'said')).get(leadId);
      if (!key) throw new Missing('lead');
      const id = randomUUIDv7();
      await insertActivity(tx, {
        engagementId: lead.engagement_id,
        id,
        leadId,
        at: this.clock.now().toString(),
        userId: null,
        outcome: 'wrote',
        informed: false,
        callbackAt: null,
        callbackFor: null,
        sealed: seal(key, `activity:${id}:1`, { note: words }),
        tellAt: null,
        before: null,
      });
      await this.audit.record(tx, {
        action: 'lead.wrote',
        principal: caller,
        engagementId: lead.engagement_id,
        subjectIds: [leadId],
        fields: ['notes'],
      });
      await settleKey(tx, claim, { status: 204, resourceId: id, leadId, engagementId: lead.engagement_id });
    });
  }
}
