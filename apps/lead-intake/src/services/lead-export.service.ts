import { AuditTrail, requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing, type Contact } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { buriedAmong } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUIDv7 } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { BYTE_ORDER_MARK, csvRow } from '../domain/csv-cell.js';
import { LEAD_STATUSES, statusOf, warnFrom, type LeadStatus } from '../domain/lead-status.js';
import { findEngagement } from '../storage/engagement.js';
import { findExport, insertExport } from '../storage/lead-export.js';
import { countLeads, listLeads, type LeadFilter } from '../storage/lead-list.js';
import type { LeadRow } from '../storage/lead.js';
import { factsOf, filterOf, LeadList, type ListQuery } from './lead-list.service.js';
import { unsealContact } from './people.js';
import { limit } from './rate.js';
import { refuseReason } from './reason.js';

/** Columns an export may have; those of the person are named in the audit trail. */
export const EXPORT_FIELDS = [
  'id',
  'name',
  'company',
  'title',
  'email',
  'phone',
  'social',
  'status',
  'source',
  'ground',
  'obtainedAt',
  'informedAt',
  'attempts',
] as const;
export type ExportField = (typeof EXPORT_FIELDS)[number];

export interface ExportView {
  id: string;
  /** Rows it has now; those who leave meanwhile are not in the file. */
  count: number;
  more: boolean;
  /** Who fits the filter and is left out. */
  excluded: { status: LeadStatus; count: number }[];
  expiresAt: string;
}

/** Nobody's data leaves who said no, is in dispute or is being erased. */
const LEFT_OUT: readonly LeadStatus[] = ['being-erased', 'suppressed', 'restricted'];
const COUNT_UP_TO = 100_000;
const FETCH_WITHIN_SECONDS = 15 * 60;
const PAGE = 500;

/** Exports leads as CSV. What is stored is the wish; the file is made while it is sent, so that none lies about. */
@Injectable()
export class LeadExport {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(LeadList) private readonly list: LeadList,
  ) {}

  /** @throws LeadRefused, TooOften, Missing */
  async ask(
    caller: Principal,
    claim: IdempotencyClaim,
    wish: { engagementId: string; filter: Omit<ListQuery, 'engagementId'>; fields: ExportField[]; reason: string },
  ): Promise<ExportView> {
    const { engagementId, fields, reason } = wish;
    requireEngagement(caller, engagementId);
    refuseReason(reason);
    const filter = filterOf(caller, { ...wish.filter, engagementId });
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const settled = await claimKey(tx, claim);
      const engagement = await findEngagement(tx, engagementId, 'share');
      if (!engagement || engagement.erasing) throw new Missing('engagement');
      if (settled?.resourceId) return this.view(tx, caller, settled.resourceId);
      await limit(tx, caller, 'export');
      const id = randomUUIDv7();
      const asked = {
        id,
        engagementId,
        filter,
        fields,
        reason,
        askedBy: caller.userId,
        askedAt: this.clock.now().toString(),
      };
      await insertExport(tx, asked, FETCH_WITHIN_SECONDS);
      const view = await this.view(tx, caller, id);
      await this.audit.record(tx, {
        action: 'leads.export-asked',
        principal: caller,
        engagementId,
        fields,
        detail: { exportId: id, reason, count: view.count },
      });
      await settleKey(tx, claim, { status: 201, resourceId: id, engagementId });
      return view;
    });
  }

  /** The file, piece by piece; each page's reads are written down before it is sent (G3). Fetched by who asked for it, until it expires.
   * @throws Missing before the first piece */
  async file(caller: Principal, id: string): Promise<AsyncGenerator<string>> {
    const found = await this.db.withScope(scopeOfCaller(caller), (tx) => this.own(tx, caller, id));
    if (found.expired) throw new Missing('export');
    return this.pieces(caller, id, found.engagement_id, lawful(found.filter), found.fields as ExportField[]);
  }

  private async *pieces(
    caller: Principal,
    exportId: string,
    engagementId: string,
    filter: LeadFilter,
    fields: readonly ExportField[],
  ): AsyncGenerator<string> {
    yield BYTE_ORDER_MARK + csvRow(fields);
    for (let after: string | null = null; ;) {
      const page: { text: string; last: string | null } = await this.db.withScope(scopeOf(engagementId), async (tx) => {
        const engagement = await findEngagement(tx, engagementId);
        if (!engagement || engagement.erasing) return { text: '', last: null };
        const at = this.list.times();
        const leads = await listLeads(tx, filter, at, {
          sort: 'oldest',
          limit: PAGE,
          after: after ? { id: after } : null,
        });
        const text = await this.rows(tx, caller, exportId, leads, fields);
        return { text, last: leads.length === PAGE ? leads.at(-1)!.id : null };
      });
      if (page.text) yield page.text;
      if (!page.last) return;
      after = page.last;
    }
  }

  private async rows(
    tx: EntityManager,
    caller: Principal,
    exportId: string,
    leads: readonly LeadRow[],
    fields: readonly ExportField[],
  ): Promise<string> {
    const ids = leads.map((l) => l.id);
    const buried = await buriedAmong(tx, ids, []); // an order may have come since the rows were chosen
    const keys = await this.vault.open('lead', ids, 'export');
    const now = this.clock.now();
    const clocks = [now.epochMilliseconds, Date.now(), warnFrom(now).epochMilliseconds] as const;
    const sent = leads.filter((l) => keys.has(l.id) && !buried.has(l.id));
    if (!sent.length) return '';
    await this.audit.record(tx, {
      action: 'lead.exported',
      principal: caller,
      engagementId: sent[0]!.engagement_id,
      subjectIds: sent.map((l) => l.id),
      fields,
      detail: { exportId },
    });
    return sent
      .map((lead) => {
        const contact = unsealContact(keys.get(lead.id)!, lead.id, lead.sealed);
        const values = valuesOf(lead, contact, statusOf(factsOf(lead, false), ...clocks));
        return csvRow(fields.map((f) => values[f]));
      })
      .join('');
  }

  private async view(tx: EntityManager, caller: Principal, id: string): Promise<ExportView> {
    const { filter, expires_at } = await this.own(tx, caller, id);
    const at = this.list.times();
    const count = await countLeads(tx, lawful(filter), at, COUNT_UP_TO + 1);
    const excluded: ExportView['excluded'] = [];
    for (const status of LEFT_OUT) {
      if (caller.role === 'booker' || (filter.status && filter.status !== status)) continue;
      const n = await countLeads(tx, { ...filter, status }, at, COUNT_UP_TO + 1);
      if (n) excluded.push({ status, count: n });
    }
    return {
      id,
      count: Math.min(count, COUNT_UP_TO),
      more: count > COUNT_UP_TO,
      excluded,
      expiresAt: expires_at.toISOString(),
    };
  }

  private async own(tx: EntityManager, caller: Principal, id: string) {
    const found = await findExport(tx, id);
    if (!found || found.asked_by !== caller.userId) throw new Missing('export');
    return found;
  }
}

const lawful = (filter: LeadFilter): LeadFilter => ({ ...filter, lawful: true });

function valuesOf(
  lead: LeadRow,
  contact: Contact,
  status: (typeof LEAD_STATUSES)[number],
): Record<ExportField, string> {
  const time = (at: Date | null) =>
    at
      ? Temporal.Instant.fromEpochMilliseconds(at.getTime()).toString({
          timeZone: 'Europe/Stockholm',
          smallestUnit: 'second',
        })
      : '';
  return {
    id: lead.id,
    name: contact.name,
    company: contact.company ?? '',
    title: contact.title ?? '',
    email: contact.email ?? '',
    phone: contact.phone ?? '',
    social: contact.social ?? '',
    status,
    source: lead.source,
    ground: lead.ground,
    obtainedAt: time(lead.obtained_at),
    informedAt: time(lead.informed_at),
    attempts: String(lead.attempts),
  };
}
