import { AuditTrail, requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { isBuried } from '@avtala/messaging';
import { Clock, endOfSwedishDay, startOfSwedishDay, swedishDay } from '@avtala/time';
import { Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { QUEUES } from '../domain/call.js';
import { CallbackGone, CallbackTaker } from '../domain/calling-errors.js';
import { nextOpening, zoneOfPhone } from '../domain/calling-rules.js';
import { BLOCKS, whyNotCallable, type Block } from '../domain/lead-status.js';
import { callbacksOf, countQueue, moveCallback, peekCallbacks, peekQueue } from '../storage/calling.js';
import { rulesOf } from '../storage/calling-rules.js';
import { lastOutcomes } from '../storage/my-day.js';
import { findEngagement } from '../storage/engagement.js';
import { homesOf, numberOf, readLeads, setNumber, type LeadRow } from '../storage/lead.js';
import { noesAmong } from '../storage/suppression.js';
import { deskOf } from './calling.service.js';
import { factsOf } from './lead-list.service.js';
import { ownLead } from './own-lead.js';
import { People, unsealContact } from './people.js';

export interface Callable {
  callable: boolean;
  reasons: { code: Block; sentence: string; until: string | null; promise: string | null }[];
}

export interface QueueView {
  dueCallbacks: number;
  callableNow: number;
  nextCallableAt: string | null;
  blocked: { code: Block; count: number }[];
  next: { company: string | null; reason: (typeof WORDS)[number]; attempt: number }[];
  /** Of today and before, which this booker may keep. */
  callbacks: { company: string | null; at: string; mine: boolean }[];
  /** What this booker recorded today, the newest first. */
  last: { id: string; at: string; outcome: string; company: string | null; callableAt: string | null }[];
}

export interface CallbackView {
  leadId: string;
  engagementId: string;
  at: string;
  userId: string | null;
  overdue: boolean;
}

const NEXT_SHOWN = 5;
const LAST_SHOWN = 2;
const WORDS = ['callback', 'new', 'retry'] as const;

/** What a booker's desk and a supervisor's floor show of the queue: why a lead is not called, who waits, which promises are due. */
@Injectable()
export class CallingDesk {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(People) private readonly people: People,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Every reason at once: whoever removes one should not meet the next. @throws Missing */
  async why(caller: Principal, id: string): Promise<Callable> {
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const engagementId = (await homesOf(tx, [id])).get(id);
      if (!engagementId || !caller.engagementIds.includes(engagementId)) throw new Missing('lead');
      const [lead] = await readLeads(tx, [id], [engagementId]);
      const engagement = await findEngagement(tx, engagementId);
      if (!lead || !engagement) throw new Missing('lead');
      const key = (await this.vault.open('lead', [id], 'calling')).get(id);
      const contact = key ? unsealContact(key, id, lead.sealed) : null;
      const noes = contact ? await this.people.noHashes(contact) : [];
      const saidNo = await noesAmong(
        tx,
        noes.map((n) => n.hash),
      );
      const now = this.clock.now();
      const instant = (at: Date | null) => (at ? Temporal.Instant.fromEpochMilliseconds(at.getTime()) : null);
      const reasons = whyNotCallable(
        {
          ...factsOf(lead, !key || (await isBuried(tx, { leadId: id, engagementId }))),
          saidNo: saidNo(noes, engagement.client_id),
          hasNumber: !contact || contact.phone !== undefined,
          number: numberOf(lead),
          claimedBy: lead.claimed_by,
          callbackFor: lead.callback_for,
          zone: zoneOfPhone(contact?.phone, engagement.time_zone),
        },
        {
          startedAt: instant(engagement.started_at),
          endedAt: instant(engagement.ended_at),
          erasing: engagement.erasing !== null,
          zone: engagement.time_zone,
        },
        (await rulesOf(tx, [engagementId]))(engagementId),
        { now, realNow: Date.now(), today: swedishDay(now), bookerId: caller.userId },
      );
      return {
        callable: reasons.length === 0,
        reasons: reasons.map(({ code, until }) => {
          const [sentence, promise] = BLOCKS[code];
          return { code, sentence, until: until?.toString() ?? null, promise };
        }),
      };
    });
  }

  /** Counts and the next five, as company and reason only: nobody's name before they are handed out. */
  async queue(caller: Principal, engagementId: string | undefined): Promise<QueueView> {
    if (engagementId) requireEngagement(caller, engagementId);
    const wanted = engagementId ? [engagementId] : caller.engagementIds;
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const now = this.clock.now();
      const desk = await deskOf(tx, wanted, now);
      const at = { bookerId: caller.userId, now: now.toString(), realNow: new Date() };
      const counts = await countQueue(tx, desk.runningIds, at);
      const closedIds = desk.runningIds.filter((id) => !desk.openIds.includes(id));
      const outside = closedIds.length ? (await countQueue(tx, closedIds, at)).callable : 0;
      const blocked: [Block, number][] = [
        ['outside-hours', outside],
        ['waiting-period', counts.waiting],
        ['handed-out', counts.handedOut],
        ['attempts-used', counts.attemptsUsed],
        ['nix-listed', counts.nix],
        ['restricted', counts.restricted],
        ['suppressed', counts.suppressed],
      ];
      const opens = desk.engagements
        .filter((e) => closedIds.includes(e.id) && outside > 0)
        .flatMap((e) => nextOpening(desk.rules(e.id), now, e.time_zone) ?? []);
      const soonest = [...opens.map((o) => o.epochMilliseconds), counts.nextCallableAt?.getTime() ?? Infinity];
      const first = Math.min(...soonest);
      const peeked = await peekQueue(tx, { ...desk, ...at }, NEXT_SHOWN);
      const today = swedishDay(now);
      const promised = { ...at, engagementIds: desk.runningIds, before: endOfSwedishDay(today).toString() };
      const callbacks = await peekCallbacks(tx, promised, NEXT_SHOWN);
      const mine = {
        engagementIds: desk.runningIds,
        userId: caller.userId,
        since: startOfSwedishDay(today).toString(),
      };
      const last = await lastOutcomes(tx, { ...mine, limit: LAST_SHOWN });
      const called = await readLeads(
        tx,
        last.map((o) => o.lead_id),
        desk.runningIds,
      );
      const companyOf = await this.companies(tx, caller, [...peeked, ...callbacks, ...called]);
      return {
        dueCallbacks: counts.dueCallbacks,
        callableNow: counts.callable - outside,
        nextCallableAt: Number.isFinite(first) ? new Date(first).toISOString() : null,
        blocked: blocked.filter(([, count]) => count > 0).map(([code, count]) => ({ code, count })),
        next: peeked.filter(companyOf.knows).map((lead) => ({
          company: companyOf.lead(lead.id),
          reason: WORDS[lead.queue]!,
          attempt: lead.attempts + 1,
        })),
        callbacks: callbacks.filter(companyOf.knows).map((lead) => ({
          company: companyOf.lead(lead.id),
          at: lead.callable_at!.toISOString(),
          mine: lead.callback_for === caller.userId,
        })),
        last: last.map((o) => ({
          id: o.id,
          at: o.at.toISOString(),
          outcome: o.outcome,
          company: companyOf.lead(o.lead_id),
          callableAt: called.find((l) => l.id === o.lead_id && l.state === 'open')?.callable_at?.toISOString() ?? null,
        })),
      };
    });
  }

  /** Callbacks in the order of their time, without who they are about. */
  async callbacks(
    caller: Principal,
    page: { engagementId?: string; overdue?: boolean; limit: number; after?: { at: string; id: string } },
  ): Promise<{ items: CallbackView[]; last: { at: string; id: string } | null }> {
    if (page.engagementId) requireEngagement(caller, page.engagementId);
    const wanted = page.engagementId ? [page.engagementId] : [...caller.engagementIds];
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const now = this.clock.now();
      const rules = await rulesOf(tx, wanted);
      const found = await callbacksOf(tx, {
        engagementIds: wanted,
        dueBefore: page.overdue ? now.toString() : null,
        limit: page.limit,
        after: page.after ?? null,
      });
      const views = found.map((lead) => ({
        leadId: lead.id,
        engagementId: lead.engagement_id,
        at: lead.callable_at!.toISOString(),
        userId: lead.callback_for,
        overdue:
          lead.callable_at!.getTime() + rules(lead.engagement_id).callbackGraceMinutes * 60_000 < now.epochMilliseconds,
      }));
      const last = found.length === page.limit ? views.at(-1)! : null;
      return {
        items: page.overdue ? views.filter((v) => v.overdue) : views,
        last: last && { at: last.at, id: last.leadId },
      };
    });
  }

  /** A promise changes hands. @param userId null = anybody of the engagement. @throws CallbackGone, CallbackTaker, Missing */
  async move(caller: Principal, id: string, claim: IdempotencyClaim, userId: string | null): Promise<void> {
    await this.db.withScope(scopeOfCaller(caller), async (tx) => {
      if (await claimKey(tx, claim)) return;
      const lead = await ownLead(tx, caller, id, 'change');
      if (lead.queue !== QUEUES.callback) throw new CallbackGone();
      const members = userId === null ? null : (await findEngagement(tx, lead.engagement_id))?.member_ids;
      if (members && !members.includes(userId!)) throw new CallbackTaker();
      if (!(await moveCallback(tx, lead, { userId }))) throw new CallbackGone();
      await this.audit.record(tx, {
        action: 'callback.moved',
        principal: caller,
        engagementId: lead.engagement_id,
        subjectIds: [id],
        detail: { from: lead.callback_for, to: userId },
      });
      await settleKey(tx, claim, { status: 200, leadId: id, engagementId: lead.engagement_id });
    });
  }

  /** What is known of the lead's number (B10). @throws Missing */
  async setNumber(
    caller: Principal,
    id: string,
    number: { kind: 'company' | 'private'; nix?: { registerOn: string; listed: boolean } },
  ): Promise<void> {
    await this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const lead = await ownLead(tx, caller, id, 'change');
      await setNumber(tx, lead, {
        kind: number.kind,
        nixOn: number.nix?.registerOn ?? null,
        listed: number.nix?.listed ?? false,
      });
      await this.audit.record(tx, {
        action: 'lead.number-checked',
        principal: caller,
        engagementId: lead.engagement_id,
        subjectIds: [id],
        fields: ['number_kind', ...(number.nix ? ['nix'] : [])],
      });
    });
  }

  /** Companies of these leads, with the entry that they were shown; a lead whose key is gone is nobody. */
  private async companies(tx: EntityManager, caller: Principal, leads: readonly LeadRow[]) {
    const byId = new Map(leads.map((l) => [l.id, l]));
    const keys = byId.size ? await this.vault.open('lead', [...byId.keys()], 'calling') : new Map<string, never>();
    for (const engagementId of new Set(leads.map((l) => l.engagement_id))) {
      await this.audit.record(tx, {
        action: 'queue.read',
        principal: caller,
        engagementId,
        subjectIds: [...byId.values()].filter((l) => l.engagement_id === engagementId).map((l) => l.id),
        fields: ['company'],
      });
    }
    return {
      knows: (lead: LeadRow) => keys.has(lead.id),
      lead: (id: string) => {
        const [lead, key] = [byId.get(id), keys.get(id)];
        return lead && key ? (unsealContact(key, id, lead.sealed).company ?? null) : null;
      },
    };
  }
}
