import { CrmPersonErased, CrmSyncFailed } from '@avtala/contracts';
import { Db, noEngagement, scopeOf } from '@avtala/database';
import { buriedAmong, Due, type DueItem, Outbox, SomeFailed } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type ChangeSignal, type ClientChange, clientChange } from '../domain/client-changes.js';
import type { CrmKind } from '../domain/connection-rules.js';
import { DailyLimit } from '../outbound/vendor-errors.js';
import { CLIENT_CHANGE, changeKey } from '../domain/work.js';
import type { VendorRecord } from '../domain/records.js';
import { type Connection, findConnection } from '../storage/connections.js';
import {
  fieldsBecameTheirs,
  freshSignals,
  linkedOf,
  type LinkedRecord,
  linkedRecords,
  linkGone,
  moveLink,
  type WatchedLink,
  watchedLinks,
} from '../storage/client-changes.js';
import { lockCase } from '../storage/leads.js';
import type { CrmObject } from '../storage/pushes.js';
import { Crms } from './crms.service.js';

const STEP_MS = 45_000;
/** While a connection is broken. */
const LOOK_AGAIN = { hours: 1 };

/** What clients do to our records at their side: deleted ones are not made again, edits are not overwritten, links follow merges. */
@Injectable()
export class ClientChanges {
  constructor(
    private readonly db: Db,
    private readonly due: Due,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly crms: Crms,
  ) {}

  /** A vendor called: what it says of records of ours becomes work, ids only; the rest of the account is none of our business.
   * @param events `id`: the same each time the vendor sends it */
  async heard(
    kind: CrmKind,
    events: readonly { readonly id: string; readonly account: string; readonly signals: readonly ChangeSignal[] }[],
  ): Promise<void> {
    for (const account of new Set(events.map((e) => e.account))) {
      const of = events.filter((e) => e.account === account);
      const signals = of.flatMap((e) => e.signals);
      const known = await this.db.asCount((tx) => linkedRecords(tx, { kind, account }, signals));
      if (known.length === 0) continue;
      await this.db.withScope(noEngagement, async (tx) => {
        const fresh = await freshSignals(
          tx,
          `webhook:${kind}`,
          of.map((e) => e.id),
        );
        const news = of.flatMap((e) => (fresh.has(e.id) ? e.signals : []));
        await this.toWork(tx, known, news);
      });
    }
  }

  /** The same of one connection, whose vendor was asked. */
  async found(tx: EntityManager, connectionId: string, signals: readonly ChangeSignal[]): Promise<void> {
    if (signals.length) await this.toWork(tx, await linkedOf(tx, connectionId, signals), signals);
  }

  /** Due work: looks at records of one or several connections. */
  async look(items: readonly DueItem[]): Promise<void> {
    const groups = Map.groupBy(items, (i) => `${String(i.payload['connectionId'])}:${String(i.payload['object'])}`);
    const failures: { item: DueItem; error: unknown }[] = [];
    for (const group of groups.values()) {
      try {
        await this.lookAt(group);
      } catch (error) {
        if (error instanceof DailyLimit) await this.rest(group, error.until);
        else failures.push(...group.map((item) => ({ item, error })));
      }
    }
    if (failures.length) throw new SomeFailed(failures);
  }

  private rest(items: readonly DueItem[], until: Temporal.Instant): Promise<void> {
    return this.db.withScope(scopeOf(items[0]!.engagementId), async (tx) => {
      for (const item of items) await this.due.again(tx, item, { dueAt: until });
    });
  }

  private async toWork(
    tx: EntityManager,
    known: readonly LinkedRecord[],
    signals: readonly ChangeSignal[],
  ): Promise<void> {
    for (const { connectionId, engagementId, object, vendorId } of known)
      for (const signal of signals.filter((s) => s.object === object && s.id === vendorId))
        await this.due.schedule(tx, {
          kind: CLIENT_CHANGE,
          key: changeKey(connectionId, signal),
          engagementId,
          dueAt: this.clock.now(),
          payload: { connectionId, object, vendorId, erased: signal.erased },
        });
  }

  private async lookAt(items: readonly DueItem[]): Promise<void> {
    const { connectionId, object } = items[0]!.payload as { connectionId: string; object: CrmObject };
    const scope = scopeOf(items[0]!.engagementId);
    const vendorIds = items.map((i) => String(i.payload['vendorId']));
    const erased = new Set(items.filter((i) => i.payload['erased'] === true).map((i) => String(i.payload['vendorId'])));
    const { connection, links } = await this.db.withScope(scope, async (tx) => ({
      connection: await findConnection(tx, connectionId),
      links: await watchedLinks(tx, connectionId, object, vendorIds, [...erased]),
    }));
    // Nobody can be asked now, and nobody says it again.
    if (connection && connection.state !== 'active' && links.length)
      return this.rest(items, this.clock.now().add(LOOK_AGAIN));
    const changes = connection
      ? await this.changesOf(connection, object, links, erased)
      : new Map<string, ClientChange>();
    await this.db.withScope(scope, async (tx) => {
      if (connection) await this.apply(tx, connection, object, links, changes);
      for (const item of items) await this.due.done(tx, item);
    });
  }

  /** Reads the records as they are now; our key → what became of it. */
  async changesOf(
    connection: Connection,
    object: CrmObject,
    links: readonly WatchedLink[],
    erased: ReadonlySet<string>,
  ): Promise<Map<string, ClientChange>> {
    if (links.length === 0) return new Map();
    const crm = this.crms.of(connection);
    const ids = [...new Set(links.map((l) => l.vendorId))];
    const fields = [...new Set(links.flatMap((l) => l.written))];
    const o = { until: Date.now() + STEP_MS, authors: true };
    const found: Map<string, VendorRecord> = await (object === 'contact'
      ? crm.contacts.find('id', ids, fields, o)
      : crm.meetings.find('id', ids, fields, o));
    return new Map(
      links.map((l) => [
        l.key,
        clientChange({
          id: l.vendorId,
          found: found.get(l.vendorId),
          erased: erased.has(l.vendorId),
          written: l.written,
        }),
      ]),
    );
  }

  /** In the order of the leads' ids, each under its lock: a push of the lead sees all of it or nothing. */
  async apply(
    tx: EntityManager,
    connection: Connection,
    object: CrmObject,
    links: readonly WatchedLink[],
    changes: ReadonlyMap<string, ClientChange>,
  ): Promise<void> {
    const { id: connectionId, engagementId } = connection;
    for (const { key, leadId, gone } of links.toSorted((a, b) => (a.leadId < b.leadId ? -1 : 1))) {
      const change = changes.get(key);
      if (!change || change.what === 'nothing' || (gone && change.what !== 'erased')) continue;
      await lockCase(tx, engagementId, leadId);
      // Ordered to be erased while the vendor answered: what is there is the order's now, and nothing new is written of the person.
      if ((await buriedAmong(tx, [leadId], [])).size) continue;
      const of = { connectionId, engagementId, object, key, leadId };
      if (change.what === 'moved') await moveLink(tx, of, change.to);
      else if (change.what === 'edited') await fieldsBecameTheirs(tx, of, change.fields);
      else if (await linkGone(tx, of, change.what, this.clock.now())) await this.tellGone(tx, of, change.what);
    }
  }

  private async tellGone(
    tx: EntityManager,
    of: { connectionId: string; engagementId: string; object: CrmObject; key: string; leadId: string },
    what: 'deleted' | 'erased',
  ): Promise<void> {
    const { leadId, engagementId, connectionId, object, key } = of;
    const fact = { leadId, engagementId, connectionId, object, ...(object === 'meeting' ? { bookingId: key } : {}) };
    const code = what === 'erased' ? 'erased-by-client' : 'deleted-by-client';
    await this.outbox.append(tx, CrmSyncFailed.of({ ...fact, code }));
    if (what === 'erased' && object === 'contact')
      await this.outbox.append(
        tx,
        CrmPersonErased.of({ leadId, engagementId, connectionId, foundAt: this.clock.now().toString() }),
      );
  }
}
