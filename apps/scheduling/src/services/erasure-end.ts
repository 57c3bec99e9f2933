import { Db, scopeOf } from '@avtala/database';
import { Due, type DueItem } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Vault } from '@avtala/vault';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import {
  deleteHosts,
  dropErasure,
  hostsWithoutEngagement,
  lockErasure,
  updateErasure,
  type Erasure,
} from '../storage/erasures.js';
import { ForgetService } from './forget.service.js';

/** The last transaction of each step. */
@Injectable()
export class ErasureEnd {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly due: Due,
    private readonly forget: ForgetService,
    private readonly vault: Vault,
  ) {}

  now(): Temporal.Instant {
    return this.clock.now();
  }

  async nothing(tx: EntityManager, item: DueItem): Promise<undefined> {
    await this.due.done(tx, item);
    return undefined;
  }

  async asked(item: DueItem, seen: Erasure, counts: Record<string, number>, outstanding: string[]): Promise<void> {
    await this.db.withScope(scopeOf(seen.engagementId), async (tx) => {
      const erasure = await lockErasure(tx, seen.orderId);
      await this.due.done(tx, item);
      if (erasure?.stage !== 'asking') return; // cleared meanwhile: a day had passed
      await this.forget.receipt(tx, erasure, 'asked', 'cancelled', counts, outstanding);
      await updateErasure(tx, { ...erasure, stage: 'asked', counts: { ...erasure.counts, ...counts } });
    });
  }

  /** The receipt of reading back: once when something is still there, and once more when nothing is. */
  async verified(item: DueItem, erasure: Erasure, left: number, outstanding: string[]): Promise<void> {
    const complete = left === 0 && erasure.events.length === 0;
    if (complete) await this.#forgetHosts(erasure);
    await this.db.withScope(scopeOf(erasure.engagementId), async (tx) => {
      const { reported, ...counts } = erasure.counts;
      if (complete || !reported) {
        await this.forget.receipt(tx, erasure, 'verified', 'read-back', { ...counts, left }, outstanding);
      }
      if (complete) {
        await dropErasure(tx, erasure.orderId);
        return this.due.done(tx, item);
      }
      await updateErasure(tx, { ...erasure, counts: { ...erasure.counts, reported: 1 } });
      return this.due.again(tx, item, { dueAt: this.clock.now().add({ hours: 24 }) });
    });
  }

  // The client's people have the same retention as leads (A8): a host whom no engagement names any more is forgotten with the last order that needed
  // their calendar, whoever's that is. Of two orders that end together each commits first that it needs none: the later one finds that of the other.
  async #forgetHosts(erasure: Erasure): Promise<void> {
    await this.db.withScope(scopeOf(erasure.engagementId), (tx) => updateErasure(tx, erasure));
    const gone = await this.db.asCount((tx) => hostsWithoutEngagement(tx, erasure.orderId));
    if (!gone.hostIds.length) return;
    await this.vault.destroy('connection', gone.connectionIds, erasure.orderId);
    await this.vault.destroy('host', gone.hostIds, erasure.orderId);
    await this.db.withScope(scopeOf(erasure.engagementId), (tx) => deleteHosts(tx, gone.hostIds));
  }
}
