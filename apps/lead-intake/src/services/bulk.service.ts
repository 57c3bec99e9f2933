import { AuditTrail, requireEngagement, scopeOfCaller, type Actor, type Principal } from '@avtala/access';
import { LeadErasureAsked, Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { buriedAmong, Due, Outbox, type DueItem } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Vault } from '@avtala/vault';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUIDv7, type KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { bulkCause, type BulkAct, type BulkCause } from '../domain/bulk.js';
import { TooManyLeads, WhichLeads } from '../domain/bulk-errors.js';
import { QUEUES } from '../domain/call.js';
import { insertActivity } from '../storage/activity.js';
import {
  bulkCounts,
  endBulk,
  findBulk,
  insertBulk,
  lockLeads,
  settleItems,
  waitingItems,
  type BulkRow,
} from '../storage/bulk.js';
import { stepCall } from '../storage/calling.js';
import { findEngagement } from '../storage/engagement.js';
import { readLeads, type LeadRow } from '../storage/lead.js';
import { listLeads } from '../storage/lead-list.js';
import { factsOf, filterOf, LeadList, type ListQuery } from './lead-list.service.js';
import { Noes } from './no.service.js';
import { unsealContact } from './people.js';
import { refuseReason } from './reason.js';

const MOST_LEADS = 10_000;
const CHUNK = 50;
/** A claim's share of real time; the lease holds for 60 s. */
const SHARE_MS = 20_000;
const BULK_ACT = 'bulk-act';

export interface BulkWish {
  engagementId: string;
  act: BulkAct;
  reason: string;
  ids?: string[];
  filter?: Omit<ListQuery, 'engagementId'>;
}

export interface BulkView {
  /** null: a look at what it would do. */
  id: string | null;
  act: BulkAct;
  state: 'preview' | 'running' | 'done';
  /** What it acts on, or will. */
  acting: number;
  done: number;
  /** What it leaves alone, and why. */
  untouched: { cause: BulkCause; count: number }[];
}

/** Acts on many leads. Says first, and again afterwards, whom it leaves alone and why. */
@Injectable()
export class Bulk {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Noes) private readonly noes: Noes,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Due) private readonly due: Due,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(LeadList) private readonly list: LeadList,
  ) {}

  /** Changes nothing. @throws TooManyLeads, WhichLeads, LeadRefused, Missing */
  async preview(caller: Principal, wish: BulkWish): Promise<BulkView> {
    requireEngagement(caller, wish.engagementId);
    return this.db.withScope(scopeOf(wish.engagementId), async (tx) => {
      const items = await this.choose(tx, caller, wish);
      const acting = items.filter((i) => !i.cause).length;
      return { id: null, act: wish.act, state: 'preview', acting, done: 0, untouched: tally(items) };
    });
  }

  /** Writes down what is to be done; the work follows. @throws TooManyLeads, WhichLeads, LeadRefused, Missing */
  async start(caller: Principal, claim: IdempotencyClaim, wish: BulkWish): Promise<BulkView> {
    requireEngagement(caller, wish.engagementId);
    refuseReason(wish.reason);
    const { engagementId, act, reason } = wish;
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const settled = await claimKey(tx, claim);
      if (settled?.resourceId) return this.viewOf(tx, settled.resourceId);
      await findEngagement(tx, engagementId, 'share');
      const items = await this.choose(tx, caller, wish);
      const id = randomUUIDv7();
      const now = this.clock.now();
      // Ids that are not there, or not theirs, are counted in the answer and kept nowhere.
      const kept = items.filter((i) => i.cause !== 'not-found');
      const bulk = { id, engagementId, act, reason, askedBy: caller, askedAt: now.toString() };
      await insertBulk(tx, bulk, kept);
      await this.due.schedule(tx, { kind: BULK_ACT, key: id, engagementId, dueAt: now });
      await this.audit.record(tx, {
        action: 'leads.bulk-asked',
        principal: caller,
        engagementId,
        detail: { bulkId: id, act, reason, acting: kept.filter((i) => !i.cause).length },
      });
      await settleKey(tx, claim, { status: 202, resourceId: id, engagementId });
      const view = await this.viewOf(tx, id);
      return { ...view, untouched: tally(items) };
    });
  }

  /** @throws Missing */
  async read(caller: Principal, id: string): Promise<BulkView> {
    return this.db.withScope(scopeOfCaller(caller), (tx) => this.viewOf(tx, id));
  }

  /** Due work, a chunk a transaction: each lead is looked at again, acted on and marked in one, so that a kill in between repeats nothing. */
  async run(item: DueItem): Promise<void> {
    const { engagementId, key: bulkId } = item;
    for (const until = Date.now() + SHARE_MS; ;) {
      const ended = await this.db.withScope(scopeOf(engagementId), async (tx) => {
        const engagement = await findEngagement(tx, engagementId, 'share');
        const bulk = engagement && !engagement.erasing ? await findBulk(tx, bulkId) : undefined;
        const ids = bulk ? await waitingItems(tx, bulkId, CHUNK) : [];
        const now = this.clock.now();
        if (!bulk || !ids.length) {
          if (bulk) await endBulk(tx, bulkId, now.toString());
          await this.due.done(tx, item);
          return true;
        }
        const endedAt = engagement!.ended_at?.getTime();
        await this.chunk(tx, bulk, ids, endedAt === undefined || endedAt > now.epochMilliseconds);
        if (Date.now() < until) return false;
        await this.due.again(tx, item, { dueAt: item.dueAt });
        return true;
      });
      if (ended) return;
    }
  }

  private async chunk(tx: EntityManager, bulk: BulkRow, ids: readonly string[], running: boolean): Promise<void> {
    const leads = new Map((await lockLeads(tx, bulk.engagement_id, ids)).map((l) => [l.id, l]));
    const buried = await buriedAmong(tx, ids, []); // after the locks: an order that held one has buried it by now
    const keys = await this.vault.open('lead', ids, 'bulk');
    const settled: { leadId: string; cause: BulkCause | null }[] = [];
    for (const leadId of ids) {
      const lead = leads.get(leadId);
      const key = keys.get(leadId);
      const cause = !lead
        ? 'not-found'
        : bulkCause(bulk.act, factsOf(lead, !key || buried.has(leadId)), Date.now(), running);
      if (!cause) await this.act(tx, bulk, lead!, key!);
      settled.push({ leadId, cause });
    }
    await settleItems(tx, bulk.id, settled);
    const acted = settled.filter((s) => !s.cause).map((s) => s.leadId);
    if (!acted.length) return;
    await this.audit.record(tx, {
      action: `lead.bulk-${bulk.act}`,
      principal: bulk.asked_by as Actor,
      engagementId: bulk.engagement_id,
      subjectIds: acted,
      detail: { bulkId: bulk.id },
    });
  }

  private async act(tx: EntityManager, bulk: BulkRow, lead: LeadRow, key: KeyObject): Promise<void> {
    const now = this.clock.now().toString();
    const about = { leadId: lead.id, engagementId: lead.engagement_id, leadVersion: lead.version };
    switch (bulk.act) {
      case 'suppress':
        await this.noes.remember(tx, lead, unsealContact(key, lead.id, lead.sealed), null);
        return this.noes.object(tx, lead);
      case 'erase':
        // Its order, and with it the tombstone, comes from retention.
        return this.outbox.append(tx, LeadErasureAsked.of({ ...about, reason: 'not-needed', askedAt: now }));
      default: {
        const reopened = bulk.act === 'reopen';
        await stepCall(tx, lead, {
          version: lead.version + 1,
          state: reopened ? 'open' : 'closed',
          queue: reopened && lead.queue === QUEUES.callback ? QUEUES.retry : lead.queue,
          attempts: reopened ? 0 : lead.attempts,
          callableAt: reopened ? now : null,
          callbackFor: null,
          informedAt: lead.informed_at?.toISOString() ?? null,
          bookerId: lead.claimed_by,
          heldUntil: null,
        });
        return insertActivity(tx, {
          ...{ engagementId: lead.engagement_id, id: randomUUIDv7(), leadId: lead.id, at: now },
          userId: (bulk.asked_by as Principal).userId,
          outcome: reopened ? 'reopened' : 'closed',
          ...{ informed: false, callbackAt: null, callbackFor: null, sealed: null, tellAt: null, before: null },
        });
      }
    }
  }

  /** Whom the wish is about, each with why it is left alone. */
  private async choose(
    tx: EntityManager,
    caller: Principal,
    wish: BulkWish,
  ): Promise<{ leadId: string; cause: BulkCause | null }[]> {
    const { engagementId, act, ids, filter } = wish;
    // null, which validation lets through, names nobody either.
    if ((ids == null) === (filter == null)) throw new WhichLeads();
    const engagement = await findEngagement(tx, engagementId);
    if (!engagement || engagement.erasing) throw new Missing('engagement');
    const wanted = ids && [...new Set(ids.map((id) => id.toLowerCase()))];
    const leads = wanted
      ? await readLeads(tx, wanted, [engagementId])
      : await listLeads(tx, filterOf(caller, { ...filter, engagementId }), this.list.times(), {
          sort: 'oldest',
          limit: MOST_LEADS + 1,
          after: null,
        });
    if (Math.max(wanted?.length ?? 0, leads.length) > MOST_LEADS) throw new TooManyLeads(MOST_LEADS);
    const buried = await buriedAmong(
      tx,
      leads.map((l) => l.id),
      [],
    );
    const running = !engagement.ended_at || engagement.ended_at.getTime() > this.clock.now().epochMilliseconds;
    const causes = new Map(
      leads.map((l) => [l.id, bulkCause(act, factsOf(l, buried.has(l.id)), Date.now(), running)] as const),
    );
    return (wanted ?? [...causes.keys()]).map((leadId) => {
      const cause = causes.get(leadId);
      return { leadId, cause: cause === undefined ? 'not-found' : cause };
    });
  }

  private async viewOf(tx: EntityManager, id: string): Promise<BulkView> {
    const bulk = await findBulk(tx, id);
    if (!bulk) throw new Missing('act');
    const counts = await bulkCounts(tx, id);
    const sum = (state: string) => counts.filter((c) => c.state === state).reduce((n, c) => n + c.n, 0);
    return {
      id,
      act: bulk.act,
      state: bulk.done_at ? 'done' : 'running',
      acting: sum('waiting') + sum('done'),
      done: sum('done'),
      untouched: counts.flatMap(({ cause, n }) => (cause ? [{ cause, count: n }] : [])),
    };
  }
}

function tally(items: readonly { cause: BulkCause | null }[]): BulkView['untouched'] {
  const counts = new Map<BulkCause, number>();
  for (const { cause } of items) if (cause) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  return [...counts].sort().map(([cause, count]) => ({ cause, count }));
}
