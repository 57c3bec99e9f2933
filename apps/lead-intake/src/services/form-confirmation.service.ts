import { AuditTrail } from '@avtala/access';
import { Db, noEngagement, scopeOf } from '@avtala/database';
import { MailFieldInvalid, MailRefused } from '@avtala/mail';
import { Due, type DueItem } from '@avtala/messaging';
import { Clock, swedishDay } from '@avtala/time';
import { unseal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Person } from '../domain/intake.js';
import { LeadRefused } from '../domain/errors.js';
import { FORM_TEXTS } from '../domain/form-texts.js';
import { findEngagement, type Engagement } from '../storage/engagement.js';
import { insertProvenance } from '../storage/provenance.js';
import { noesAmong } from '../storage/suppression.js';
import {
  deleteSubmission,
  findForm,
  findSubmission,
  formHome,
  insertConsent,
  stepSubmission,
  type Submission,
  type WebForm,
} from '../storage/web-form.js';
import { submissionContext, visitorOf, WAITS, type Submitted } from './form-door.service.js';
import { FormMail } from './form-mail.js';
import { FormTokens } from './form-tokens.js';
import { decide, People, personOf } from './people.js';
import { provenanceOf, requireOpen } from './provenance.js';
import { mayRunAgain, TakeIn } from './take-in.js';

const RACES = 5;

/** What a link leads to. */
export interface Asked {
  form: WebForm;
  controller: string;
  submissionId: string;
  state: 'waiting' | 'confirmed';
}

/** A submission's way to a lead: a mail, a link, a press of a button; or to nothing, after seven days. */
@Injectable()
export class FormConfirmation {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Due) private readonly due: Due,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(FormTokens) private readonly tokens: FormTokens,
    @Inject(TakeIn) private readonly takeIn: TakeIn,
    @Inject(People) private readonly people: People,
    @Inject(FormMail) private readonly mail: FormMail,
  ) {}

  /** Due work: the confirmation mail. Repeated after a crash it is the same mail, byte for byte. Whoever has said no gets none (B5), and nobody
   * learns that: the form answered before. */
  async send(item: DueItem): Promise<void> {
    const scope = scopeOf(item.engagementId);
    const found = await this.db.withScope(scope, async (tx) => {
      const submission = await findSubmission(tx, item.engagementId, item.key);
      const engagement = await findEngagement(tx, item.engagementId);
      const form = submission && (await findForm(tx, item.engagementId, submission.form_id));
      return submission?.state === 'new' && form && engagement ? { submission, form, engagement } : null;
    });
    const person = found && (await this.personOf(found.submission))?.person;
    if (!found || !person?.email) return this.db.withScope(scope, (tx) => this.due.done(tx, item));
    const { submission, form, engagement } = found;
    if (await this.saidNo(person, engagement))
      return this.erase(item.engagementId, item.key, async (tx) => {
        await this.due.cancel(tx, { kind: 'form-expiry', key: item.key });
        await this.due.done(tx, item);
      });
    const texts = FORM_TEXTS[form.language];
    let state: 'mailed' | 'undeliverable' = 'mailed';
    try {
      await this.mail.send({
        id: `form.${submission.id}`,
        at: Temporal.Instant.fromEpochMilliseconds(submission.real_at.getTime()),
        to: person.contact.email!,
        subject: texts.subject,
        lines: texts.mail(controllerOf(engagement), this.link(submission)),
      });
    } catch (error) {
      if (!(error instanceof MailRefused || error instanceof MailFieldInvalid)) throw error;
      state = 'undeliverable';
    }
    await this.db.withScope(scope, async (tx) => {
      await stepSubmission(tx, item.engagementId, item.key, state);
      await this.audit.record(tx, {
        action: `web-form.${state}`,
        principal: { kind: 'service', service: 'lead-intake', purpose: item.kind, eventId: item.id },
        engagementId: item.engagementId,
        fields: ['email'],
        detail: { formId: form.id, submissionId: item.key },
      });
      await this.due.done(tx, item);
    });
  }

  /** Due work: nobody confirmed it, or it was confirmed a week ago: its key and its row go. Safe to repeat. */
  async expire(item: DueItem): Promise<void> {
    await this.erase(item.engagementId, item.key, (tx) => this.due.done(tx, item));
  }

  /** What a link asks, changing nothing. @returns null for a link that leads to nothing any more */
  async look(token: string): Promise<Asked | null> {
    const scope = this.tokens.readConfirmation(token, this.clock.now());
    const home = scope && (await this.db.withScope(noEngagement, (tx) => formHome(tx, scope.formId)));
    if (!scope || !home) return null;
    return this.db.withScope(scopeOf(home), async (tx) => {
      const submission = await findSubmission(tx, home, scope.submissionId);
      const form = submission && (await findForm(tx, home, submission.form_id));
      const engagement = await findEngagement(tx, home);
      if (!submission || !form || form.id !== scope.formId || !engagement || engagement.erasing) return null;
      const state = submission.state === 'confirmed' ? 'confirmed' : 'waiting';
      return { form, controller: controllerOf(engagement), submissionId: submission.id, state };
    });
  }

  /** Makes a lead of it, as every other door does. Pressed twice it is done once.
   * @throws IntakeClosed
   * @throws LeadRefused while the person is being erased: the link works again afterwards */
  async confirm(asked: Asked): Promise<void> {
    const { form, submissionId } = asked;
    let by: 'all' | 'email' = 'all';
    for (let race = 1; ; race++) {
      try {
        await this.confirmOnce(form, submissionId, by);
        break;
      } catch (error) {
        // Somebody of that name has the number and another address: it is the confirmed address that says who this is.
        if (by === 'all' && error instanceof LeadRefused && error.code === 'ambiguous') by = 'email';
        else if (!mayRunAgain(error) || race === RACES) throw error;
      }
    }
    await this.vault.destroy('import', [submissionId], null);
  }

  /** Not me: gone at once.
   * @returns false when it was confirmed a moment before: there is a lead by now, and nobody is told otherwise */
  async refuse({ form, submissionId }: Asked): Promise<boolean> {
    const { engagement_id: engagementId, id: formId } = form;
    await this.vault.destroy('import', [submissionId], null);
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const submission = await findSubmission(tx, engagementId, submissionId, true);
      if (submission?.state === 'confirmed') return false;
      await deleteSubmission(tx, engagementId, submissionId);
      await this.audit.record(tx, {
        action: 'web-form.refused',
        principal: visitorOf(submissionId),
        engagementId,
        detail: { formId, submissionId },
      });
      for (const kind of ['form-mail', 'form-expiry']) await this.due.cancel(tx, { kind, key: submissionId });
      return true;
    });
  }

  private async confirmOnce(form: WebForm, submissionId: string, by: 'all' | 'email'): Promise<void> {
    const { engagement_id: engagementId } = form;
    const scope = scopeOf(engagementId);
    const { submission, engagement } = await this.db.withScope(scope, async (tx) => ({
      submission: await findSubmission(tx, engagementId, submissionId),
      engagement: await findEngagement(tx, engagementId),
    }));
    const now = this.clock.now();
    requireOpen(engagement, 'consent', now);
    const held = submission && (await this.personOf(submission));
    if (!held) return; // confirmed, or gone, in between
    const { phone: _, ...withoutPhone } = held.person.contact;
    const person = by === 'all' ? held.person : personOf(withoutPhone);
    const prepared = await this.takeIn.prepare(engagement, [{ person, rowHash: null }]);
    const proof = { how: `Web form, confirmed by a link sent to the address`, proof: `Submission ${submissionId}` };
    const consent = { version: form.consent_version, wording: form.consent_wording, ...proof, givenAt: now.toString() };
    const provenance = provenanceOf(
      {
        source: form.name,
        ground: 'consent',
        obtainedAt: submission.submitted_at.toISOString(),
        consentWording: consent,
      },
      now,
    );
    await this.db.withScope(scope, async (tx) => {
      const locked = await findSubmission(tx, engagementId, submissionId, true);
      if (!locked || locked.state === 'confirmed') return;
      const current = await findEngagement(tx, engagementId, 'share');
      requireOpen(current, 'consent', now);
      await stepSubmission(tx, engagementId, submissionId, 'confirmed');
      await this.due.cancel(tx, { kind: 'form-mail', key: submissionId });
      const taken = (await this.takeIn.apply(tx, current, prepared, () => provenance))[0]!;
      const detail = { formId: form.id, submissionId };
      const principal = visitorOf(submissionId);
      if (taken.outcome === 'refused' && taken.reason !== 'suppressed') throw new LeadRefused(taken.reason, null);
      if (taken.outcome === 'refused') {
        // Whoever said no stays left alone (B5); the page says the same.
        const reason = { ...detail, reason: taken.reason };
        await this.audit.record(tx, { action: 'web-form.not-taken-in', principal, engagementId, detail: reason });
        return;
      }
      const { leadId, outcome } = taken;
      await insertProvenance(tx, engagementId, provenance);
      await insertConsent(tx, engagementId, { id: randomUUIDv7(), leadId, purpose: 'contact', ...consent });
      if (held.marketing && form.marketing_wording && form.marketing_version) {
        const marketing = { ...consent, version: form.marketing_version, wording: form.marketing_wording };
        await insertConsent(tx, engagementId, { id: randomUUIDv7(), leadId, purpose: 'marketing', ...marketing });
      }
      await this.audit.record(tx, {
        action: `lead.${outcome}`,
        principal,
        engagementId,
        subjectIds: [leadId],
        fields: Object.keys(person.contact),
        detail: { ...detail, marketing: held.marketing },
      });
    });
  }

  private async erase(engagementId: string, id: string, also: (tx: EntityManager) => Promise<void>): Promise<void> {
    await this.vault.destroy('import', [id], null);
    await this.db.withScope(scopeOf(engagementId), async (tx) => {
      await deleteSubmission(tx, engagementId, id);
      await also(tx);
    });
  }

  /** Read by the rules once more: they may have become stricter since. */
  private async personOf(submission: Submission): Promise<{ person: Person; marketing: boolean } | null> {
    const key = (await this.vault.open('import', [submission.id], 'import')).get(submission.id);
    if (!submission.sealed || !key) return null;
    const { raw, marketing } = unseal<Submitted>(key, submissionContext(submission.id), submission.sealed);
    const decision = decide(raw, swedishDay(this.clock.now()));
    return decision.ok ? { person: decision.person, marketing } : null;
  }

  private async saidNo(person: Person, engagement: Engagement): Promise<boolean> {
    const noes = await this.people.noHashes(person.contact);
    const hashes = noes.map((n) => n.hash);
    return this.db.withScope(scopeOf(engagement.id), async (tx) =>
      (await noesAmong(tx, hashes))(noes, engagement.client_id),
    );
  }

  private link(submission: Submission): string {
    const expiresAt = Temporal.Instant.fromEpochMilliseconds(submission.submitted_at.getTime()).add(WAITS);
    const { form_id: formId, id: submissionId } = submission;
    return this.mail.link(`/confirm/${this.tokens.confirmationToken({ formId, submissionId, expiresAt })}`);
  }
}

const controllerOf = (engagement: Engagement): string => engagement.controller ?? '';
