import { AuditTrail, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Due } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import { toldAt } from '../domain/undo-window.js';
import { LinkNotAskedFor } from '../domain/link-errors.js';
import { endLink, findLink, insertLink, type BookingLink } from '../storage/booking-links.js';
import { lockCase } from '../storage/lead-cases.js';
import { BookingGate, openCase } from './booking-gate.js';

export const LINK_MAIL = 'link-mail';

export interface NewLink {
  meetingTypeId: string;
  leadId: string;
  hostId?: string | undefined;
  validDays: number;
  /** The booker says that the lead asked for the link. */
  askedByLead: boolean;
}

/** Links that bookers send to leads who asked for one. Like invites they leave after the undo window. */
@Injectable()
export class BookingLinksService {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly due: Due,
    private readonly audit: AuditTrail,
    private readonly gate: BookingGate,
  ) {}

  /** Makes a link and sends it by mail; an open one the lead has already is withdrawn.
   * @returns its id; of the first one when the request is a repeat
   * @throws LinkNotAskedFor; Missing, LeadNotBookable, EngagementNotOpen, RetryLater as booking does */
  async send(caller: Principal, claim: IdempotencyClaim, wanted: NewLink): Promise<string> {
    if (!wanted.askedByLead) throw new LinkNotAskedFor();
    const id = randomUUIDv7();
    const asked = await this.gate.ask(caller, claim, wanted, id);
    if ('before' in asked) return asked.before;
    const { engagementId } = asked.type;
    const { leadId, meetingTypeId } = wanted;
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const before = await claimKey(tx, claim);
      if (before?.resourceId) return before.resourceId;
      const now = this.clock.now();
      await openCase(tx, engagementId, leadId, now);
      const replaced = await insertLink(tx, {
        ...{ id, engagementId, leadId, meetingTypeId, hostId: wanted.hostId ?? null, madeBy: caller.userId },
        madeAt: now,
        expiresAt: now.add({ hours: wanted.validDays * 24 }),
      });
      for (const old of replaced) await this.due.cancel(tx, { kind: LINK_MAIL, key: old });
      await this.due.schedule(tx, { kind: LINK_MAIL, key: id, engagementId, leadId, dueAt: toldAt(now) });
      // Who said that the lead asked for it stands in the trail: it is what makes the mail no marketing (B10).
      await this.audit.record(tx, {
        action: 'booking-link.sent',
        principal: caller,
        engagementId,
        subjectIds: [leadId],
        detail: { link: id, askedByLead: true },
      });
      await settleKey(tx, claim, { status: 201, resourceId: id, leadId, engagementId });
      return id;
    });
  }

  /** @throws Missing */
  async one(caller: Principal, id: string): Promise<BookingLink> {
    const link = await this.db.withScope(scopeOfCaller(caller), (tx) => findLink(tx, id));
    if (!link) throw new Missing('booking link');
    return link;
  }

  /** Takes it back: within the undo window no mail leaves, after it the link opens nothing. Of one that is not open nothing is left to do.
   * @throws Missing */
  async withdraw(caller: Principal, id: string): Promise<void> {
    const link = await this.one(caller, id);
    const { engagementId, leadId } = link;
    await this.db.withScope(scopeOf(engagementId), async (tx) => {
      await lockCase(tx, leadId);
      if (!(await endLink(tx, id, 'withdrawn'))) return;
      await this.due.cancel(tx, { kind: LINK_MAIL, key: id });
      await this.audit.record(tx, {
        action: 'booking-link.withdrawn',
        principal: caller,
        engagementId,
        subjectIds: [leadId],
        detail: { link: id },
      });
    });
  }
}
