import { AuditTrail, requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import type { Contact } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { languageOf, type Language } from '@avtala/mail';
import { isBuried } from '@avtala/messaging';
import { Clock, swedishDay } from '@avtala/time';
import { unseal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { QUEUES } from '../domain/call.js';
import { isOpen, nextOpening, nixBlock, zoneOfPhone, type CallingRules } from '../domain/calling-rules.js';
import { noticeOf, type SpokenNotice } from '../domain/notice.js';
import { noticeBy } from '../domain/lead-status.js';
import { activitiesOf } from '../storage/activity.js';
import { claimNext, leadInHand, putOff, takeReserved } from '../storage/calling.js';
import { rulesOf } from '../storage/calling-rules.js';
import { runningEngagements, type Engagement } from '../storage/engagement.js';
import { numberOf, readLeads, type LeadRow } from '../storage/lead.js';
import { noesAmong } from '../storage/suppression.js';
import { Noes } from './no.service.js';
import { People, unsealContact } from './people.js';

/** How long a lead stays with a booker who says nothing more, in real time. */
export const CLAIM_MS = 30 * 60_000;
/** How long a lead is kept ready for a booker who has not asked for it yet, in real time. */
const RESERVED_MS = 15_000;
/** Earlier calls shown with a lead. */
const EARLIER_SHOWN = 5;
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
  /** What an invitation to them is written in. */
  mailLanguage: Language;
  numberKind: 'company' | 'private' | null;
  /** When it goes back to the queue unless an outcome is recorded; real time. */
  heldUntil: string;
  /** Told where the data came from, in an earlier call or an invite; null = it is to be said now (B8). */
  informedAt: string | null;
  /** Until when it must have been said. */
  noticeBy: string;
  /** Calls that count before the lead is used up. */
  maxAttempts: number;
  /** Day of the NIX register's version a private number was checked against (B10). */
  nixOn: string | null;
  /** Earlier calls, the newest first. */
  earlier: EarlierCall[];
}

export interface EarlierCall {
  at: string;
  /** It was this booker. */
  mine: boolean;
  outcome: string;
  note: string | null;
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

  /** Keeps the next lead ready for this booker for 15 seconds, so that {@link next} has it at once. Nobody is shown, so nothing of who it is leaves here
   * and nothing is audited; asked again it is the same one, for 15 seconds more. @returns until when, real time; null when nobody is to be called */
  async reserve(caller: Principal, engagementId: string | undefined): Promise<string | null> {
    if (engagementId) requireEngagement(caller, engagementId);
    const wanted = engagementId ? [engagementId] : caller.engagementIds;
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const desk = await deskOf(tx, wanted, this.clock.now());
      const found = desk.engagements.length ? await this.pick(tx, caller, desk, { reserve: true }) : null;
      return found && found.lead.claimed_until!.toISOString();
    });
  }

  /** The lead the booker has in hand, shown again: after the page was loaded anew, or an outcome was taken back. */
  async current(caller: Principal, engagementId: string | undefined): Promise<HandedOut | null> {
    if (engagementId) requireEngagement(caller, engagementId);
    const wanted = engagementId ? [engagementId] : caller.engagementIds;
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const desk = await deskOf(tx, wanted, this.clock.now());
      const of = { bookerId: caller.userId, engagementIds: desk.runningIds, realNow: new Date() };
      const lead = await leadInHand(tx, of);
      return lead ? this.again(tx, caller, desk, lead.id) : null;
    });
  }

  /** The next lead, for this booker only; null when nobody is to be called now. What was reserved for them comes first. */
  async next(caller: Principal, claim: IdempotencyClaim, engagementId: string | undefined): Promise<HandedOut | null> {
    if (engagementId) requireEngagement(caller, engagementId);
    const wanted = engagementId ? [engagementId] : caller.engagementIds;
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const desk = await deskOf(tx, wanted, this.clock.now());
      const settled = await claimKey(tx, claim);
      if (settled) return settled.resourceId ? this.again(tx, caller, desk, settled.resourceId) : null;
      const found = desk.engagements.length ? await this.pick(tx, caller, desk, { reserve: false }) : null;
      if (!found) {
        await settleKey(tx, claim, { status: 204 });
        return null;
      }
      const { lead } = found;
      const shown = await this.show(tx, caller, desk, found);
      await settleKey(tx, claim, {
        status: 200,
        resourceId: lead.id,
        leadId: lead.id,
        engagementId: lead.engagement_id,
      });
      return shown;
    });
  }

  /** Claims until it finds one who may be called. Who may not is put off on the way, so that nobody meets them again before it is time. */
  private async pick(
    tx: EntityManager,
    caller: Principal,
    desk: Desk,
    to: { reserve: boolean },
  ): Promise<Found | null> {
    const now = this.clock.now();
    for (let passed = 0; passed < MOST_PASSED; passed++) {
      const realNow = new Date();
      const claim = {
        ...desk,
        ...to,
        bookerId: caller.userId,
        now: now.toString(),
        realNow,
        claimedUntil: new Date(realNow.getTime() + (to.reserve ? RESERVED_MS : CLAIM_MS)),
      };
      const kept = passed === 0 ? await takeReserved(tx, claim) : undefined;
      const lead = kept ?? (await claimNext(tx, claim));
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
      if (!later) return { lead, contact, engagement, key };
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
    return this.show(tx, caller, desk, { lead, contact: unsealContact(key, id, lead.sealed), engagement, key });
  }

  /** Who it is, with the entry that it was shown (G3). */
  private async show(tx: EntityManager, caller: Principal, desk: Desk, found: Found): Promise<HandedOut> {
    const { lead, contact, engagement, key } = found;
    // Most leads were never called: they cost no look.
    const called = lead.attempts > 0 || lead.queue !== QUEUES.fresh;
    const calls = called ? await activitiesOf(tx, lead.engagement_id, lead.id, { limit: EARLIER_SHOWN }) : [];
    const earlier = calls
      .filter((a) => !a.undone_at)
      .map((a) => ({
        at: a.at.toISOString(),
        mine: a.user_id === caller.userId,
        outcome: a.outcome,
        note: a.sealed ? unseal<{ note: string }>(key, `activity:${a.id}:1`, a.sealed).note : null,
      }));
    await this.audit.record(tx, {
      action: 'lead.handed-out',
      principal: caller,
      engagementId: lead.engagement_id,
      subjectIds: [lead.id],
      fields: [
        ...Object.keys(contact),
        ...(earlier.length ? ['activities'] : []),
        ...(earlier.some((e) => e.note !== null) ? ['notes'] : []),
      ],
    });
    return { ...handOut(lead, contact, engagement), maxAttempts: desk.rules(engagement.id).maxAttempts, earlier };
  }
}

/** A lead that may be called, opened. */
interface Found {
  lead: LeadRow;
  contact: Contact;
  engagement: Engagement;
  key: KeyObject;
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

function handOut(lead: LeadRow, contact: Contact, engagement: Engagement): Omit<HandedOut, 'maxAttempts' | 'earlier'> {
  const timeZone = zoneOfPhone(contact.phone, engagement.time_zone);
  return {
    ...contact,
    id: lead.id,
    engagementId: lead.engagement_id,
    version: lead.version,
    notice: noticeOf(lead, engagement),
    queue: WORDS[lead.queue]!,
    attempts: lead.attempts,
    timeZone,
    mailLanguage: languageOf(timeZone),
    numberKind: lead.number_kind,
    heldUntil: lead.claimed_until!.toISOString(),
    informedAt: lead.informed_at?.toISOString() ?? null,
    noticeBy: noticeBy(Temporal.Instant.fromEpochMilliseconds(lead.obtained_at.getTime())).toString(),
    nixOn: lead.nix_on,
  };
}
