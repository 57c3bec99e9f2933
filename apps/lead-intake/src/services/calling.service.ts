import { AuditTrail, requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { LeadContacted, Missing, type Contact, type Outcome } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { isBuried, Outbox } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { seal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUIDv7, type KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { decideCall } from '../domain/call.js';
import { holdsIdentityNumber } from '../domain/identity-number.js';
import { noticeOf, type SpokenNotice } from '../domain/notice.js';
import { CallbackRefused, IntakeClosed, LeadClosed, LeadRefused } from '../domain/errors.js';
import { namesSpecialCategory } from '../domain/special-category.js';
import { insertActivity } from '../storage/activity.js';
import { runningEngagements, type Engagement } from '../storage/engagement.js';
import { claimNext, homesOf, lockLead, readLeads, stepLead, type LeadRow } from '../storage/lead.js';
import { noesAmong } from '../storage/suppression.js';
import { Noes } from './no.service.js';
import { People, unsealContact } from './people.js';

/** How long a lead stays with a booker who says nothing more, in real time. */
const CLAIM_MS = 30 * 60_000;
/** Suppressed leads passed over in one request, before the rest is left to the next. */
const MOST_PASSED = 200;

export interface HandedOut extends Contact {
  id: string;
  engagementId: string;
  version: number;
  notice: SpokenNotice;
}

export interface CallResult {
  outcome: Outcome;
  /** The person was told where the data came from (B8). */
  informed: boolean;
  note?: string;
  callbackAt?: string;
}

/** Who is called next, and what came of it. */
@Injectable()
export class Calling {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(People) private readonly people: People,
    @Inject(Noes) private readonly noes: Noes,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** The next lead, for this booker only; null when nobody is to be called now. */
  async next(caller: Principal, claim: IdempotencyClaim, engagementId: string | undefined): Promise<HandedOut | null> {
    if (engagementId) requireEngagement(caller, engagementId);
    const wanted = engagementId ? [engagementId] : caller.engagementIds;
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const engagements = await runningEngagements(tx, wanted, this.clock.now());
      const settled = await claimKey(tx, claim);
      if (settled) return settled.resourceId ? this.again(tx, caller, engagements, settled.resourceId) : null;
      const found = engagements.length ? await this.pick(tx, caller, engagements) : null;
      if (!found) {
        await settleKey(tx, claim, { status: 204 });
        return null;
      }
      const { lead, contact, engagement } = found;
      await this.auditRead(tx, caller, 'lead.handed-out', lead, contact);
      await settleKey(tx, claim, {
        status: 200,
        resourceId: lead.id,
        leadId: lead.id,
        engagementId: lead.engagement_id,
      });
      return handOut(lead, contact, engagement);
    });
  }

  /** Claims until it finds one who may be called. Who said no elsewhere is marked on the way: no index leads from one engagement to another. */
  private async pick(tx: EntityManager, caller: Principal, engagements: readonly Engagement[]) {
    const now = this.clock.now().toString();
    for (let passed = 0; passed < MOST_PASSED; passed++) {
      const realNow = new Date();
      const lead = await claimNext(tx, {
        engagementIds: engagements.map((e) => e.id),
        bookerId: caller.userId,
        now,
        realNow,
        claimedUntil: new Date(realNow.getTime() + CLAIM_MS),
      });
      if (!lead) return null;
      const engagement = engagements.find((e) => e.id === lead.engagement_id)!;
      const key = (await this.vault.open('lead', [lead.id], 'calling')).get(lead.id);
      if (!key) continue; // its key is gone: claimed for half an hour, deleted before that
      const contact = unsealContact(key, lead.id, lead.sealed);
      const noes = await this.people.noHashes(contact);
      const saidNo = await noesAmong(
        tx,
        noes.map((n) => n.hash),
      );
      if (!saidNo(noes, engagement.client_id)) return { lead, contact, engagement };
      await this.noes.object(tx, lead);
    }
    return null;
  }

  /** A repeated request gets the lead it was given, as long as it is still this booker's and may still be called. */
  private async again(
    tx: EntityManager,
    caller: Principal,
    engagements: readonly Engagement[],
    id: string,
  ): Promise<HandedOut | null> {
    const [lead] = await readLeads(
      tx,
      [id],
      engagements.map((e) => e.id),
    );
    if (lead && lead.claimed_by !== caller.userId) return null;
    if (await isBuried(tx, { leadId: id })) return null;
    const key = lead && (await this.vault.open('lead', [id], 'calling')).get(id);
    const engagement = engagements.find((e) => e.id === lead?.engagement_id);
    if (!lead || !key || !engagement || lead.state === 'objected' || lead.restricted) return null;
    const contact = unsealContact(key, id, lead.sealed);
    await this.auditRead(tx, caller, 'lead.handed-out', lead, contact);
    return handOut(lead, contact, engagement);
  }

  /** Records what came of a call. @throws CallbackRefused, LeadClosed, LeadRefused, IntakeClosed, Missing */
  async record(caller: Principal, id: string, claim: IdempotencyClaim, result: CallResult): Promise<{ id: string }> {
    if (result.note) refuseNote(result.note);
    const now = this.clock.now();
    const callbackAt = result.callbackAt ? Temporal.Instant.from(result.callbackAt) : null;
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const settled = await claimKey(tx, claim);
      if (settled?.resourceId) return { id: settled.resourceId };
      const { lead, key, engagement } = await this.lockOwn(tx, caller, id);
      const decision = decideCall(lead.state, result.outcome, now, callbackAt);
      if (!decision.ok) {
        throw decision.reason === 'already-objected'
          ? new LeadClosed(decision.reason)
          : new CallbackRefused(decision.reason);
      }
      // A no is heard whenever it is said; anything else only while the engagement runs.
      if (!engagement && result.outcome !== 'objected') throw new IntakeClosed('engagement-ended');
      const activityId = randomUUIDv7();
      await insertActivity(tx, {
        engagementId: lead.engagement_id,
        id: activityId,
        leadId: id,
        at: now.toString(),
        userId: caller.userId,
        outcome: result.outcome,
        informed: result.informed,
        callbackAt: callbackAt?.toString() ?? null,
        sealed: result.note ? seal(key, `activity:${activityId}:1`, { note: result.note }) : null,
      });
      const informedAt = lead.informed_at?.toISOString() ?? (result.informed ? now.toString() : null);
      const { state, callableAt } = decision;
      const contacted = { ...lead, version: lead.version + 1, informed_at: informedAt ? new Date(informedAt) : null };
      await stepLead(tx, lead, {
        version: contacted.version,
        state,
        callableAt: callableAt?.toString() ?? null,
        informedAt,
        restricted: lead.restricted,
      });
      await this.outbox.append(
        tx,
        LeadContacted.of({
          leadId: id,
          engagementId: lead.engagement_id,
          leadVersion: contacted.version,
          outcome: result.outcome,
          informed: result.informed,
          contactedAt: now.toString(),
          bookerId: caller.userId,
        }),
      );
      if (result.outcome === 'objected') {
        await this.noes.remember(tx, lead, unsealContact(key, id, lead.sealed), null);
        await this.noes.object(tx, contacted);
      }
      await this.audit.record(tx, {
        action: 'lead.contacted',
        principal: caller,
        engagementId: lead.engagement_id,
        subjectIds: [id],
        detail: { outcome: result.outcome, informed: result.informed },
      });
      await settleKey(tx, claim, { status: 201, resourceId: activityId, leadId: id, engagementId: lead.engagement_id });
      return { id: activityId };
    });
  }

  /** The lead, locked, if it is the caller's and still there. */
  private async lockOwn(
    tx: EntityManager,
    caller: Principal,
    id: string,
  ): Promise<{ lead: LeadRow; key: KeyObject; engagement: Engagement | undefined }> {
    const engagementId = (await homesOf(tx, [id])).get(id);
    // One answer for both: the words must not tell whether there is such a lead somewhere.
    if (!engagementId || !caller.engagementIds.includes(engagementId)) throw new Missing('lead');
    const lead = await lockLead(tx, engagementId, id);
    if (!lead || (await isBuried(tx, { leadId: id, engagementId }))) throw new Missing('lead');
    const key = (await this.vault.open('lead', [id], 'calling')).get(id);
    if (!key) throw new Missing('lead');
    const [engagement] = await runningEngagements(tx, [engagementId], this.clock.now());
    return { lead, key, engagement };
  }

  private async auditRead(
    tx: EntityManager,
    caller: Principal,
    action: string,
    lead: LeadRow,
    contact: Contact,
  ): Promise<void> {
    await this.audit.record(tx, {
      action,
      principal: caller,
      engagementId: lead.engagement_id,
      subjectIds: [lead.id],
      fields: Object.keys(contact),
    });
  }
}

function handOut(lead: LeadRow, contact: Contact, engagement: Engagement): HandedOut {
  const notice = noticeOf(lead, engagement);
  return { ...contact, id: lead.id, engagementId: lead.engagement_id, version: lead.version, notice };
}

/** Notes are text about a person like any other (B1). */
function refuseNote(note: string): void {
  if (holdsIdentityNumber(note)) throw new LeadRefused('identity-number', 'note');
  if (namesSpecialCategory(note)) throw new LeadRefused('special-category', 'note');
}
