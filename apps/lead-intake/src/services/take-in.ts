import { LeadChanged, LeadRegistered, type Contact } from '@avtala/contracts';
import { withCommit, type Statement } from '@avtala/database';
import { buriedAmong, Outbox } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Vault, type ReadyKey } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { movedTo, zoneOfPhone } from '../domain/calling-rules.js';
import type { Person, Refusal } from '../domain/intake.js';
import { fillIn, samePerson, type Known } from '../domain/same-person.js';
import type { Engagement } from '../storage/engagement.js';
import { knownRows, rememberRows } from '../storage/import.js';
import { idsByIndexes, lockByIndexes, rewriteLead, type LeadIndexes, type LeadRow } from '../storage/lead.js';
import { AlreadyThere, insertLeads, leadsStatement } from '../storage/new-leads.js';
import type { Provenance } from '../storage/provenance.js';
import { noesAmong, noesStatement, saidNo, type NoHash, type SaidNo } from '../storage/suppression.js';
import { indexesOf, noHashesOf, People, personOf, sealContact, sealContacts, unsealContact } from './people.js';

/** Two transactions took in the same person at once, or the pepper changed: run the whole transaction again, it sees the other's rows then. */
class IntakeRaced extends Error {}

export function mayRunAgain(error: unknown): boolean {
  return error instanceof IntakeRaced || error instanceof AlreadyThere;
}

export type TakenIn = { outcome: 'accepted' | 'merged'; leadId: string } | { outcome: 'refused'; reason: Refusal };

/** People with their hashes and ready-made keys: all that is computed before the transaction starts. */
export interface Prepared {
  pepper: { version: number; key: KeyObject };
  people: { person: Person; indexes: LeadIndexes; noes: NoHash[]; rowHash: Buffer | null; ready: ReadyKey }[];
}

/** What {@link TakeIn.lookUps} found, before `apply`. */
export interface Looked {
  readonly saidNo: SaidNo;
  /** Whether some of them may be there already. */
  readonly meets: boolean;
}

/** The caller has stored it. */
export type StoredProvenance = Pick<Provenance, 'id' | 'ground' | 'obtainedAt'>;

/** A lead as this transaction sees it: there before, or new. */
interface Seen {
  known: Known;
  contact: Contact;
  key: KeyObject;
  indexes: LeadIndexes;
  /** Of a new lead. */
  provenance: StoredProvenance | null;
  row: LeadRow | null;
  gained: string[];
}

/** Events in one row of the outbox. */
const TOLD_AT_ONCE = 1000;

const hex = (hash: Buffer | null): string | null => hash && hash.toString('hex');

/** Takes people into an engagement: one lead or a chunk of a file, the same statements and the same rules. */
@Injectable()
export class TakeIn {
  constructor(
    @Inject(Vault) private readonly vault: Vault,
    @Inject(People) private readonly keys: People,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @param rowHash of a file's row, by which a rerun recognises it */
  async prepare(
    engagement: { id: string; pepper_version: number },
    people: readonly { person: Person; rowHash: Buffer | null }[],
  ): Promise<Prepared> {
    const { pepper, suppression } = await this.keys.keys(engagement.id, engagement.pepper_version);
    const ready = await this.vault.take(people.length);
    return {
      pepper,
      people: people.map(({ person, rowHash }, i) => ({
        person,
        rowHash,
        ready: ready[i]!,
        indexes: indexesOf(pepper.key, person),
        noes: noHashesOf(suppression, person),
      })),
    };
  }

  /** Statements by which single leads are looked up, to be sent ahead; {@link looked} reads their answers. */
  lookUps(engagementId: string, { people }: Prepared): [Statement, Statement] {
    return [
      noesStatement(people.flatMap((p) => p.noes.map((n) => n.hash))),
      idsByIndexes(engagementId, {
        merge: people.flatMap((p) => p.indexes.merge ?? []),
        namePhone: people.flatMap((p) => p.indexes.namePhone ?? []),
      }),
    ];
  }

  looked(noes: readonly object[], ids: readonly object[]): Looked {
    return { saidNo: saidNo(noes), meets: ids.length > 0 };
  }

  /**
   * In the caller's transaction, which holds the engagement's row: refuses who said no, joins who is there already, stores the rest,
   * and tells it. One answer for each person, in their order.
   * @param provenance of each of them, by number
   * @param looked they were looked up ahead: what is stored goes out together with COMMIT
   * @throws IntakeRaced
   */
  async apply(
    tx: EntityManager,
    engagement: Engagement,
    prepared: Prepared,
    provenance: (i: number) => StoredProvenance,
    looked?: Looked,
  ): Promise<TakenIn[]> {
    if (engagement.pepper_version !== prepared.pepper.version) throw new IntakeRaced();
    if (!prepared.people.length) return [];
    const hashes = () => prepared.people.flatMap((p) => p.noes.map((n) => n.hash));
    const refuses = looked?.saidNo ?? (await noesAmong(tx, hashes()));
    const before = await knownRows(
      tx,
      engagement.id,
      prepared.people.flatMap((p) => (p.rowHash ? [p.rowHash] : [])),
    );
    const seen = looked?.meets === false ? nobody() : await this.lookUp(tx, engagement.id, prepared, before);

    const created: Seen[] = [];
    const rowsTaken: { hash: Buffer; leadId: string }[] = [];
    const answers = prepared.people.map((p, i): TakenIn => {
      if (refuses(p.noes, engagement.client_id)) return { outcome: 'refused', reason: 'suppressed' };
      const rerun = p.rowHash && before.get(p.rowHash.toString('hex'));
      if (rerun && !seen.leaving.has(rerun)) return { outcome: 'merged', leadId: rerun };
      const email = hex(p.indexes.merge);
      const namePhone = hex(p.indexes.namePhone);
      // Joined to a lead that is going they would be lost with it, after we said that we have them.
      if (rerun || (email && seen.leaving.has(email)) || (namePhone && seen.leaving.has(namePhone)))
        return { outcome: 'refused', reason: 'being-erased' };
      const who = samePerson(
        { email },
        email ? seen.byEmail.get(email)?.known : undefined,
        namePhone ? seen.byNamePhone.get(namePhone)?.known : undefined,
      );
      if (who.as === 'ambiguous') return { outcome: 'refused', reason: 'ambiguous' };
      const same = who.as === 'same' ? seen.byId.get(who.known.id)! : undefined;
      // In dispute (F4): what comes of them is theirs, and is not written.
      if (same && !same.row?.restricted) this.join(seen, same, p);
      const lead = same ?? this.newLead(seen, p, provenance(i));
      if (!same) created.push(lead);
      if (p.rowHash) rowsTaken.push({ hash: p.rowHash, leadId: lead.known.id });
      return { outcome: same ? 'merged' : 'accepted', leadId: lead.known.id };
    });

    await this.store(tx, engagement, created, looked !== undefined);
    await this.rewrite(
      tx,
      engagement,
      [...seen.byId.values()].filter((s) => s.row && s.gained.length),
    );
    await rememberRows(tx, engagement.id, rowsTaken);
    return answers;
  }

  private async lookUp(
    tx: EntityManager,
    engagementId: string,
    prepared: Prepared,
    before: Map<string, string>,
  ): Promise<Lookup> {
    const seen = nobody();
    const fresh = prepared.people.filter((p) => !p.rowHash || !before.has(p.rowHash.toString('hex')));
    const existing = await lockByIndexes(tx, engagementId, {
      merge: fresh.flatMap((p) => p.indexes.merge ?? []),
      namePhone: fresh.flatMap((p) => p.indexes.namePhone ?? []),
    });
    if (!existing.length && !before.size) return seen;
    // After their lock was given: an order that held it has committed its tombstone.
    const buried = await buriedAmong(tx, [...existing.map((l) => l.id), ...before.values()], []);
    for (const id of buried) seen.leaving.add(id);
    for (let at = 0; at < existing.length; at += 1000) {
      const slice = existing.slice(at, at + 1000);
      const keys = await this.vault.open(
        'lead',
        slice.map((l) => l.id),
        'intake',
      );
      for (const row of slice) {
        const key = keys.get(row.id);
        if (!key || buried.has(row.id)) {
          for (const index of [hex(row.merge_bidx), hex(row.name_phone_bidx)]) if (index) seen.leaving.add(index);
          continue;
        }
        const contact = unsealContact(key, row.id, row.sealed);
        const known = { id: row.id, email: hex(row.merge_bidx), namePhone: hex(row.name_phone_bidx) };
        enter(seen, {
          known,
          contact,
          key,
          provenance: null,
          row,
          gained: [],
          indexes: indexesOf(prepared.pepper.key, personOf(contact)),
        });
      }
    }
    return seen;
  }

  private join(seen: Lookup, lead: Seen, p: Prepared['people'][number]): void {
    const { contact, gained } = fillIn(
      lead.contact,
      p.person.contact,
      personOf(lead.contact).nameKey === p.person.nameKey,
    );
    if (!gained.length) return;
    lead.contact = contact;
    lead.gained.push(...gained);
    if (gained.includes('email')) Object.assign(lead.indexes, { email: p.indexes.email, merge: p.indexes.merge });
    if (gained.includes('phone'))
      Object.assign(lead.indexes, { phone: p.indexes.phone, namePhone: p.indexes.namePhone });
    lead.known.email = hex(lead.indexes.merge);
    lead.known.namePhone = hex(lead.indexes.namePhone);
    enter(seen, lead);
  }

  private newLead(seen: Lookup, p: Prepared['people'][number], provenance: StoredProvenance): Seen {
    const { id, key } = p.ready;
    const known = { id, email: hex(p.indexes.merge), namePhone: hex(p.indexes.namePhone) };
    const lead: Seen = {
      known,
      contact: p.person.contact,
      key,
      indexes: { ...p.indexes },
      provenance,
      row: null,
      gained: [],
    };
    enter(seen, lead);
    return lead;
  }

  /** Stores people who meet nobody, and tells it.
   * @param atCommit sends it together with COMMIT
   * @throws AlreadyThere when they do after all: run the transaction again */
  private async store(tx: EntityManager, engagement: Engagement, created: Seen[], atCommit: boolean): Promise<void> {
    if (!created.length) return;
    const sealed = sealContacts(created.map(({ key, known, contact }) => ({ key, id: known.id, contact })));
    const leads = created.map(({ known, indexes, provenance }, i) => ({
      id: known.id,
      sealed: sealed[i]!,
      indexes,
      provenance: provenance!,
    }));
    const what = [engagement.id, this.clock.now().toString(), leads] as const;
    if (atCommit) withCommit(tx, leadsStatement(...what));
    else await insertLeads(tx, ...what);
    // What all of them share is said once for the chunk.
    const { ground, obtainedAt } = leads[0]!.provenance;
    const common = { engagementId: engagement.id, timeZone: engagement.time_zone, ground, obtainedAt };
    for (let at = 0; at < created.length; at += TOLD_AT_ONCE) {
      const told = created.slice(at, at + TOLD_AT_ONCE).map(({ known, contact, provenance: own }) => {
        const same = own!.ground === ground && own!.obtainedAt === obtainedAt;
        const timeZone = zoneOfPhone(contact.phone, engagement.time_zone);
        return {
          leadId: known.id,
          leadVersion: 1,
          ...(same ? {} : { ground: own!.ground, obtainedAt: own!.obtainedAt }),
          ...(timeZone === engagement.time_zone ? {} : { timeZone }),
        };
      });
      if (atCommit) this.outbox.appendChunkAtCommit(tx, LeadRegistered, common, told);
      else await this.outbox.appendChunk(tx, LeadRegistered, common, told);
    }
  }

  /** Leads that gained something from a second record; they were locked before they were read. */
  private async rewrite(tx: EntityManager, engagement: Engagement, changed: Seen[]): Promise<void> {
    for (const s of changed) {
      const version = s.row!.version + 1;
      const sealed = sealContact(s.key, s.known.id, s.contact);
      await rewriteLead(tx, s.row!, { sealed, indexes: s.indexes, version });
    }
    for (let at = 0; at < changed.length; at += TOLD_AT_ONCE) {
      const told = changed.slice(at, at + TOLD_AT_ONCE);
      await this.outbox.appendChunk(
        tx,
        LeadChanged,
        { engagementId: engagement.id },
        told.map((s) => ({
          leadId: s.known.id,
          leadVersion: s.row!.version + 1,
          fields: s.gained,
          ...movedTo(s.gained, s.contact.phone, engagement.time_zone),
        })),
      );
    }
  }
}

interface Lookup {
  byId: Map<string, Seen>;
  byEmail: Map<string, Seen>;
  byNamePhone: Map<string, Seen>;
  /** Ids and indexes of leads that are being erased. */
  leaving: Set<string>;
}

const nobody = (): Lookup => ({ byId: new Map(), byEmail: new Map(), byNamePhone: new Map(), leaving: new Set() });

function enter(seen: Lookup, lead: Seen): void {
  seen.byId.set(lead.known.id, lead);
  if (lead.known.email) seen.byEmail.set(lead.known.email, lead);
  if (lead.known.namePhone) seen.byNamePhone.set(lead.known.namePhone, lead);
}
