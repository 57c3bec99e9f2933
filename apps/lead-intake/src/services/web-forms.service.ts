import { AuditTrail, requireEngagement, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Clock } from '@avtala/time';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import type { FormLanguage } from '../domain/form-texts.js';
import { findEngagement } from '../storage/engagement.js';
import { closeForm, findForm, insertForm, listForms, type WebForm } from '../storage/web-form.js';
import { refuseIdentity, requireOpen } from './provenance.js';

export interface Wording {
  version: string;
  wording: string;
}

export interface NewWebForm {
  name: string;
  language: FormLanguage;
  origins: string[];
  /** What whoever sends it agrees to: being contacted. */
  consent: Wording;
  /** Offered beside it, not ticked; null = not offered. */
  marketing: Wording | null;
}

/** The forms of an engagement, as its staff see them. */
@Injectable()
export class WebForms {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  /** @throws IntakeClosed, LeadRefused a text that names a person, Missing */
  async create(caller: Principal, engagementId: string, claim: IdempotencyClaim, f: NewWebForm): Promise<WebForm> {
    requireEngagement(caller, engagementId);
    refuseIdentity(f.name, 'source');
    for (const text of [...Object.values(f.consent), ...Object.values(f.marketing ?? {})])
      refuseIdentity(text as string, 'consentWording');
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const before = await claimKey(tx, claim);
      if (before?.resourceId) return required(await findForm(tx, engagementId, before.resourceId));
      const now = this.clock.now();
      requireOpen(await findEngagement(tx, engagementId, 'share'), null, now);
      const id = randomUUIDv7();
      await insertForm(tx, {
        engagement_id: engagementId,
        id,
        name: f.name.trim(),
        language: f.language,
        consent_version: f.consent.version,
        consent_wording: f.consent.wording,
        marketing_version: f.marketing?.version ?? null,
        marketing_wording: f.marketing?.wording ?? null,
        origins: f.origins,
        createdBy: caller.userId,
        createdAt: now.toString(),
      });
      const detail = { formId: id, origins: f.origins.length };
      await this.audit.record(tx, { action: 'web-form.created', principal: caller, engagementId, detail });
      await settleKey(tx, claim, { status: 201, resourceId: id, engagementId });
      return required(await findForm(tx, engagementId, id));
    });
  }

  async list(caller: Principal, engagementId: string, page: { after: string; limit: number }): Promise<WebForm[]> {
    requireEngagement(caller, engagementId);
    return this.db.withScope(scopeOf(engagementId), (tx) => listForms(tx, engagementId, page));
  }

  /** Nothing more comes through it; what waits to be confirmed still may be. Safe to repeat. @throws Missing */
  async close(caller: Principal, engagementId: string, id: string, claim: IdempotencyClaim): Promise<WebForm> {
    requireEngagement(caller, engagementId);
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const before = await claimKey(tx, claim);
      const closed = await closeForm(tx, engagementId, id, this.clock.now().toString());
      const form = required(await findForm(tx, engagementId, id));
      if (closed)
        await this.audit.record(tx, {
          action: 'web-form.closed',
          principal: caller,
          engagementId,
          detail: { formId: id },
        });
      if (!before) await settleKey(tx, claim, { status: 200, resourceId: id, engagementId });
      return form;
    });
  }
}

function required(form: WebForm | undefined): WebForm {
  if (!form) throw new Missing('web-form');
  return form;
}
