import { AuditTrail } from '@avtala/access';
import { BookingLinkAnswered } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Due, isBuried, Outbox } from '@avtala/messaging';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { LinkRefused } from '../domain/link-errors.js';
import { endLink, wantTime, type BookingLink } from '../storage/booking-links.js';
import { lockCase } from '../storage/lead-cases.js';
import { LINK_MAIL } from './booking-links.service.js';
import type { OpenedLink } from './link-door.service.js';
import { holderOf } from './link-tokens.js';

/** What a lead answers other than by booking, in one transaction with what others hear of it. */
@Injectable()
export class LinkAnswers {
  constructor(
    private readonly db: Db,
    private readonly outbox: Outbox,
    private readonly due: Due,
    private readonly audit: AuditTrail,
  ) {}

  async give(
    { link, scope }: OpenedLink & { link: BookingLink },
    claim: IdempotencyClaim,
    answer: 'declined' | 'time-wanted',
    now: Temporal.Instant,
  ): Promise<void> {
    const { id: linkId, leadId, engagementId } = link;
    await this.db.withScope(scopeOf(engagementId), async (tx) => {
      if (await claimKey(tx, claim)) return;
      await lockCase(tx, leadId);
      if (await isBuried(tx, { leadId, engagementId })) throw new LinkRefused('link-over');
      if (await this.#settle(tx, linkId, answer, now)) {
        const answeredAt = now.toString();
        await this.outbox.append(tx, BookingLinkAnswered.of({ linkId, leadId, engagementId, answer, answeredAt }));
        await this.audit.record(tx, {
          action: `booking-link.${answer}`,
          principal: holderOf(scope),
          engagementId,
          subjectIds: [leadId],
          detail: { link: linkId },
        });
      }
      await settleKey(tx, claim, { status: 200, resourceId: linkId, leadId, engagementId });
    });
  }

  async #settle(tx: EntityManager, id: string, answer: string, now: Temporal.Instant): Promise<boolean> {
    if (answer === 'time-wanted') return wantTime(tx, id, now); // asked twice is asked once
    if (!(await endLink(tx, id, 'declined'))) throw new LinkRefused('link-replaced');
    await this.due.cancel(tx, { kind: LINK_MAIL, key: id });
    return true;
  }
}
