import { AuditTrail, scopeOfCaller, type Principal } from '@avtala/access';
import { LeadContacted, Missing, type Outcome } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Due, isBuried, Outbox, type DueItem } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { seal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUIDv7, type KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { decideCall, isFinal, UNDO_SECONDS, type Pressed, type Standing } from '../domain/call.js';
import { UndoRefused } from '../domain/calling-errors.js';
import { CallbackRefused, IntakeClosed, LeadClosed } from '../domain/errors.js';
import { refuseNote } from '../domain/note.js';
import {
  findActivity,
  insertActivity,
  lastActivity,
  markTold,
  markUndone,
  untoldOf,
  type ActivityRow,
} from '../storage/activity.js';
import { stepCall } from '../storage/calling.js';
import { rulesOf } from '../storage/calling-rules.js';
import { findEngagement, runningEngagements } from '../storage/engagement.js';
import { lockLead, type LeadRow } from '../storage/lead.js';
import { CLAIM_MS } from './calling.service.js';
import { Noes } from './no.service.js';
import { ownLead, stillThere } from './own-lead.js';
import { unsealContact } from './people.js';

export const TELL_OUTCOME = 'tell-outcome';

export interface CallResult {
  outcome: Pressed;
  /** The person was told where the data came from (B8). */
  informed: boolean;
  note?: string;
  callbackAt?: string;
  /** `personal`: this booker keeps it; else anybody of the engagement. */
  callback?: 'personal' | 'shared';
  /** With `objected`: towards every client (default), or only towards this engagement's. */
  scope?: 'all' | 'client';
  /** With `booked`: the meeting that was made in the call. */
  bookingId?: string;
}

/** What came of a call. Others hear of it ten seconds later, so that until then it can be taken back; a "no" they hear at once. */
@Injectable()
export class Outcomes {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Noes) private readonly noes: Noes,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Due) private readonly due: Due,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws CallbackRefused, LeadClosed, LeadRefused, IntakeClosed, Missing */
  async record(caller: Principal, id: string, claim: IdempotencyClaim, result: CallResult): Promise<{ id: string }> {
    if (result.note) refuseNote(result.note);
    const now = this.clock.now();
    const { outcome } = result;
    const informed = result.informed && outcome !== 'not-connected';
    const callback = result.callbackAt
      ? { at: Temporal.Instant.from(result.callbackAt), for: result.callback === 'personal' ? caller.userId : null }
      : null;
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const settled = await claimKey(tx, claim);
      if (settled?.resourceId) return { id: settled.resourceId };
      const { lead, leaving } = await stillThere(tx, caller, id);
      if (leaving && outcome !== 'objected') throw new Missing('lead');
      const key = (await this.vault.open('lead', [id], 'calling')).get(id);
      if (!key) throw new Missing('lead');
      if (leaving) return this.lastNo(tx, caller, claim, lead, key, result.scope);
      const engagementId = lead.engagement_id;
      const standing = standingBefore(lead, caller, result.bookingId);
      const decision = decideCall(standing, outcome, now, callback, (await rulesOf(tx, [engagementId]))(engagementId));
      if (!decision.ok) {
        throw decision.reason === 'already-objected'
          ? new LeadClosed(decision.reason)
          : new CallbackRefused(decision.reason);
      }
      // A no is heard whenever it is said; anything else only while the engagement runs.
      if (outcome !== 'objected' && !(await runningEngagements(tx, [engagementId], now)).length)
        throw new IntakeClosed('engagement-ended');

      await this.tellUntold(tx, lead); // what came before can no longer be taken back
      const activityId = randomUUIDv7();
      const informedAt = lead.informed_at?.toISOString() ?? (informed ? now.toString() : null);
      const stepped = { ...lead, version: lead.version + 1, informed_at: informedAt ? new Date(informedAt) : null };
      const final = isFinal(outcome);
      const tellAt = final || outcome === 'not-connected' ? null : now.add({ seconds: UNDO_SECONDS });
      await insertActivity(tx, {
        engagementId,
        id: activityId,
        leadId: id,
        at: now.toString(),
        userId: caller.userId,
        outcome,
        informed,
        callbackAt: callback?.at.toString() ?? null,
        callbackFor: callback?.for ?? null,
        sealed: result.note ? seal(key, `activity:${activityId}:1`, { note: result.note }) : null,
        tellAt: tellAt?.toString() ?? null,
        bookingId: result.bookingId ?? null,
        before: {
          ...standing,
          callableAt: lead.callable_at?.toISOString() ?? null,
          informedAt: lead.informed_at?.toISOString() ?? null,
          after: { version: stepped.version, state: decision.state },
        },
      });
      await stepCall(tx, lead, {
        ...decision,
        version: stepped.version,
        callableAt: decision.callableAt?.toString() ?? null,
        informedAt,
        bookerId: caller.userId,
        heldUntil: null,
      });
      if (tellAt)
        await this.due.schedule(tx, { kind: TELL_OUTCOME, key: activityId, engagementId, leadId: id, dueAt: tellAt });
      if (final) {
        await this.tell(tx, stepped, { at: now.toString(), outcome, informed, userId: caller.userId });
        const clientId = result.scope === 'client' ? (await findEngagement(tx, engagementId))!.client_id : null;
        await this.noes.remember(tx, lead, unsealContact(key, id, lead.sealed), clientId);
        await this.noes.object(tx, stepped);
      }
      await this.audit.record(tx, {
        action: 'lead.contacted',
        principal: caller,
        engagementId,
        subjectIds: [id],
        detail: { outcome, informed, ...(result.scope === 'client' ? { scope: 'client' } : {}) },
      });
      await settleKey(tx, claim, { status: 201, resourceId: activityId, leadId: id, engagementId });
      return { id: activityId };
    });
  }

  /** Somebody whose erasure was ordered says no (B5): what is kept of them is that, before their key goes; the rest is as the order has it. */
  private async lastNo(
    tx: EntityManager,
    caller: Principal,
    claim: IdempotencyClaim,
    lead: LeadRow,
    key: KeyObject,
    scope: CallResult['scope'],
  ): Promise<{ id: string }> {
    const { engagement_id: engagementId, id: leadId } = lead;
    const clientId = scope === 'client' ? (await findEngagement(tx, engagementId))!.client_id : null;
    await this.noes.remember(tx, lead, unsealContact(key, leadId, lead.sealed), clientId);
    const detail = { outcome: 'objected', leaving: true, ...(clientId ? { scope: 'client' } : {}) };
    await this.audit.record(tx, {
      action: 'lead.contacted',
      principal: caller,
      engagementId,
      subjectIds: [leadId],
      detail,
    });
    const id = randomUUIDv7();
    await settleKey(tx, claim, { status: 201, resourceId: id, leadId, engagementId });
    return { id };
  }

  /** Takes the caller's own last outcome back: the lead is with them again, where it was. @throws UndoRefused, Missing */
  async undo(caller: Principal, activityId: string, claim: IdempotencyClaim): Promise<{ id: string; leadId: string }> {
    const now = this.clock.now();
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const settled = await claimKey(tx, claim);
      const found = await findActivity(tx, activityId);
      if (!found || found.user_id !== caller.userId) throw new Missing('outcome');
      const answer = { id: activityId, leadId: found.lead_id };
      if (settled) return answer;
      const lead = await ownLead(tx, caller, found.lead_id, 'change');
      const last = await lastActivity(tx, lead.engagement_id, lead.id); // under the lock: the one we found may be undone by now
      if (last?.id !== activityId || !last.before) throw new UndoRefused('undo-overtaken');
      if (isFinal(last.outcome)) throw new UndoRefused('undo-final');
      const until = last.at.getTime() + UNDO_SECONDS * 1000;
      const told = last.outcome !== 'not-connected' && !last.tell_at;
      if (told || now.epochMilliseconds >= until) throw new UndoRefused('undo-too-late');
      const { before } = last;
      if (lead.version !== before.after.version || lead.state !== before.after.state)
        throw new UndoRefused('undo-overtaken');
      // An invite that was delivered meanwhile has told them (B8): that is not taken back.
      const here = last.informed && !before.informedAt && lead.informed_at?.getTime() === last.at.getTime();
      await stepCall(tx, lead, {
        ...before,
        informedAt: here ? null : (lead.informed_at?.toISOString() ?? null),
        version: lead.version + 1,
        bookerId: caller.userId,
        heldUntil: new Date(Date.now() + CLAIM_MS),
      });
      await markUndone(tx, lead.engagement_id, activityId, now.toString());
      await this.due.cancel(tx, { kind: TELL_OUTCOME, key: activityId });
      await this.audit.record(tx, {
        action: 'lead.outcome-undone',
        principal: caller,
        engagementId: lead.engagement_id,
        subjectIds: [lead.id],
        detail: { outcome: last.outcome },
      });
      await settleKey(tx, claim, {
        status: 200,
        resourceId: activityId,
        leadId: lead.id,
        engagementId: lead.engagement_id,
      });
      return answer;
    });
  }

  /** Due work: the ten seconds are over. Told or taken back meanwhile, there is nothing left to do. */
  async tellDue(item: DueItem): Promise<void> {
    await this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      const lead = await lockLead(tx, item.engagementId, item.leadId!);
      if (lead && !(await isBuried(tx, { leadId: lead.id, engagementId: item.engagementId })))
        await this.tellUntold(tx, lead, item.key);
      await this.due.done(tx, item);
    });
  }

  /** The caller holds the lead's lock. @param only this one */
  private async tellUntold(tx: EntityManager, lead: LeadRow, only?: string): Promise<void> {
    const untold = (await untoldOf(tx, lead.engagement_id, lead.id)).filter((a) => !only || a.id === only);
    for (const a of untold) await this.tell(tx, lead, { ...factsOf(a) });
    await markTold(
      tx,
      lead.engagement_id,
      untold.map((a) => a.id),
    );
    if (untold.length && !only) await this.due.cancel(tx, { kind: TELL_OUTCOME, leadId: lead.id });
  }

  private async tell(
    tx: EntityManager,
    lead: LeadRow,
    a: { at: string; outcome: Pressed; informed: boolean; userId: string | null },
  ): Promise<void> {
    await this.outbox.append(
      tx,
      LeadContacted.of({
        leadId: lead.id,
        engagementId: lead.engagement_id,
        leadVersion: lead.version,
        outcome: a.outcome as Outcome, // `not-connected` is told to nobody
        informed: a.informed,
        contactedAt: a.at,
        ...(a.userId ? { bookerId: a.userId } : {}),
      }),
    );
  }
}

const factsOf = (a: ActivityRow) => ({
  at: a.at.toISOString(),
  outcome: a.outcome as Pressed,
  informed: a.informed,
  userId: a.user_id,
});

function standingOf(lead: LeadRow): Standing {
  return {
    state: lead.state,
    attempts: lead.attempts,
    queue: lead.queue,
    callableAt: lead.callable_at ? Temporal.Instant.fromEpochMilliseconds(lead.callable_at.getTime()) : null,
    callbackFor: lead.callback_for,
  };
}

/** Where the lead stood when the call began. The news of a meeting made in this very call may have come before its outcome: whoever is in this
 * booker's hand was open. */
function standingBefore(lead: LeadRow, caller: Principal, bookingId: string | undefined): Standing {
  const standing = standingOf(lead);
  const inHand = lead.claimed_by === caller.userId && lead.claimed_until !== null;
  return bookingId && inHand && standing.state === 'booked' ? { ...standing, state: 'open' } : standing;
}
