import { AuditTrail, requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { Db } from '@avtala/database';
import { blindIndex, normaliseEmail, normalisePhone, Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { LeadRefused } from '../domain/errors.js';
import { withoutTag } from '../domain/intake.js';
import { matchesSearch, queryTokenTexts, queryWords } from '../domain/name-words.js';
import { SearchRefused } from '../domain/search-errors.js';
import { standingEngagements } from '../storage/engagement.js';
import { readLeads, type LeadRow } from '../storage/lead.js';
import { leadsByIndex, leadsByName } from '../storage/name-search.js';
import { LeadList, type LeadLine } from './lead-list.service.js';
import { nameToken } from './name-tokens.js';
import { unsealContact } from './people.js';
import { limit } from './rate.js';

export interface SearchFor {
  name?: string;
  email?: string;
  phone?: string;
}

/** Leads answered by one search. */
const MOST_FOUND = 50;
/** Candidates decrypted for one engagement: a name like "Anna" is in every hundredth row, and more than these nobody reads. */
const MOST_CANDIDATES = 300;

type Found = { rows: LeadRow[]; more: boolean };

/** Finds people in encrypted rows: by address and number exactly, by the beginnings of the words of name and company. */
@Injectable()
export class LeadSearch {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(LeadList) private readonly list: LeadList,
  ) {}

  /** Exactly one of name, e-mail and phone. @throws SearchRefused, LeadRefused, TooOften, Missing another's engagement */
  async search(
    caller: Principal,
    wanted: SearchFor,
    engagementId: string | undefined,
  ): Promise<{ items: LeadLine[]; more: boolean }> {
    if (engagementId) requireEngagement(caller, engagementId);
    const find = finder(wanted);
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      await limit(tx, caller, 'search');
      const found: LeadRow[] = [];
      let more = false;
      // Each engagement has a pepper of its own: the same person is another index value in each.
      for (const engagement of await standingEngagements(tx, engagementId ? [engagementId] : caller.engagementIds)) {
        const { key } = await this.vault.pepper(engagement.id, engagement.pepper_version);
        const here = await find.by(tx, engagement.id, key, (rows) => this.check(rows, wanted));
        found.push(...here.rows.filter((lead) => caller.role !== 'booker' || isLawful(lead)));
        more ||= here.more;
        if (found.length > MOST_FOUND) break;
      }
      const items = await this.list.lines(tx, caller, found.slice(0, MOST_FOUND), 'lead.found');
      const lawful = caller.role === 'booker' ? items.filter((i) => i.status !== 'being-erased') : items;
      await this.audit.record(tx, {
        action: 'leads.searched',
        principal: caller,
        ...(engagementId ? { engagementId } : {}),
        fields: [find.field],
        detail: { found: lawful.length },
      });
      return { items: lawful, more: more || found.length > MOST_FOUND };
    });
  }

  /** What the index let through, against the decrypted words: 32 bits collide. */
  private async check(rows: readonly LeadRow[], { name }: SearchFor): Promise<LeadRow[]> {
    const keys = await this.vault.open(
      'lead',
      rows.map((l) => l.id),
      'search',
    );
    return rows.filter((lead) => {
      const key = keys.get(lead.id);
      if (!key) return false;
      const contact = unsealContact(key, lead.id, lead.sealed);
      return matchesSearch(name!, contact.name, contact.company);
    });
  }
}

const isLawful = (lead: LeadRow): boolean => lead.state !== 'objected' && !lead.restricted;

interface Finder {
  field: keyof SearchFor;
  by(
    tx: EntityManager,
    engagementId: string,
    pepper: KeyObject,
    check: (rows: readonly LeadRow[]) => Promise<LeadRow[]>,
  ): Promise<Found>;
}

function finder(wanted: SearchFor): Finder {
  const given = (['name', 'email', 'phone'] as const).filter((f) => wanted[f] != null);
  if (given.length !== 1) throw new SearchRefused('search-one-of');
  const field = given[0]!;
  if (field === 'name') return byName(wanted.name!);
  const exact = (by: (pepper: KeyObject) => Parameters<typeof leadsByIndex>[2]): Finder => ({
    field,
    by: async (tx, engagementId, pepper) => {
      const rows = await leadsByIndex(tx, engagementId, by(pepper), MOST_FOUND + 1);
      return { rows, more: rows.length > MOST_FOUND };
    },
  });
  if (field === 'phone') {
    const phone = normalisePhone(wanted.phone!);
    if (!phone) throw new LeadRefused('phone-invalid', field);
    return exact((pepper) => ({ phone: blindIndex(pepper, 'phone', phone) }));
  }
  const strict = normaliseEmail(wanted.email!)?.strict;
  if (!strict) throw new LeadRefused('email-invalid', field);
  return exact((pepper) => ({
    email: blindIndex(pepper, 'email', strict),
    merge: blindIndex(pepper, 'email', withoutTag(strict)),
  }));
}

function byName(name: string): Finder {
  const words = queryWords(name);
  if (!words.some((word) => word.length >= 2)) throw new SearchRefused('search-too-short');
  return {
    field: 'name',
    by: async (tx, engagementId, pepper, check) => {
      const token = (text: string) => nameToken(pepper, text);
      const lists = words.map((word) => queryTokenTexts(word).map(token));
      const ids = await leadsByName(tx, engagementId, lists, words.map(token), MOST_CANDIDATES);
      const byId = new Map((await readLeads(tx, ids, [engagementId])).map((row) => [row.id, row]));
      const rows = await check(ids.flatMap((id) => byId.get(id) ?? []));
      return { rows, more: ids.length === MOST_CANDIDATES };
    },
  };
}
