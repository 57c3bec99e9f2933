import { ContactsClient } from '@avtala/access';
import { RetryLater } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Injectable } from '@nestjs/common';
import type { Link } from '../domain/records.js';
import { ReconnectNeeded } from '../outbound/vendor-errors.js';
import { findConnection, findTerms } from '../storage/connections.js';
import {
  nextSettlements,
  type Order,
  saveLooked,
  saveSettled,
  type Settled,
  type Settlement,
} from '../storage/erasures.js';
import { readLinks } from '../storage/push-state.js';
import { Crms } from './crms.service.js';
import { isOursBy, marker } from './marks.js';
import { ContactSettling } from './settle-contacts.service.js';
import { MeetingSettling } from './settle-meetings.service.js';
import type { SettleRun, ToSettle } from './settle-run.js';

/** Records at once: each contact's deletion is a call of its own, and the lease is 60 s. */
const CHUNK = 40;
const STEP_MS = 45_000;
/** A push that left no link: the intent was committed and nothing was ever sent. By its key it is looked for all the same. */
const NO_LINK: Link = { provenance: 'created', vendorId: null, merged: false, gone: false, marks: {} };

/** Walks the records an order is about, a chunk at a time, and puts on record what became of them. */
@Injectable()
export class Settling {
  constructor(
    private readonly db: Db,
    private readonly door: ContactsClient,
    private readonly crms: Crms,
    private readonly contacts: ContactSettling,
    private readonly meetings: MeetingSettling,
  ) {}

  /** @param reason id of the due row, for the door's read audit
   * @returns false when nothing is left to be asked */
  async ask(order: Order, reason: string): Promise<boolean> {
    const scope = scopeOf(order.engagementId);
    const rows = await this.db.withScope(scope, (tx) => nextSettlements(tx, order.orderId, 'ask', CHUNK));
    const { connectionId, object } = rows[0] ?? {};
    if (!connectionId || !object) return false;
    const of = { orderId: order.orderId, connectionId, object };
    let settled: Settled[];
    try {
      const run = await this.run(order, connectionId);
      const items = await this.toSettle(run, rows, reason);
      settled = await (object === 'contact' ? this.contacts.settle(run, items) : this.meetings.settle(run, items));
    } catch (error) {
      if (!(error instanceof ReconnectNeeded)) throw error;
      settled = rows.map((r) => ({ key: r.key, action: 'stuck', code: error.code })); // nobody can ask: said by name, looked at each day
    }
    await this.db.withScope(scope, (tx) => saveSettled(tx, of, settled));
    if (settled.some((s) => s.action === null)) throw new RetryLater('crm-still-there', 500);
    return true;
  }

  /** @returns false when everything has been read back in this round */
  async look(order: Order): Promise<boolean> {
    const scope = scopeOf(order.engagementId);
    const rows = await this.db.withScope(scope, (tx) => nextSettlements(tx, order.orderId, 'look', CHUNK));
    const { connectionId, object } = rows[0] ?? {};
    if (!connectionId || !object) return false;
    let remains: Map<string, boolean>;
    try {
      const run = await this.run(order, connectionId);
      remains = await (object === 'contact' ? this.contacts.look(run, rows) : this.meetings.look(run, rows));
    } catch (error) {
      if (!(error instanceof ReconnectNeeded)) throw error;
      remains = new Map(rows.map((r) => [r.key, true]));
    }
    await this.db.withScope(scope, (tx) => saveLooked(tx, { orderId: order.orderId, connectionId, object }, remains));
    return true;
  }

  private async run(order: Order, connectionId: string): Promise<SettleRun> {
    const scope = scopeOf(order.engagementId);
    const { connection, terms } = await this.db.withScope(scope, async (tx) => ({
      connection: await findConnection(tx, connectionId),
      terms: await findTerms(tx, order.engagementId),
    }));
    if (!connection) throw new ReconnectNeeded();
    const deletes = terms?.crmErasure === 'delete-created';
    return { connection, crm: this.crms.of(connection), scope, until: Date.now() + STEP_MS, urgent: true, deletes };
  }

  private async toSettle(run: SettleRun, rows: readonly Settlement[], reason: string): Promise<ToSettle[]> {
    const leadIds = [...new Set(rows.map((r) => r.leadId))];
    const answers = await this.door.read(leadIds, 'erasure', reason);
    const links = await this.db.withScope(run.scope, (tx) => readLinks(tx, run.connection.id, leadIds));
    return rows.map((row) => {
      const link = links.get(`${row.object}:${row.key}`) ?? NO_LINK;
      const answer = answers.get(row.leadId);
      const open = answer?.status === 'ok' && answer.linkKey !== undefined ? answer : undefined;
      return {
        row,
        link,
        isOurs: open ? isOursBy(link.marks, marker(open.linkKey!)) : null,
        email: open?.contact?.email?.trim().toLowerCase(),
      };
    });
  }
}
