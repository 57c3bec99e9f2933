import { requireEngagement, AuditTrail, type KeyPrincipal, type Principal } from '@avtala/access';
import { Db, noEngagement, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Clock, swedishDay } from '@avtala/time';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { RawLead } from '../domain/intake.js';
import { LeadRefused } from '../domain/errors.js';
import { findEngagement, type Engagement } from '../storage/engagement.js';
import { insertProvenance } from '../storage/provenance.js';
import { decide } from './people.js';
import { provenanceOf, requireOpen, type StatedProvenance } from './provenance.js';
import { mayRunAgain, TakeIn } from './take-in.js';

const RACES = 5;
/** How long a request waits for the event of an engagement that was opened a moment ago. */
const OPENING_MS = 2_000;

/** Takes single leads in. */
@Injectable()
export class Intake {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(TakeIn) private readonly takeIn: TakeIn,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  /** @throws LeadRefused, IntakeClosed, Missing */
  async register(
    caller: Principal | KeyPrincipal,
    engagementId: string,
    claim: IdempotencyClaim,
    raw: RawLead,
    stated: StatedProvenance,
  ): Promise<{ id: string; outcome: 'accepted' | 'merged' }> {
    requireEngagement(caller, engagementId);
    const now = this.clock.now();
    const provenance = provenanceOf(stated, now);
    const decision = decide(raw, swedishDay(now));
    for (let race = 1; ; race++) {
      const engagement = await this.opened(engagementId);
      requireOpen(engagement, provenance.ground, now);
      if (!decision.ok) throw new LeadRefused(decision.reason, decision.field);
      const prepared = await this.takeIn.prepare(engagement, [{ person: decision.person, rowHash: null }]);
      try {
        return await this.db.withScope(scopeOf(engagementId), async (tx) => {
          const settled = await claimKey(tx, claim);
          if (settled?.resourceId)
            return { id: settled.resourceId, outcome: settled.status === 201 ? 'accepted' : 'merged' };
          const held = await findEngagement(tx, engagementId, 'share');
          requireOpen(held, provenance.ground, now);
          await insertProvenance(tx, engagementId, provenance);
          const taken = (await this.takeIn.apply(tx, held, prepared, provenance))[0]!;
          if (taken.outcome === 'refused') throw new LeadRefused(taken.reason, null);
          const { outcome, leadId } = taken;
          await this.audit.record(tx, {
            action: `lead.${outcome}`,
            principal: caller,
            engagementId,
            subjectIds: [leadId],
            fields: Object.keys(decision.person.contact),
          });
          const status = outcome === 'accepted' ? 201 : 200;
          await settleKey(tx, claim, { status, resourceId: leadId, leadId, engagementId });
          return { id: leadId, outcome };
        });
      } catch (error) {
        if (!mayRunAgain(error) || race === RACES) throw error;
      }
    }
  }

  /** The engagement, once its event has come: whoever opens one and sends a lead at once should not have to know about events. */
  async opened(engagementId: string): Promise<Engagement | undefined> {
    for (const until = Date.now() + OPENING_MS; ;) {
      const engagement = await this.db.withScope(noEngagement, (tx) => findEngagement(tx, engagementId));
      if (engagement || Date.now() > until) return engagement;
      await delay(50);
    }
  }
}
