import { Db } from '@avtala/database';
import { Injectable } from '@nestjs/common';
import {
  contactLeft,
  type ContactErasure,
  decideContactErasure,
  decideShells,
  stillHolding,
} from '../domain/contact-erasure.js';
import { mappedProperties } from '../domain/mapping.js';
import type { VendorRecord } from '../domain/records.js';
import { type Words, wordsOf } from '../domain/words.js';
import { linkedElsewhere, otherLinks, type Settled, type Settlement } from '../storage/erasures.js';
import { findEverywhere, MAX_ASKS, type SettleRun, type ToSettle } from './settle-run.js';

type Deciding = ToSettle & {
  readonly decision: ContactErasure;
  /** What became the record, and still holds what it held. */
  readonly shells: ReturnType<typeof decideShells>;
};

/** Time kept for reading back. */
const READ_BACK_MS = 12_000;

/** Erases or withdraws contacts at a vendor, and reads them back. */
@Injectable()
export class ContactSettling {
  constructor(private readonly db: Db) {}

  async settle(run: SettleRun, items: readonly ToSettle[]): Promise<Settled[]> {
    const decided = await this.decide(run, items);
    await this.withdraw(run, decided);
    const done = await this.erase(run, decided);
    return this.readBack(run, done);
  }

  /** After the purge time, with nothing of the person: is anything of ours still there? */
  async look(run: SettleRun, rows: readonly Settlement[]): Promise<Map<string, boolean>> {
    const words = wordsOf(run.connection.kind);
    const found = await findEverywhere((by, values, o) => run.crm.contacts.find(by, values, [], o), rows, {
      ...run,
      exact: true,
    });
    return new Map(
      rows.map((r) => [r.key, r.action === null || contactLeft(words, r.action, r.key, found.get(r.key))]),
    );
  }

  private async decide(run: SettleRun, items: readonly ToSettle[]): Promise<Deciding[]> {
    const { contacts } = run.crm;
    const words = wordsOf(run.connection.kind);
    // Any edit by somebody else shows that the client has taken the record over, also of a field we never wrote.
    const properties = [
      ...new Set([
        ...(await contacts.writable(run)),
        ...mappedProperties(run.connection.mapping),
        ...(words.moreEmails ? [words.moreEmails] : []),
        ...items.flatMap((i) => Object.keys(i.link.marks)),
      ]),
    ];
    const authors = { ...run, authors: true };
    const found = await findEverywhere(
      (by, values, o) => contacts.find(by, values, properties, o),
      items.map((i) => i.row),
      authors,
    );
    await this.findByEmail(run, items, properties, found);

    const vendorIds = [...new Set([...found.values()].map((r) => r.id))];
    const links = await this.db.withScope(run.scope, (tx) => otherLinks(tx, run.connection.id, vendorIds));
    const elsewhere = await this.db.asCount((tx) => linkedElsewhere(tx, run.connection.id, vendorIds));
    const ended = new Set<string>();
    return items.map((item) => {
      const record = found.get(item.row.key);
      ended.add(item.row.key); // the last of several links that end together is the last link
      const others = links.filter((l) => l.vendorId === record?.id && !ended.has(l.key)).length;
      const otherLinksOf = others + (record && elsewhere.has(record.id) ? 1 : 0);
      const of = { ...item, words, key: item.row.key, record, otherLinks: otherLinksOf, deletes: run.deletes };
      return { ...item, decision: decideContactErasure(of), shells: decideShells(of) };
    });
  }

  /** A create whose answer never came, and whose key the client has emptied since: only the address leads to it. Treated as theirs. */
  private async findByEmail(
    run: SettleRun,
    items: readonly ToSettle[],
    properties: readonly string[],
    found: Map<string, VendorRecord>,
  ): Promise<void> {
    const lost = items.filter((i) => !found.has(i.row.key) && i.row.vendorId === null && i.email);
    const byEmail = await run.crm.contacts.find(
      'email',
      lost.map((i) => i.email!),
      properties,
      { ...run, authors: true },
    );
    for (const i of lost) {
      const record = byEmail.get(i.email!.toLowerCase());
      if (record) found.set(i.row.key, { ...record, mergedIds: [...record.mergedIds, record.id] });
    }
  }

  /** What a slow vendor leaves no time for stays open for the next step, so that every step gets somewhere.
   * @returns those that are done with, the others left out */
  private async erase(run: SettleRun, decided: readonly Deciding[]): Promise<Deciding[]> {
    const idsOf = (d: Deciding): string[] => [
      ...(d.decision.do === 'delete' ? [d.decision.id] : []),
      ...d.shells.flatMap((s) => (s.clear ? [] : [s.id])),
    ];
    const ids = [...new Set(decided.flatMap(idsOf))];
    if (ids.length === 0) return [...decided];
    const asked = new Set(await run.crm.contacts.erase(ids, { ...run, until: run.until - READ_BACK_MS }));
    return decided.filter((d) => idsOf(d).every((id) => asked.has(id)));
  }

  /** What came of it is read back, not believed. The list of addresses is an update of its own: an account that refuses it still loses the rest. */
  private async withdraw(run: SettleRun, decided: readonly Deciding[]): Promise<void> {
    const { moreEmails } = wordsOf(run.connection.kind);
    const writes = (wanted: (property: string) => boolean) =>
      decided.flatMap((d) =>
        withdrawals(d).flatMap(({ id, clear }) => {
          const properties = Object.fromEntries(Object.entries(clear).filter(([p]) => wanted(p)));
          return Object.keys(properties).length ? [{ key: d.row.key, id, properties }] : [];
        }),
      );
    for (const batch of [writes((p) => p !== moreEmails), writes((p) => p === moreEmails)])
      if (batch.length) await run.crm.contacts.update(batch, run);
  }

  private async readBack(run: SettleRun, decided: readonly Deciding[]): Promise<Settled[]> {
    const words = wordsOf(run.connection.kind);
    const ids = decided.flatMap((d) => [
      ...(d.decision.do === 'withdraw' || d.decision.do === 'delete' ? [d.decision.id] : []),
      ...d.shells.map((s) => s.id),
    ]);
    const properties = [...new Set(decided.flatMap((d) => withdrawals(d).flatMap((w) => Object.keys(w.clear))))];
    const now = await run.crm.contacts.find('id', [...new Set(ids)], properties, { ...run, exact: true });
    return decided.map((d) => outcome(words, d, now));
  }
}

const withdrawals = (d: Deciding): { id: string; clear: Readonly<Record<string, string>> }[] => [
  ...(d.decision.do === 'withdraw' ? [d.decision] : []),
  ...d.shells.flatMap(({ id, clear }) => (clear ? [{ id, clear }] : [])),
];

function outcome(words: Words, d: Deciding, now: ReadonlyMap<string, VendorRecord>): Settled {
  const { row, isOurs, decision } = d;
  const stillThere = row.tries + 1 < MAX_ASKS ? null : 'stuck';
  const shellLeft = d.shells.some((s) =>
    s.clear ? stillHolding(words, now.get(s.id), s.clear, isOurs).length > 0 : now.get(s.id)?.id === s.id,
  );
  const settled = ofRecord();
  if (!shellLeft || settled.action === null || settled.action === 'stuck') return settled;
  return { ...settled, action: stillThere, code: 'former-record-left' };

  function ofRecord(): Settled {
    switch (decision.do) {
      case 'nothing':
        return { key: row.key, action: 'none' };
      case 'stuck':
        return { key: row.key, action: 'stuck', vendorId: decision.id, code: decision.code };
      case 'delete': {
        const gone = now.get(decision.id)?.id !== decision.id;
        return {
          key: row.key,
          vendorId: decision.id,
          ...(gone ? { action: 'deleted' } : { action: stillThere, code: 'still-there' }),
        };
      }
      case 'withdraw': {
        if (stillHolding(words, now.get(decision.id), decision.clear, isOurs).length)
          return { key: row.key, vendorId: decision.id, action: stillThere, code: 'still-there' };
        return {
          key: row.key,
          vendorId: decision.id,
          ...(decision.unsure ? { action: 'stuck', code: 'key-gone' } : { action: 'withdrawn' }),
        };
      }
    }
  }
}
