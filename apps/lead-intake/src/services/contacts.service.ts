import { AuditTrail, type ServicePrincipal } from '@avtala/access';
import type { Contact, ContactAnswer, ContactPurpose } from '@avtala/contracts';
import { Db, noEngagement, scopeOf } from '@avtala/database';
import { buriedAmong } from '@avtala/messaging';
import { linkKey, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { refusalAtTheDoor } from '../domain/contact-gate.js';
import { noticeOf } from '../domain/notice.js';
import { findEngagement, type Engagement } from '../storage/engagement.js';
import { homesOf, readLeads, type LeadRow } from '../storage/lead.js';
import { noesAmong, type NoHash } from '../storage/suppression.js';
import { noHashesOf, personOf, unsealContact } from './people.js';

interface Opened {
  lead: LeadRow;
  key: KeyObject;
  contact: Contact;
  noes: NoHash[];
}

/**
 * The one door to contact data (architecture.md §2), asked right before every outgoing act: so it is also the last gate.
 * Whoever said no a second ago is not written to.
 */
@Injectable()
export class Contacts {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  /** One answer per id, in their order. @param ids at most 1,000 */
  async read(caller: ServicePrincipal, ids: readonly string[], purpose: ContactPurpose): Promise<ContactAnswer[]> {
    const wanted = [...new Set(ids)];
    const homes = await this.db.withScope(noEngagement, (tx) => homesOf(tx, wanted));
    const engagementIds = [...new Set(homes.values())];
    const scope = engagementIds.length ? scopeOf(...engagementIds) : noEngagement;
    const answers = await this.db.withScope(scope, async (tx) => {
      const buried = await buriedAmong(tx, wanted, engagementIds);
      const leads = await readLeads(tx, wanted, engagementIds);
      const opened = await this.open(leads, purpose);
      const saidNo = await noesAmong(
        tx,
        [...opened.values()].flatMap((o) => o.noes.map((n) => n.hash)),
      );
      const engagements = await this.engagements(tx, engagementIds);
      const found = wanted.map((id): ContactAnswer => {
        const one = opened.get(id);
        const home = homes.get(id);
        const isBuried = buried.has(id) || (home !== undefined && buried.has(home));
        if (!one || !home) return { id, status: isBuried || home ? 'erased' : 'unknown' };
        const { lead } = one;
        const engagement = engagements.get(home)!;
        const refusal = refusalAtTheDoor(
          {
            buried: isBuried,
            restricted: lead.restricted,
            objected: lead.state === 'objected' || saidNo(one.noes, engagement.client_id),
            informed: lead.informed_at !== null,
          },
          purpose,
        );
        return refusal ? { id, status: refusal } : answerOf(one, engagement, purpose);
      });
      await this.auditReads(tx, caller, found, homes);
      return new Map(found.map((answer) => [answer.id, answer]));
    });
    return wanted.map((id) => answers.get(id)!);
  }

  private async open(leads: readonly LeadRow[], purpose: ContactPurpose): Promise<Map<string, Opened>> {
    const keys = await this.vault.open(
      'lead',
      leads.map((l) => l.id),
      purpose,
    );
    const suppression = await this.vault.suppressionKey();
    const opened = new Map<string, Opened>();
    for (const lead of leads) {
      const key = keys.get(lead.id);
      if (!key) continue;
      const contact = unsealContact(key, lead.id, lead.sealed);
      const noes = noHashesOf(suppression, personOf(contact));
      opened.set(lead.id, { lead, key, contact, noes });
    }
    return opened;
  }

  private async engagements(tx: EntityManager, ids: readonly string[]): Promise<Map<string, Engagement>> {
    const found = new Map<string, Engagement>();
    for (const id of ids) found.set(id, (await findEngagement(tx, id))!);
    return found;
  }

  /** Before data is returned (G3), one entry per person of whom something was read. */
  private async auditReads(
    tx: EntityManager,
    caller: ServicePrincipal,
    answers: readonly ContactAnswer[],
    homes: ReadonlyMap<string, string>,
  ): Promise<void> {
    const read = answers.filter((a) => a.status === 'ok' && a.contact !== undefined);
    for (const engagementId of new Set(read.map((a) => homes.get(a.id)!))) {
      await this.audit.record(tx, {
        action: 'contacts.read',
        principal: caller,
        engagementId,
        subjectIds: read.filter((a) => homes.get(a.id) === engagementId).map((a) => a.id),
        detail: { purpose: caller.purpose },
      });
    }
  }
}

/** Purpose `booking` learns that the lead may be booked, and nothing of who it is. */
function answerOf({ lead, key, contact }: Opened, engagement: Engagement, purpose: ContactPurpose): ContactAnswer {
  const answer = { id: lead.id, status: 'ok' as const, version: lead.version };
  if (purpose === 'booking') return answer;
  const { source, ground, obtainedAt, controller } = noticeOf(lead, engagement);
  const notice = { source, ground, obtainedAt, controller };
  if (purpose === 'invite') return { ...answer, contact, notice };
  return { ...answer, contact, notice, linkKey: linkKey(key).export().toString('base64url') };
}
