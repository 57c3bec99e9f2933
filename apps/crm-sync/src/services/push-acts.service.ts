import { AuditTrail, type Principal, requireEngagement, scopeOfCaller } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, type IdempotencyClaim, settleKey } from '@avtala/http';
import { Due, type DueItem } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Cause } from '../domain/causes.js';
import { afterAct, type PushAct, type SkipReason } from '../domain/push-states.js';
import { PUSH, pushKey, RETRY_ALL } from '../domain/work.js';
import { countNews, lockCase } from '../storage/leads.js';
import {
  countOfCause,
  countPushes,
  linkAnew,
  lockedPush,
  meetingsTold,
  type MeetingTold,
  pushesOfCause,
  type PushCount,
  type PushFilter,
  pushLine,
  type PushLine,
  pushLines,
  requeue,
  setAside,
  skipPush,
} from '../storage/push-screen.js';

/** Rows put into the queue again in one transaction: each locks its lead. */
const CHUNK = 200;

export interface RetryAll {
  readonly cause: Cause;
  readonly connectionId?: string | undefined;
  readonly engagementId?: string | undefined;
}
type Target = {
  readonly id: string;
  readonly connectionId: string;
  readonly engagementId: string;
  readonly leadId: string;
};

/** The sync screen: what was told, what was not and why, and what a person does about it. */
@Injectable()
export class PushActs {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly due: Due,
    private readonly audit: AuditTrail,
  ) {}

  list(
    caller: Principal,
    of: PushFilter & { engagementId?: string | undefined },
    page: { limit: number; after: string | undefined },
  ): Promise<PushLine[]> {
    const engagementIds = within(caller, of.engagementId);
    return this.db.withScope(scopeOf(...engagementIds), (tx) => pushLines(tx, engagementIds, of, page));
  }

  /** What CRMs were told of meetings, by their start.
   * @throws Missing an engagement that is not the caller's */
  ofMeetings(
    caller: Principal,
    of: { from: Temporal.Instant; days: number; engagementId?: string | undefined },
  ): Promise<MeetingTold[]> {
    const engagementIds = within(caller, of.engagementId);
    const to = of.from.add({ hours: 24 * of.days });
    return this.db.withScope(scopeOf(...engagementIds), (tx) => meetingsTold(tx, engagementIds, { from: of.from, to }));
  }

  /** @throws Missing also for another engagement's */
  get(caller: Principal, id: string): Promise<PushLine> {
    return this.db.withScope(scopeOfCaller(caller), (tx) => existing(tx, id));
  }

  count(
    caller: Principal,
    of: { engagementId?: string | undefined; connectionId?: string | undefined },
  ): Promise<PushCount[]> {
    const engagementIds = within(caller, of.engagementId);
    return this.db.withScope(scopeOf(...engagementIds), (tx) => countPushes(tx, engagementIds, of.connectionId));
  }

  /** One act on one push; a repeat changes nothing. Under the lead's lock: a push that is about to leave sees it, or has left.
   * @throws Missing, PushBlockedByRule, PushUnderWay, PushNotOpen */
  act(caller: Principal, id: string, act: PushAct, claim: IdempotencyClaim, reason?: SkipReason): Promise<PushLine> {
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const before = await existing(tx, id);
      if (await claimKey(tx, claim)) return before;
      const { engagementId, leadId } = before;
      await lockCase(tx, engagementId, leadId);
      const push = await lockedPush(tx, id);
      if (!push) throw new Missing('push');
      const to = afterAct(act, push.state, push.cause);
      if (to !== push.state || act === 'park') await this.apply(tx, { id, ...push }, act, reason);
      const detail = { id, connectionId: push.connectionId, from: push.state, to, ...(reason ? { reason } : {}) };
      await this.audit.record(tx, {
        action: `push.${PAST[act]}`,
        principal: caller,
        engagementId,
        subjectIds: [leadId],
        detail,
      });
      await settleKey(tx, claim, { status: 200, resourceId: id, leadId, engagementId });
      return existing(tx, id);
    });
  }

  /** Everything parked or failing for one cause; done by due work in chunks, for each engagement on its own.
   * @returns how many that is now */
  retryAll(caller: Principal, of: RetryAll, claim: IdempotencyClaim): Promise<number> {
    const engagementIds = within(caller, of.engagementId);
    return this.db.withScope(scopeOf(...engagementIds), async (tx) => {
      const connectionId = of.connectionId ?? null;
      const count = await countOfCause(tx, { engagementIds, connectionId, cause: of.cause });
      if (await claimKey(tx, claim)) return count;
      const batch = randomUUID();
      for (const engagementId of engagementIds)
        if (await countOfCause(tx, { engagementIds: [engagementId], connectionId, cause: of.cause }))
          await this.due.schedule(tx, {
            kind: RETRY_ALL,
            key: `${engagementId}:${batch}`,
            engagementId,
            dueAt: this.clock.now(),
            payload: { cause: of.cause, connectionId, batch },
          });
      const detail = { cause: of.cause, connectionId, count };
      await this.audit.record(tx, { action: 'pushes.retried', principal: caller, detail });
      await settleKey(tx, claim, { status: 202, resourceId: batch });
      return count;
    });
  }

  /** Due work: one chunk. What fails again meanwhile is not taken a second time. */
  async retryChunk(item: DueItem): Promise<void> {
    const { cause, connectionId, batch } = item.payload as { cause: Cause; connectionId: string | null; batch: string };
    const of = { engagementIds: [item.engagementId], connectionId, cause, batch };
    await this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      const found = await pushesOfCause(tx, of, CHUNK);
      for (const leadId of [...new Set(found.map((p) => p.leadId))].toSorted())
        await lockCase(tx, item.engagementId, leadId);
      // Looked at again under the locks: some may have left, or been set aside, in between.
      const still = new Set((await pushesOfCause(tx, of, found.length)).map((p) => p.id));
      const taken = found.filter((p) => still.has(p.id));
      await requeue(
        tx,
        taken.map((p) => p.id),
        this.clock.now(),
        batch,
      );
      for (const push of taken) await this.wake(tx, push);
      if (found.length < CHUNK) await this.due.done(tx, item);
      else await this.due.again(tx, item, { dueAt: this.clock.now() });
    });
  }

  private async apply(tx: EntityManager, push: Target, act: PushAct, reason: SkipReason | undefined): Promise<void> {
    const now = this.clock.now();
    if (act === 'park') return setAside(tx, push.id, now);
    if (act === 'skip') return skipPush(tx, push.id, reason ?? 'not-needed', now);
    if (act === 'link-anew') await linkAnew(tx, push.id);
    await requeue(tx, [push.id], now);
    await this.wake(tx, push);
  }

  /** Counted as news: a push of the lead that is under way was planned without it. */
  private async wake(tx: EntityManager, push: Target): Promise<void> {
    const { connectionId, engagementId, leadId } = push;
    await countNews(tx, engagementId, leadId);
    await this.due.schedule(
      tx,
      {
        kind: PUSH,
        key: pushKey(connectionId, leadId),
        engagementId,
        leadId,
        dueAt: this.clock.now(),
        payload: { connectionId },
      },
      { eager: true },
    );
  }
}

const PAST = { retry: 'retried', park: 'parked', skip: 'skipped', 'link-anew': 'linked-anew' } as const;

/** @throws Missing for an engagement the caller may not enter, and for a caller who may enter none */
function within(caller: Principal, engagementId: string | undefined): readonly string[] {
  if (engagementId === undefined) return scopeOfCaller(caller).engagementIds;
  requireEngagement(caller, engagementId);
  return [engagementId];
}

async function existing(tx: EntityManager, id: string): Promise<PushLine> {
  const line = await pushLine(tx, id);
  if (!line) throw new Missing('push');
  return line;
}
