import { AuditTrail, requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import type { Contact, Ground } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { buriedAmong } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { noticeBy, obtainedBy, statusOf, warnFrom, type LeadFacts, type LeadStatus } from '../domain/lead-status.js';
import { maskName } from '../domain/mask.js';
import type { LeadRow } from '../storage/lead.js';
import {
  countLeads,
  listLeads,
  type After,
  type LeadFilter,
  type LeadSort,
  type ListTimes,
} from '../storage/lead-list.js';
import { unsealContact } from './people.js';

/** A lead in a list. `name` is masked unless the caller has the lead in hand. */
export interface LeadLine {
  id: string;
  engagementId: string;
  version: number;
  name: string;
  masked: boolean;
  company: string | null;
  title: string | null;
  hasEmail: boolean;
  hasPhone: boolean;
  status: LeadStatus;
  source: string;
  ground: Ground;
  informed: boolean;
  noticeBy: string;
  obtainedAt: string;
  attempts: number;
  callableAt: string | null;
}

/** What a person may ask a list by; nothing in it is about a lead. */
export interface ListQuery {
  engagementId?: string;
  state?: LeadStatus;
  source?: string;
  ground?: Ground;
  noticeBefore?: string;
  callable?: boolean;
  ownerOnly?: boolean;
}

/** Counting stops here: what a screen can scroll. */
const COUNT_UP_TO = 10_000;

/** Leads of the caller's engagements, page by page. */
@Injectable()
export class LeadList {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async page(
    caller: Principal,
    query: ListQuery,
    page: { sort: LeadSort; limit: number; after: After | null },
  ): Promise<LeadLine[]> {
    const filter = filterOf(caller, query);
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const found = await listLeads(tx, filter, this.times(), page);
      return this.lines(tx, caller, found, 'leads.listed');
    });
  }

  /** @returns how many fit; `more` when there are so many that counting stopped */
  async count(caller: Principal, query: ListQuery): Promise<{ count: number; more: boolean }> {
    const filter = filterOf(caller, query);
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const count = await countLeads(tx, filter, this.times(), COUNT_UP_TO + 1);
      return { count: Math.min(count, COUNT_UP_TO), more: count > COUNT_UP_TO };
    });
  }

  times(): ListTimes {
    const now = this.clock.now();
    return { now: now.toString(), realNow: new Date(), warnFrom: warnFrom(now).toString() };
  }

  /** Rows as lines, in their order; who of them was looked at is written down first (G3). */
  async lines(tx: EntityManager, caller: Principal, found: readonly LeadRow[], action: string): Promise<LeadLine[]> {
    if (!found.length) return [];
    const now = this.clock.now();
    const realNow = Date.now();
    const warn = warnFrom(now).epochMilliseconds;
    const ids = found.map((l) => l.id);
    const engagementIds = [...new Set(found.map((l) => l.engagement_id))];
    const buried = await buriedAmong(tx, ids, engagementIds);
    const keys = await this.vault.open('lead', ids, 'list');
    const lines = found.flatMap((lead) => {
      const key = keys.get(lead.id);
      if (!key) return []; // erased a moment ago
      const contact = unsealContact(key, lead.id, lead.sealed);
      const facts = factsOf(lead, buried.has(lead.id) || buried.has(lead.engagement_id));
      const status = statusOf(facts, now.epochMilliseconds, realNow, warn);
      return [lineOf(lead, contact, status, !hasInHand(lead, caller, realNow))];
    });
    for (const engagementId of engagementIds) {
      const shown = lines.filter((l) => l.engagementId === engagementId);
      if (!shown.length) continue;
      await this.audit.record(tx, {
        action,
        principal: caller,
        engagementId,
        subjectIds: shown.map((l) => l.id),
        fields: ['company', 'title', 'name-masked'],
      });
    }
    return lines;
  }
}

/** Whether the caller works on this lead now: handed out to them, or a callback they promised. All others see masks. */
export function hasInHand(lead: LeadRow, caller: Principal, realNow: number): boolean {
  const held =
    lead.claimed_by === caller.userId && lead.claimed_until !== null && lead.claimed_until.getTime() >= realNow;
  const promised = lead.queue === 0 && lead.state === 'open' && lead.callback_for === caller.userId;
  return (held || promised) && !lead.restricted && lead.state !== 'objected';
}

export function factsOf(lead: LeadRow, beingErased: boolean): LeadFacts {
  return {
    state: lead.state,
    restricted: lead.restricted,
    beingErased,
    informed: lead.informed_at !== null,
    obtainedAt: lead.obtained_at.getTime(),
    queue: lead.queue,
    attempts: lead.attempts,
    callableAt: lead.callable_at?.getTime() ?? null,
    claimedUntil: lead.claimed_until?.getTime() ?? null,
  };
}

function lineOf(lead: LeadRow, contact: Contact, status: LeadStatus, masked: boolean): LeadLine {
  return {
    id: lead.id,
    engagementId: lead.engagement_id,
    version: lead.version,
    name: masked ? maskName(contact.name) : contact.name,
    masked,
    company: contact.company ?? null,
    title: contact.title ?? null,
    hasEmail: contact.email !== undefined,
    hasPhone: contact.phone !== undefined,
    status,
    source: lead.source,
    ground: lead.ground,
    informed: lead.informed_at !== null,
    noticeBy: noticeBy(Temporal.Instant.fromEpochMilliseconds(lead.obtained_at.getTime())).toString(),
    obtainedAt: lead.obtained_at.toISOString(),
    attempts: lead.attempts,
    callableAt: lead.callable_at?.toISOString() ?? null,
  };
}

/** @throws Missing another's engagement */
export function filterOf(caller: Principal, q: ListQuery): LeadFilter {
  if (q.engagementId) requireEngagement(caller, q.engagementId);
  return {
    engagementIds: q.engagementId ? [q.engagementId] : caller.engagementIds,
    ...(q.state ? { status: q.state } : {}),
    ...(q.source == null ? {} : { source: q.source }),
    ...(q.ground ? { ground: q.ground } : {}),
    ...(q.noticeBefore ? { obtainedBefore: obtainedBy(Temporal.Instant.from(q.noticeBefore)).toString() } : {}),
    ...(q.callable == null ? {} : { callable: q.callable }),
    ...(q.ownerOnly ? { bookerId: caller.userId } : {}),
    // Who may not be called is not shown to who calls, by no filter.
    ...(caller.role === 'booker' ? { lawful: true } : {}),
  };
}
