import { Injectable } from '@nestjs/common';
import { AuditTrail, type Actor, type Principal, requireEngagement } from '@avtala/access';
import { EngagementChanged, EngagementEnded, EngagementStarted } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, type IdempotencyClaim, settleKey } from '@avtala/http';
import { Due, type DueItem, Outbox } from '@avtala/messaging';
import { Clock, endOfSwedishDay, startOfSwedishDay, swedishDay } from '@avtala/time';
import { decideNotice } from '../domain/notice.js';
import { BindingPeriod, EndsTooEarly, NoticeAlreadyGiven } from '../domain/errors.js';
import { lockEngagement, nextVersion, readEngagement } from '../storage/engagements.js';
import { snapshotOf } from './engagements.service.js';

const instant = (at: Date): Temporal.Instant => Temporal.Instant.fromEpochMilliseconds(at.getTime());
const timer = (item: DueItem): Actor => ({
  kind: 'service',
  service: 'agency',
  purpose: item.kind,
  eventId: item.id,
});

/** The contract is the clock: an engagement starts, takes notice and ends (A1, A2, A5). */
@Injectable()
export class TermService {
  constructor(
    private readonly db: Db,
    private readonly outbox: Outbox,
    private readonly due: Due,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Ends the contract at the end of the month that is paid for, or later if wished.
   * @returns the first instant at which it is over
   * @throws BindingPeriod with the earliest day (A1); EndsTooEarly; NoticeAlreadyGiven; Missing */
  async giveNotice(
    caller: Principal,
    claim: IdempotencyClaim,
    engagementId: string,
    endsOn?: Temporal.PlainDate,
  ): Promise<Temporal.Instant> {
    requireEngagement(caller, engagementId);
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const before = await claimKey(tx, claim);
      const e = await lockEngagement(tx, engagementId);
      if (before) return instant(e.effectiveEndAt!);
      if (e.effectiveEndAt) throw new NoticeAlreadyGiven(instant(e.effectiveEndAt).toString());
      const now = this.clock.now();
      const term = { startsOn: Temporal.PlainDate.from(e.startsOn), bindingMonths: e.bindingMonths };
      const decision = decideNotice(term, swedishDay(now), endsOn);
      if (!decision.ok) {
        if (decision.reason === 'binding-period') throw new BindingPeriod(decision.earliestOn);
        throw new EndsTooEarly(decision.earliestEndOn);
      }
      const endAt = endOfSwedishDay(decision.lastDay);
      await tx.query(`update engagement set notice_given_at = $2, effective_end_at = $3 where engagement_id = $1`, [
        engagementId,
        now.toString(),
        endAt.toString(),
      ]);
      await this.due.schedule(tx, { kind: 'engagement-end', key: engagementId, engagementId, dueAt: endAt });
      await nextVersion(tx, engagementId);
      const noticed = await readEngagement(tx, engagementId);
      if (noticed.startedAt) await this.outbox.append(tx, EngagementChanged.of(snapshotOf(noticed)));
      await this.audit.record(tx, {
        action: 'engagement.notice-given',
        principal: caller,
        engagementId,
        detail: { effectiveEndAt: endAt.toString() },
      });
      await settleKey(tx, claim, { status: 200, resourceId: engagementId, engagementId });
      return endAt;
    });
  }

  /** Says `engagement.started` on the first day; once, since the row remembers. */
  async start(item: DueItem): Promise<void> {
    await this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      const e = await lockEngagement(tx, item.engagementId);
      const startsAt = startOfSwedishDay(Temporal.PlainDate.from(e.startsOn));
      if (Temporal.Instant.compare(startsAt, this.clock.now()) > 0)
        return this.due.again(tx, item, { dueAt: startsAt });
      if (!e.startedAt) {
        await tx.query(`update engagement set started_at = $2 where engagement_id = $1`, [
          item.engagementId,
          startsAt.toString(),
        ]);
        await this.outbox.append(tx, EngagementStarted.of({ ...snapshotOf(e), startedAt: startsAt.toString() }), {
          at: startsAt,
        });
        await this.audit.record(tx, {
          action: 'engagement.started',
          principal: timer(item),
          engagementId: item.engagementId,
        });
      }
      await this.due.done(tx, item);
    });
  }

  /** Says `engagement.ended` at the effective end; row, event and the end of the work commit together, so a death in between changes nothing. */
  async end(item: DueItem): Promise<void> {
    await this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      const e = await lockEngagement(tx, item.engagementId);
      if (e.endedAt || !e.effectiveEndAt) return this.due.done(tx, item);
      const endAt = instant(e.effectiveEndAt);
      if (Temporal.Instant.compare(endAt, this.clock.now()) > 0) return this.due.again(tx, item, { dueAt: endAt });
      await tx.query(`update engagement set ended_at = effective_end_at where engagement_id = $1`, [item.engagementId]);
      const version = await nextVersion(tx, item.engagementId);
      await this.outbox.append(
        tx,
        EngagementEnded.of({
          engagementId: e.engagementId,
          clientId: e.clientId,
          version,
          endedAt: endAt.toString(),
          retentionMonths: e.retentionMonths,
        }),
        { at: endAt },
      );
      await this.audit.record(tx, {
        action: 'engagement.ended',
        principal: timer(item),
        engagementId: item.engagementId,
      });
      await this.due.done(tx, item);
    });
  }
}
