import { AuditTrail, scopeOfCaller, type Principal, type ServicePrincipal } from '@avtala/access';
import { LeadChanged, LeadReleased, LeadRestricted, Missing, type Contact } from '@avtala/contracts';
import { Db, isUniqueViolation } from '@avtala/database';
import { isBuried, Outbox } from '@avtala/messaging';
import { Clock, swedishDay } from '@avtala/time';
import { unseal, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { movedTo } from '../domain/calling-rules.js';
import { noticeOf, type SpokenNotice } from '../domain/notice.js';
import { LeadClosed, LeadRefused } from '../domain/errors.js';
import { noticeBy, statusOf, warnFrom, type LeadStatus } from '../domain/lead-status.js';
import { activitiesOf } from '../storage/activity.js';
import { findEngagement, type Engagement } from '../storage/engagement.js';
import { homesOf, lockLead, readLeads, rewriteLead, stepLead, type LeadRow } from '../storage/lead.js';
import { provenanceOfLead, type ConsentWording } from '../storage/provenance.js';
import { noesAmong } from '../storage/suppression.js';
import { maskName } from '../domain/mask.js';
import { refuseReason } from './reason.js';
import { factsOf, hasInHand } from './lead-list.service.js';
import { ownLead } from './own-lead.js';
import { limit } from './rate.js';
import { decide, indexesOf, People, sealContact, unsealContact } from './people.js';

export interface LeadView extends Contact {
  /** The name is masked, and who the lead is otherwise is left out: the caller may not see it here. */
  masked: boolean;
  id: string;
  engagementId: string;
  version: number;
  state: string;
  /** Its one word, as in the list. */
  status: LeadStatus;
  restricted: boolean;
  informedAt: string | null;
  callableAt: string | null;
  attempts: number;
  /** Last moment at which the person can still be told in time (B8). */
  noticeBy: string;
  supplier: string | null;
  /** B4: what was agreed to, when the ground is consent. */
  consent: ConsentWording | null;
  number: { kind: 'company' | 'private' | null; nixOn: string | null; listed: boolean };
  notice: SpokenNotice;
  activities: {
    id: string;
    at: string;
    userId: string | null;
    outcome: string;
    informed: boolean;
    callbackAt: string | null;
    note: string | null;
  }[];
}

export interface LeadStanding {
  id: string;
  engagementId: string;
  version: number;
  status: LeadStatus;
}

/** What may be corrected (F2): null takes a field away. `restricted` puts the lead aside while in dispute (F4). */
export type LeadPatch = { [K in keyof Contact]?: string | null } & { restricted?: boolean; version?: number };

const CORRECTABLE = ['name', 'company', 'title', 'email', 'phone', 'social'] as const;

/** One lead, as people read and correct it. Every read of who it is leaves an audit entry (G3). */
@Injectable()
export class Leads {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(People) private readonly people: People,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Bookers see whom they have in hand, the DPO everybody; others see masks. @throws Missing, LeadClosed restricted leads are hidden from those who call */
  async read(caller: Principal, id: string): Promise<LeadView> {
    return this.db.withScope(scopeOfCaller(caller), (tx) => this.view(tx, caller, id, null));
  }

  /** The whole lead to somebody who sees masks otherwise, and why (G3). A repeat reads again, and is written down again.
   * @throws Missing, LeadRefused a reason that names a person by number, TooOften */
  async unmask(caller: Principal, id: string, reason: string): Promise<LeadView> {
    refuseReason(reason);
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      await limit(tx, caller, 'unmask');
      return this.view(tx, caller, id, reason);
    });
  }

  private async view(tx: EntityManager, caller: Principal, id: string, reason: string | null): Promise<LeadView> {
    const { lead, key, engagement } = await this.own(tx, caller, id, 'read');
    if (lead.restricted && caller.role === 'booker') throw new LeadClosed('restricted');
    const full = unsealContact(key, id, lead.sealed);
    const masked = reason === null && caller.role !== 'dpo' && !hasInHand(lead, caller, Date.now());
    const contact: Contact = masked
      ? {
          name: maskName(full.name),
          ...(full.company ? { company: full.company } : {}),
          ...(full.title ? { title: full.title } : {}),
        }
      : full;
    const activities = await activitiesOf(tx, lead.engagement_id, id);
    const origin = await provenanceOfLead(tx, lead.engagement_id, id);
    await this.audit.record(tx, {
      action: reason === null ? 'lead.read' : 'lead.unmasked',
      principal: caller,
      engagementId: lead.engagement_id,
      subjectIds: [id],
      fields: [
        ...Object.keys(contact).map((field) => (masked && field === 'name' ? 'name-masked' : field)),
        ...(activities.length ? ['activities'] : []),
      ],
      ...(reason === null ? {} : { detail: { reason } }),
    });
    return {
      ...contact,
      masked,
      id,
      engagementId: lead.engagement_id,
      version: lead.version,
      state: lead.state,
      status: this.statusOf(lead, false),
      restricted: lead.restricted,
      informedAt: lead.informed_at?.toISOString() ?? null,
      callableAt: lead.callable_at?.toISOString() ?? null,
      attempts: lead.attempts,
      noticeBy: noticeBy(Temporal.Instant.fromEpochMilliseconds(lead.obtained_at.getTime())).toString(),
      ...origin,
      number: { kind: lead.number_kind, nixOn: lead.nix_on, listed: lead.nix_listed },
      notice: noticeOf(lead, engagement),
      activities: activities
        .filter((a) => !a.undone_at)
        .map((a) => ({
          id: a.id,
          at: a.at.toISOString(),
          userId: a.user_id,
          outcome: a.outcome,
          informed: a.informed,
          callbackAt: a.callback_at?.toISOString() ?? null,
          note: a.sealed && !masked ? unseal<{ note: string }>(key, `activity:${a.id}:1`, a.sealed).note : null,
        })),
    };
  }

  /** Whether it is still what somebody looks at: its version and its one word, nothing of the person. Asked every few seconds by an open page.
   * @throws Missing also when a booker may not call this person any more: why, they are not told */
  async standing(caller: Principal, id: string): Promise<LeadStanding> {
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const lead = await ownLead(tx, caller, id, 'read');
      if (caller.role === 'booker' && (lead.restricted || lead.state === 'objected')) throw new Missing('lead');
      const { engagement_id: engagementId, version } = lead;
      return { id, engagementId, version, status: this.statusOf(lead, false) };
    });
  }

  private statusOf(lead: LeadRow, beingErased: boolean): LeadStatus {
    const now = this.clock.now();
    return statusOf(factsOf(lead, beingErased), now.epochMilliseconds, Date.now(), warnFrom(now).epochMilliseconds);
  }

  /** @throws Missing, LeadRefused, LeadClosed */
  async correct(caller: Principal, id: string, patch: LeadPatch): Promise<{ id: string; version: number }> {
    try {
      return await this.db.withScope(scopeOfCaller(caller), async (tx) => {
        const { lead, key, engagement } = await this.own(tx, caller, id, 'change');
        if (patch.version != null && patch.version !== lead.version) throw new LeadClosed('version-conflict');
        const before = unsealContact(key, id, lead.sealed);
        const fields = CORRECTABLE.filter((f) => patch[f] !== undefined && (patch[f] ?? undefined) !== before[f]);
        let version = lead.version;
        if (fields.length) version = await this.rewrite(tx, lead, key, engagement, before, patch, fields);
        if (patch.restricted != null && patch.restricted !== lead.restricted) {
          version = await this.restrict(tx, { ...lead, version }, patch.restricted);
        }
        await this.audit.record(tx, {
          action: 'lead.corrected',
          principal: caller,
          engagementId: lead.engagement_id,
          subjectIds: [id],
          fields: [...fields, ...(patch.restricted == null ? [] : ['restricted'])],
        });
        return { id, version };
      });
    } catch (error) {
      // Another lead of the engagement has that e-mail, or that name and phone: the constraint says so.
      if (isUniqueViolation(error)) throw new LeadRefused('ambiguous', null);
      throw error;
    }
  }

  /** Restricts (F4) on somebody else's word; a person who said no, or is set aside already, stays as they are. In the caller's transaction. */
  async setAside(
    tx: EntityManager,
    about: { engagementId: string; leadId: string },
    by: ServicePrincipal,
  ): Promise<void> {
    const { engagementId, leadId } = about;
    const lead = await lockLead(tx, engagementId, leadId);
    if (!lead || lead.restricted || lead.state === 'objected') return;
    await this.restrict(tx, lead, true);
    await this.audit.record(tx, {
      action: 'lead.restricted',
      principal: by,
      engagementId,
      subjectIds: [leadId],
      fields: ['restricted'],
    });
  }

  private async rewrite(
    tx: EntityManager,
    lead: LeadRow,
    key: KeyObject,
    engagement: Engagement,
    before: Contact,
    patch: LeadPatch,
    fields: readonly string[],
  ): Promise<number> {
    const merged: Record<string, string | null | undefined> = { ...before };
    for (const field of CORRECTABLE) if (patch[field] !== undefined) merged[field] = patch[field];
    const raw = Object.fromEntries(Object.entries(merged).flatMap(([k, v]) => (v == null ? [] : [[k, v]])));
    const decision = decide(raw, swedishDay(this.clock.now()));
    if (!decision.ok) throw new LeadRefused(decision.reason, decision.field);
    const { person } = decision;
    const noes = await this.people.noHashes(person.contact);
    const saidNo = await noesAmong(
      tx,
      noes.map((n) => n.hash),
    );
    // Whoever objected has the right to be written correctly all the same (F2).
    if (lead.state !== 'objected' && saidNo(noes, engagement.client_id)) throw new LeadRefused('suppressed', null);
    const { pepper } = await this.people.keys(lead.engagement_id, engagement.pepper_version);
    const version = lead.version + 1;
    await rewriteLead(tx, lead, {
      sealed: sealContact(key, lead.id, person.contact),
      indexes: indexesOf(pepper.key, person),
      version,
    });
    const about = { leadId: lead.id, engagementId: lead.engagement_id, leadVersion: version };
    const where = movedTo(fields, person.contact.phone, engagement.time_zone);
    await this.outbox.append(tx, LeadChanged.of({ ...about, fields: [...fields], ...where }));
    return version;
  }

  private async restrict(tx: EntityManager, lead: LeadRow, restricted: boolean): Promise<number> {
    const version = lead.version + 1;
    await stepLead(tx, lead, {
      version,
      state: lead.state,
      callableAt: lead.callable_at?.toISOString() ?? null,
      informedAt: lead.informed_at?.toISOString() ?? null,
      restricted,
    });
    const about = { leadId: lead.id, engagementId: lead.engagement_id, leadVersion: version };
    await this.outbox.append(tx, restricted ? LeadRestricted.of(about) : LeadReleased.of(about));
    return version;
  }

  /** The lead, if it is the caller's and still there; to change it, locked. */
  private async own(
    tx: EntityManager,
    caller: Principal,
    id: string,
    to: 'read' | 'change',
  ): Promise<{ lead: LeadRow; key: KeyObject; engagement: Engagement }> {
    const engagementId = (await homesOf(tx, [id])).get(id);
    // One answer for both: the words must not tell whether there is such a lead somewhere.
    if (!engagementId || !caller.engagementIds.includes(engagementId)) throw new Missing('lead');
    const change = to === 'change';
    const engagement = await findEngagement(tx, engagementId, change ? 'share' : undefined);
    const lead = change ? await lockLead(tx, engagementId, id) : (await readLeads(tx, [id], [engagementId]))[0];
    if (!lead || !engagement || (await isBuried(tx, { leadId: id, engagementId }))) throw new Missing('lead');
    const key = (await this.vault.open('lead', [id], to)).get(id);
    if (!key) throw new Missing('lead');
    return { lead, key, engagement };
  }
}
