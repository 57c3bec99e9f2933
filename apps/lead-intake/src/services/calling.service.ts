import { AuditTrail, requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import type { Contact } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { isBuried } from '@avtala/messaging';
import { Clock, swedishDay } from '@avtala/time';
import { Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { QUEUES } from '../domain/call.js';
import { isOpen, nextOpening, nixBlock, zoneOfPhone, type CallingRules } from '../domain/calling-rules.js';
import { noticeOf, type SpokenNotice } from '../domain/notice.js';
import { claimNext, putOff } from '../storage/calling.js';
import { rulesOf } from '../storage/calling-rules.js';
import { runningEngagements, type Engagement } from '../storage/engagement.js';
import { numberOf, readLeads, type LeadRow } from '../storage/lead.js';
import { noesAmong } from '../storage/suppression.js';
import { Noes } from './no.service.js';
import { People, unsealContact } from './people.js';

/** How long a lead stays with a booker who says nothing more, in real time. */
export const CLAIM_MS = 30 * 60_000;
/** Leads passed over in one request, before the rest is left to the next. */
const MOST_PASSED = 200;
/** A callback is kept at the hour the person named, also outside calling hours, but not when that was long ago. */
export const PROMISE_HOLDS = { hours: 1 };
/** Where no opening can be told, the rules are asked again in a while. */
const ASK_AGAIN = { hours: 24 };

const WORDS = ['callback', 'new', 'retry'] as const;

export interface HandedOut extends Contact {
  id: string;
  engagementId: string;
  version: number;
  notice: SpokenNotice;
  /** Why it comes now. */
  queue: (typeof WORDS)[number];
  /** Calls that counted so far. */
  attempts: number;
  /** Whose clock the call follows: the number's, else the engagement's. */
  timeZone: string;
  numberKind: 'company' | 'private' | null;
  /** When it goes back to the queue unless an outcome is recorded; real time. */
  heldUntil: string;
}

/** Engagements a booker may be given leads of, now. */
export interface Desk {
  engagements: readonly Engagement[];
  rules: (engagementId: string) => CallingRules;
  /** Those in whose calling hours we are. */
  openIds: string[];
  runningIds: string[];
  promisedSince: string;
}

/** The engagements of these that run, with their rules and whether calls are made in them at `now`. */
export async function deskOf(tx: EntityManager, ids: readonly string[], now: Temporal.Instant): Promise<Desk> {
  const engagements = (await runningEngagements(tx, ids, now)).filter(
    (e) => e.started_at.getTime() <= now.epochMilliseconds,
  );
  const runningIds = engagements.map((e) => e.id);
  const rules = await rulesOf(tx, runningIds);
  const openIds = engagements.filter((e) => isOpen(rules(e.id), now, e.time_zone)).map((e) => e.id);
  return { engagements, rules, openIds, runningIds, promisedSince: now.subtract(PROMISE_HOLDS).toString() };
}

/** Who is called next: one booker for each lead. */
@Injectable()
export class Calling {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(People) private readonly people: People,
    @Inject(Noes) private readonly noes: Noes,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** The next lead, for this booker only; null when nobody is to be called now. */
  async next(caller: Principal, claim: IdempotencyClaim, engagementId: string | undefined): Promise<HandedOut | null> {
    if (engagementId) requireEngagement(caller, engagementId);
    const wanted = engagementId ? [engagementId] : caller.engagementIds;
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const desk = await deskOf(tx, wanted, this.clock.now());
      const settled = await claimKey(tx, claim);
      if (settled) return settled.resourceId ? this.again(tx, caller, desk, settled.resourceId) : null;
      const found = desk.engagements.length ? await this.pick(tx, caller, desk) : null;
      if (!found) {
        await settleKey(tx, claim, { status: 204 });
        return null;
      }
      const { lead, contact, engagement } = found;
      await this.auditRead(tx, caller, lead, contact);
      await settleKey(tx, claim, {
        status: 200,
        resourceId: lead.id,
        leadId: lead.id,
        engagementId: lead.engagement_id,
      });
      return handOut(lead, contact, engagement);
    });
  }

  /** Claims until it finds one who may be called. Who may not is put off on the way, so that nobody meets them again before it is time. */
  private async pick(tx: EntityManager, caller: Principal, desk: Desk) {
    const now = this.clock.now();
    for (let passed = 0; passed < MOST_PASSED; passed++) {
      const realNow = new Date();
      const lead = await claimNext(tx, {
        ...desk,
        bookerId: caller.userId,
        now: now.toString(),
        realNow,
        claimedUntil: new Date(realNow.getTime() + CLAIM_MS),
      });
      if (!lead) return null;
      const engagement = desk.engagements.find((e) => e.id === lead.engagement_id)!;
      const key = (await this.vault.open('lead', [lead.id], 'calling')).get(lead.id);
      if (!key) continue; // its key is gone: claimed for half an hour, deleted before that
      const contact = unsealContact(key, lead.id, lead.sealed);
      if (await this.saidNo(tx, contact, engagement)) {
        // No index leads from one engagement to another: who said no elsewhere is marked when we meet them.
        await this.noes.object(tx, lead);
        continue;
      }
      const later = notNow(lead, contact, engagement, desk, now);
      if (!later) return { lead, contact, engagement };
      await putOff(tx, lead, later);
    }
    return null;
  }

  private async saidNo(tx: EntityManager, contact: Contact, engagement: Engagement): Promise<boolean> {
    const noes = await this.people.noHashes(contact);
    const among = await noesAmong(
      tx,
      noes.map((n) => n.hash),
    );
    return among(noes, engagement.client_id);
  }

  /** A repeated request gets the lead it was given, as long as it is still this booker's and may still be called. */
  private async again(tx: EntityManager, caller: Principal, desk: Desk, id: string): Promise<HandedOut | null> {
    const [lead] = await readLeads(tx, [id], desk.runningIds);
    if (!lead || lead.claimed_by !== caller.userId || !lead.claimed_until) return null;
    if (await isBuried(tx, { leadId: id })) return null;
    const key = (await this.vault.open('lead', [id], 'calling')).get(id);
    const engagement = desk.engagements.find((e) => e.id === lead.engagement_id);
    if (!key || !engagement || lead.state === 'objected' || lead.restricted) return null;
    const contact = unsealContact(key, id, lead.sealed);
    await this.auditRead(tx, caller, lead, contact);
    return handOut(lead, contact, engagement);
  }

  private async auditRead(tx: EntityManager, caller: Principal, lead: LeadRow, contact: Contact): Promise<void> {
    await this.audit.record(tx, {
      action: 'lead.handed-out',
      principal: caller,
      engagementId: lead.engagement_id,
      subjectIds: [lead.id],
      fields: Object.keys(contact),
    });
  }
}

/** Why this one is not called at the moment, as what to write down about it; null when it may be called. */
function notNow(lead: LeadRow, contact: Contact, engagement: Engagement, desk: Desk, now: Temporal.Instant) {
  if (contact.phone && nixBlock(numberOf(lead), swedishDay(now))) return { nixBlocked: true };
  const promised = lead.queue === QUEUES.callback && lead.callable_at!.toISOString() >= desk.promisedSince;
  const zone = zoneOfPhone(contact.phone, engagement.time_zone);
  const rules = desk.rules(engagement.id);
  if (promised || isOpen(rules, now, zone)) return null;
  return { callableAt: (nextOpening(rules, now, zone) ?? now.add(ASK_AGAIN)).toString() };
}

function handOut(lead: LeadRow, contact: Contact, engagement: Engagement): HandedOut {
  return {
    ...contact,
    id: lead.id,
    engagementId: lead.engagement_id,
    version: lead.version,
    notice: noticeOf(lead, engagement),
    queue: WORDS[lead.queue]!,
    attempts: lead.attempts,
    timeZone: zoneOfPhone(contact.phone, engagement.time_zone),
    numberKind: lead.number_kind,
    heldUntil: lead.claimed_until!.toISOString(),
  };
}
