import { AuditTrail, type ServicePrincipal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, noEngagement, scopeOf } from '@avtala/database';
import { networkOf } from '@avtala/http';
import { Due } from '@avtala/messaging';
import { Clock, swedishDay } from '@avtala/time';
import { seal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import { FormOrigin, FormTooBusy } from '../domain/form-errors.js';
import { LeadRefused } from '../domain/errors.js';
import type { RawLead } from '../domain/intake.js';
import { findEngagement } from '../storage/engagement.js';
import { countUse, useToken } from '../storage/form-use.js';
import { findForm, findSubmission, formHome, insertSubmission, type WebForm } from '../storage/web-form.js';
import { FormTokens } from './form-tokens.js';
import { decide } from './people.js';
import { requireOpen } from './provenance.js';

/** How long a submission waits for its confirmation (C7). Business time. */
export const WAITS = { hours: 24 * 7 };
/** Submissions in an hour of real time. */
const MOST = { network: 10, site: 200, form: 500 };
/** Confirmation mails to one address in a day of real time, whatever form: nobody is flooded through ours. */
const MOST_TO_ONE = 3;

/** What a submission holds, under its own key. */
export interface Submitted {
  raw: RawLead;
  marketing: boolean;
}

export interface Sending {
  raw: RawLead;
  marketing: boolean;
  token: string;
  /** A field that people do not see. */
  trap: string;
}

export interface Visitor {
  address: string;
  origin: string | undefined;
}

/** The door of the public forms (C7). What comes in is nobody's lead until the address it names has confirmed it. */
@Injectable()
export class FormDoor {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Due) private readonly due: Due,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(FormTokens) private readonly tokens: FormTokens,
  ) {}

  /** The form, if it is open. @throws Missing */
  async open(formId: string): Promise<WebForm> {
    const home = await this.db.withScope(noEngagement, (tx) => formHome(tx, formId));
    if (!home) throw new Missing('web-form');
    const { form, engagement } = await this.db.withScope(scopeOf(home), async (tx) => ({
      form: await findForm(tx, home, formId),
      engagement: await findEngagement(tx, home),
    }));
    const ended = engagement?.ended_at && engagement.ended_at.getTime() <= this.clock.now().epochMilliseconds;
    if (!form || form.closed_at || !engagement || engagement.erasing || ended) throw new Missing('web-form');
    return form;
  }

  /** @throws FormOrigin a browser on a page that is not on the form's list */
  requireOrigin(form: WebForm, origin: string | undefined): void {
    if (origin !== undefined && !form.origins.includes(origin)) throw new FormOrigin();
  }

  timeToken(form: WebForm): string {
    return this.tokens.timeToken(form.id);
  }

  /**
   * Takes a submission in, or seems to: the answer is the same whether the person is known, has said no, or fell into the trap.
   * @throws FormOrigin, FormTooBusy, FormTokenRefused, LeadRefused what was typed cannot be used, IntakeClosed
   */
  async submit(form: WebForm, visitor: Visitor, sent: Sending): Promise<void> {
    this.requireOrigin(form, visitor.origin);
    await this.count(form, visitor);
    if (sent.trap) return;
    const nonce = this.tokens.checkTime(form.id, sent.token);
    const now = this.clock.now();
    const decision = decide(sent.raw, swedishDay(now));
    if (!decision.ok) throw new LeadRefused(decision.reason, decision.field);
    const { engagement_id: engagementId, id: formId } = form;
    const id = randomUUIDv7();
    const key = await this.vault.create('import', id);
    const held: Submitted = { raw: sent.raw, marketing: sent.marketing && form.marketing_wording !== null };
    let taken = false;
    try {
      taken = await this.db.withScope(scopeOf(engagementId), async (tx) => {
        requireOpen(await findEngagement(tx, engagementId, 'share'), null, now);
        if (!(await useToken(tx, nonce))) return false; // pressed twice: the first is on its way
        const sealed = seal(key, submissionContext(id), held);
        await insertSubmission(tx, { engagementId, id, formId, sealed, submittedAt: now.toString() });
        const recipient = this.tokens.bucket('recipient', decision.person.email?.loose ?? '');
        const [mails] = await countUse(tx, [{ bucket: recipient, aDay: true }]);
        if (mails! <= MOST_TO_ONE)
          await this.due.schedule(tx, { kind: 'form-mail', key: id, engagementId, dueAt: now });
        await this.due.schedule(tx, { kind: 'form-expiry', key: id, engagementId, dueAt: now.add(WAITS) });
        await this.audit.record(tx, {
          action: 'web-form.submitted',
          principal: visitorOf(id),
          engagementId,
          fields: Object.keys(decision.person.contact),
          detail: { formId, submissionId: id },
        });
        return true;
      });
    } finally {
      if (!taken && !(await this.isStored(engagementId, id))) await this.vault.destroy('import', [id], null);
    }
  }

  /** It may have been committed, and only the answer was lost. Where that cannot be found out the key stays: without a row it opens nothing. */
  private isStored(engagementId: string, id: string): Promise<boolean> {
    return this.db
      .withScope(scopeOf(engagementId), async (tx) => (await findSubmission(tx, engagementId, id)) !== undefined)
      .catch(() => true);
  }

  /** In a transaction of its own, before anything else: what is refused below counts too. */
  private async count(form: WebForm, { address, origin }: Visitor): Promise<void> {
    const kinds = ['network', 'site', 'form'] as const;
    const of = { network: networkOf(address), site: `${form.id}\0${origin ?? ''}`, form: form.id };
    const uses = await this.db.withScope(noEngagement, (tx) =>
      countUse(
        tx,
        kinds.map((kind) => ({ bucket: this.tokens.bucket(kind, of[kind]) })),
      ),
    );
    if (kinds.some((kind, i) => uses[i]! > MOST[kind])) throw new FormTooBusy();
  }
}

export const submissionContext = (id: string): string => `submission:${id}`;

/** Nobody is signed in: the submission itself stands for who sent it. */
export const visitorOf = (submissionId: string): ServicePrincipal => ({
  kind: 'service',
  service: 'lead-intake',
  purpose: 'web-form',
  eventId: submissionId,
});
