import { Db, scopeOf } from '@avtala/database';
import { Due, type DueItem } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { WATCH } from '../domain/work.js';
import type { Crm } from '../outbound/needs.js';
import { type Connection, findConnection } from '../storage/connections.js';
import { findCursor, nextRecords, saveCursor, watchedLinks } from '../storage/client-changes.js';
import { ClientChanges } from './client-changes.service.js';
import { Crms } from './crms.service.js';

/** Vendors that say what changed are asked this often; where nobody says it, our own records are looked at in turn. */
const ASK_EVERY = { minutes: 10 };
const WALK_EVERY = { hours: 12 };
/** Records of ours looked at in one step, and the pause before the next: the account's window is the pushes' first of all. */
const STEP = 50;
const STEP_PAUSE = { seconds: 2 };
const STEP_MS = 45_000;

/** Finds out what clients did, where the vendor does not call us, or its call was lost. */
@Injectable()
export class Watch {
  constructor(
    private readonly db: Db,
    private readonly due: Due,
    private readonly clock: Clock,
    private readonly crms: Crms,
    private readonly changes: ClientChanges,
  ) {}

  /** From now on; asked for again when it runs, it changes nothing. In the background: no test clock stops at it. */
  async start(tx: EntityManager, connection: Connection): Promise<void> {
    const { id: key, engagementId } = connection;
    const dueAt = this.clock.now().add(ASK_EVERY);
    await this.due.schedule(tx, { kind: WATCH, key, engagementId, dueAt, background: true });
  }

  /** Due work: one step. Ends with the connection. */
  async step(item: DueItem): Promise<void> {
    const scope = scopeOf(item.engagementId);
    const connection = await this.db.withScope(scope, (tx) => findConnection(tx, item.key));
    if (connection?.state !== 'active') return this.db.withScope(scope, (tx) => this.due.done(tx, item)); // begun again when it is
    const crm = this.crms.of(connection);
    if (crm.changes) await this.ask(item, connection, crm);
    else await this.walk(item, connection);
  }

  private async ask(item: DueItem, connection: Connection, crm: Crm): Promise<void> {
    const scope = scopeOf(item.engagementId);
    const cursor = await this.db.withScope(scope, (tx) => findCursor(tx, connection.id));
    const now = this.clock.now();
    const found = await crm.changes!(cursor, { until: Date.now() + STEP_MS, now });
    await this.db.withScope(scope, async (tx) => {
      const signals = found.records.map((r) => ({ ...r, erased: false }));
      await this.changes.found(tx, connection.id, signals);
      await saveCursor(tx, connection.id, found.cursor);
      await this.due.again(tx, item, { dueAt: found.more ? now : now.add(ASK_EVERY) });
    });
  }

  private async walk(item: DueItem, connection: Connection): Promise<void> {
    const scope = scopeOf(item.engagementId);
    const after = String(item.payload['after'] ?? '');
    const links = await this.db.withScope(scope, async (tx) => {
      const ids = await nextRecords(tx, connection.id, after, STEP);
      return watchedLinks(tx, connection.id, 'contact', ids);
    });
    const changes = await this.changes.changesOf(connection, 'contact', links, new Set());
    const last = links
      .map((l) => l.vendorId)
      .toSorted()
      .at(-1);
    await this.db.withScope(scope, async (tx) => {
      await this.changes.apply(tx, connection, 'contact', links, changes);
      const now = this.clock.now();
      await this.due.again(
        tx,
        item,
        last
          ? { dueAt: now.add(STEP_PAUSE), payload: { after: last } }
          : { dueAt: now.add(WALK_EVERY), payload: { after: '' } },
      );
    });
  }
}

/** Both ends of what clients do at their side. */
@Injectable()
export class ClientSide {
  constructor(
    readonly changes: ClientChanges,
    readonly watch: Watch,
  ) {}
}
