import {
  ErasureReceipt,
  RetryLater,
  type Contact,
  type EngagementErasureOrdered,
  type ErasureCleared,
  type ErasureReason,
  type LeadErasureOrdered,
  type LeadSaidNo,
} from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { forgetKeys } from '@avtala/http';
import {
  buriedAmong,
  buryEngagement,
  buryLead,
  Due,
  forgetLog,
  isBuried,
  NotYet,
  Outbox,
  type DueItem,
} from '@avtala/messaging';
import { log } from '@avtala/observability';
import { Clock } from '@avtala/time';
import { Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { findEngagement } from '../storage/engagement.js';
import {
  countLeft,
  deleteEngagement,
  deleteLead,
  leadsOf,
  markErasing,
  scheduledStop,
  waitingNoes,
} from '../storage/erasure.js';
import { unfinishedImports } from '../storage/import.js';
import { homesOf, lockLead, type LeadRow } from '../storage/lead.js';
import { dropProvenanceWithoutLead } from '../storage/provenance.js';
import { suppressedTowards } from '../storage/suppression.js';
import { submissionIds } from '../storage/web-form.js';
import { mappingIds } from '../storage/supplier-mapping.js';
import { ImportRuns } from './import-run.service.js';
import { Noes } from './no.service.js';
import { People, unsealContact } from './people.js';
import { PEPPER_PERIOD } from './pepper.service.js';

const CHUNK = 1000;
/** A claim's share of real time; the lease holds for 60 s. */
const SHARE_MS = 20_000;

/** What an order's due rows carry. They name the engagement here and not in their own column, so that forgetting it does not count them. */
interface Order {
  engagementId: string;
  leadId?: string;
  reason?: ErasureReason;
  /** Leads found so far, and the last of them: progress of destroying an engagement's keys. */
  leads?: number;
  after?: string;
}

/** lead-intake's part of the saga (protocols.md §1): stop, say so; when cleared destroy keys, delete rows, read back. */
@Injectable()
export class Erasure {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Due) private readonly due: Due,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Noes) private readonly noes: Noes,
    @Inject(ImportRuns) private readonly imports: ImportRuns,
    @Inject(People) private readonly people: People,
  ) {}

  /** In the event's transaction: the tombstone, and no new work. The lead's lock lets a change under way end first. */
  async orderLead(tx: EntityManager, order: LeadErasureOrdered): Promise<void> {
    const { orderId, leadId, engagementId, reason } = order;
    await lockLead(tx, engagementId, leadId);
    await buryLead(tx, order);
    await this.due.cancel(tx, { leadId });
    await this.schedule(tx, 'erasure-stop', orderId, { engagementId, leadId, reason });
  }

  async orderEngagement(tx: EntityManager, order: EngagementErasureOrdered): Promise<void> {
    const { orderId, engagementId } = order;
    await markErasing(tx, engagementId, orderId);
    await buryEngagement(tx, order);
    await this.due.cancel(tx, { engagementId });
    await this.schedule(tx, 'erasure-stop', orderId, { engagementId });
  }

  /** The person's own word, said while an order for another reason is under way. */
  async saidNo(tx: EntityManager, { engagementId, leadId, reason }: LeadSaidNo): Promise<void> {
    await this.schedule(tx, 'keep-no', leadId, { engagementId, leadId, reason });
  }

  /** Due work: keeps it while the key is there. Afterwards nobody can tell who it was: the next file would have to be refused by name. */
  async remember(item: DueItem): Promise<void> {
    const { engagementId, leadId, reason } = item.payload as unknown as Required<Order>;
    await this.db.withScope(scopeOf(engagementId), async (tx) => {
      await this.keepNo(tx, engagementId, leadId, reason);
      await this.due.done(tx, item);
    });
  }

  /** All have asked: keys and rows go as due work, after this commit. A lead's own order must be here, not only its engagement's: what the
   * person asked for comes with it. @throws NotYet the order itself is still on its way */
  async cleared(tx: EntityManager, event: ErasureCleared): Promise<void> {
    const { orderId, engagementId, leadId } = event;
    if (!(await isBuried(tx, leadId ? { leadId } : { engagementId }))) throw new NotYet('erasure-order');
    await this.schedule(tx, 'erasure-destroy', orderId, { engagementId, ...(leadId ? { leadId } : {}) });
  }

  /** Due work: waits for claimed work to end, keeps the suppression of who asked to be left alone, stops imports; then `stopped` and `asked`.
   * lead-intake has no outside recipient, so it has asked as soon as it has stopped. */
  async stop(item: DueItem): Promise<void> {
    const order = item.payload as unknown as Order;
    const { engagementId, leadId } = order;
    await this.db.withScope(scopeOf(engagementId), async (tx) => {
      const working = await this.due.leased(tx, leadId ? { leadId } : { engagementId });
      if (working) throw new RetryLater('work-under-way', 500);
    });
    if (!leadId) await this.stopImports(engagementId);
    await this.db.withScope(scopeOf(engagementId), async (tx) => {
      if (leadId) await this.keepNo(tx, engagementId, leadId, order.reason);
      const counts = { leads: leadId && (await homesOf(tx, [leadId])).has(leadId) ? 1 : 0 };
      await this.receipt(tx, item.key, engagementId, 'stopped', 'blocked', counts);
      await this.receipt(tx, item.key, engagementId, 'asked', 'settled', counts);
      await this.due.done(tx, item);
    });
  }

  /** Due work: keys in chunks, then rows or partitions, then the log; ends with `verified` when all of it was read back as gone. */
  async destroy(item: DueItem): Promise<void> {
    const { engagementId, leadId, ...progress } = item.payload as unknown as Order;
    const result = leadId
      ? await this.destroyLead(item, engagementId, leadId, progress)
      : await this.destroyEngagement(item, engagementId, progress);
    if (!result) return; // its share of time is over; it goes on from where it is
    const rowsLeft = await this.db.asCount((tx) => countLeft(tx, engagementId, leadId ?? null));
    const logLeft = await forgetLog(this.db, { engagementId, ...(leadId ? { leadId } : {}) });
    if (rowsLeft + logLeft + result.keysLeft > 0) {
      log.info('erasure.rows-left', {
        kind: leadId ? 'lead' : 'engagement',
        rows: rowsLeft,
        count: logLeft,
        left: result.keysLeft,
      });
      throw new RetryLater('rows-left', 200); // a consumer has not passed its log rows yet
    }
    await this.db.withScope(scopeOf(engagementId), async (tx) => {
      const counts = { leads: result.leads, keys: result.leads - result.keysLeft, left: rowsLeft + logLeft };
      await this.receipt(tx, item.key, engagementId, 'verified', 'read-back', counts);
      await this.due.done(tx, item);
    });
  }

  private async destroyLead(
    item: DueItem,
    engagementId: string,
    leadId: string,
    progress: Partial<Order>,
  ): Promise<Destroyed> {
    const leads = await this.db.withScope(scopeOf(engagementId), async (tx) => {
      // A day may have passed before we could stop. What the person asked for is kept all the same: afterwards nobody knows who they were.
      const waiting = await scheduledStop(tx, item.key);
      if (waiting) await this.keepNo(tx, engagementId, leadId, (waiting as Order).reason);
      await this.keepWaitingNoes(tx, engagementId, [leadId]);
      return progress.leads ?? (await homesOf(tx, [leadId])).size;
    });
    await this.vault.destroy('lead', [leadId], item.key);
    await this.db.withScope(scopeOf(engagementId), async (tx) => {
      await deleteLead(tx, engagementId, leadId);
      await dropProvenanceWithoutLead(tx, engagementId);
      await forgetKeys(tx, { engagementId, leadId });
      await this.keepCount(tx, item, { engagementId, leadId, leads });
      const engagement = await findEngagement(tx, engagementId);
      if (engagement && !engagement.erasing) {
        // Old index values in backups lose their pepper within the key epoch.
        const dueAt = this.clock.now().add(PEPPER_PERIOD);
        await this.due.schedule(tx, { kind: 'rotate-pepper', key: engagementId, engagementId, dueAt });
      }
    });
    return { leads, keysLeft: await this.vault.remaining('lead', [leadId]) };
  }

  private async destroyEngagement(
    item: DueItem,
    engagementId: string,
    progress: Partial<Order>,
  ): Promise<Destroyed | null> {
    const scope = scopeOf(engagementId);
    const until = Date.now() + SHARE_MS;
    let { leads = 0, after } = progress;
    for (;;) {
      const { ids, own } = await this.db.withScope(scope, async (tx) => {
        const found = await leadsOf(tx, engagementId, after ?? null, CHUNK);
        await this.keepWaitingNoes(tx, engagementId, found);
        return { ids: found, own: await buriedAmong(tx, found, []) };
      });
      if (!ids.length) break;
      await this.vault.destroy('lead', ids, item.key);
      if (await this.vault.remaining('lead', ids)) throw new RetryLater('keys-left', 200);
      leads += ids.length - own.size; // who has an order of their own is counted there
      after = ids.at(-1)!;
      if (Date.now() < until) continue;
      await this.db.withScope(scope, (tx) =>
        this.due.again(tx, item, { dueAt: item.dueAt, payload: { engagementId, leads, after } }),
      );
      return null;
    }
    await this.vault.destroyEngagement(engagementId, item.key);
    this.vault.flush();
    const keysLeft = await this.vault.remainingOfEngagement(engagementId);
    if (keysLeft) throw new RetryLater('keys-left', 200);
    await this.db.withScope(scope, async (tx) => {
      await deleteEngagement(tx, engagementId);
      await forgetKeys(tx, { engagementId });
      await this.keepCount(tx, item, { engagementId, leads, ...(after ? { after } : {}) });
    });
    return { leads, keysLeft };
  }

  /** With the rows the count goes: a kill from here on must find it in the order's own row. */
  private async keepCount(tx: EntityManager, item: DueItem, payload: Order): Promise<void> {
    const values = [item.id, JSON.stringify(payload), item.lease];
    await tx.query('UPDATE due SET payload = $2 WHERE id = $1 AND lease = $3', values);
  }

  private async stopImports(engagementId: string): Promise<void> {
    const ids = await this.db.withScope(scopeOf(engagementId), (tx) => unfinishedImports(tx, engagementId));
    for (const id of ids) await this.imports.discard(id);
    const mappings = await this.db.withScope(scopeOf(engagementId), (tx) => mappingIds(tx, engagementId));
    await this.vault.destroy('import', mappings, null);
    const submissions = await this.db.withScope(scopeOf(engagementId), (tx) => submissionIds(tx, engagementId));
    for (let at = 0; at < submissions.length; at += 1000)
      await this.vault.destroy('import', submissions.slice(at, at + 1000), null);
  }

  /** Keeps what the person said, of everything by which we know them; `not-informed` and the like say nothing. */
  private async keepNo(
    tx: EntityManager,
    engagementId: string,
    leadId: string,
    reason: ErasureReason | undefined,
  ): Promise<void> {
    if (reason !== 'request' && reason !== 'objection' && reason !== 'reply') return;
    const lead = await lockLead(tx, engagementId, leadId);
    const key = (await this.vault.open('lead', [leadId], 'erasure')).get(leadId);
    const engagement = await findEngagement(tx, engagementId);
    if (!lead || !key || !engagement) return;
    const contact = unsealContact(key, leadId, lead.sealed);
    const everybody = reason === 'objection' ? await this.isTowardsAll(tx, lead, contact) : reason === 'request';
    await this.noes.remember(tx, lead, contact, everybody ? null : engagement.client_id);
  }

  /** What people said while being erased, and is not kept yet. Its own due row finds it kept, or nobody any more. */
  private async keepWaitingNoes(tx: EntityManager, engagementId: string, leadIds: readonly string[]): Promise<void> {
    for (const { leadId, reason } of await waitingNoes(tx, leadIds))
      await this.keepNo(tx, engagementId, leadId, reason);
  }

  /** Whether an objection is towards every client. One recorded here was stored with its scope, which its event does not carry; who said no
   * elsewhere was found by it. Of a lead that is not `objected` retention heard it first: every client, for ever. */
  private async isTowardsAll(tx: EntityManager, lead: LeadRow, contact: Contact): Promise<boolean> {
    if (lead.state !== 'objected') return true;
    return (await suppressedTowards(tx, await this.people.noHashes(contact))).includes(null);
  }

  private async schedule(tx: EntityManager, kind: string, orderId: string, payload: Order): Promise<void> {
    await this.due.schedule(tx, { kind, key: orderId, dueAt: this.clock.now(), payload });
  }

  private async receipt(
    tx: EntityManager,
    orderId: string,
    engagementId: string,
    phase: 'stopped' | 'asked' | 'verified',
    action: string,
    counts: Record<string, number>,
  ): Promise<void> {
    const at = this.clock.now().toString();
    await this.outbox.append(
      tx,
      ErasureReceipt.of({
        orderId,
        engagementId,
        recipient: 'lead-intake',
        phase,
        action,
        counts,
        outstanding: [],
        at,
      }),
    );
  }
}

interface Destroyed {
  leads: number;
  keysLeft: number;
}
