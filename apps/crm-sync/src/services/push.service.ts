import { ContactsClient } from '@avtala/access';
import { type ContactAnswer, RetryLater } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Due, type DueItem, SomeFailed } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Cause } from '../domain/causes.js';
import { planPush, type PushPlan } from '../domain/due-pushes.js';
import { DailyLimit, ReconnectNeeded } from '../outbound/vendor-errors.js';
import { type Connection, findConnection } from '../storage/connections.js';
import { lockPushStates, type PushState } from '../storage/push-state.js';
import { block, blockOpenOf, delayed, intend, type PushKey } from '../storage/pushes.js';
import { Connections } from './connections.service.js';
import { Crms } from './crms.service.js';
import { marker } from './marks.js';
import { DayBudgets } from './day-budget.service.js';
import { PushDelays } from './push-delays.service.js';
import { ContactPushes } from './push-contacts.service.js';
import { MeetingPushes, type MeetingToPush } from './push-meetings.service.js';
import { keyOf, type LeadToPush, type PushRun } from './push-run.js';

/** Time for one batch: its lease is 60 s, and the last call may take ten. */
const BATCH_MS = 45_000;

const CONNECTING = 'crm-connecting';
const CONNECTING_MS = 1_000;
const isConnecting = (error: unknown): boolean => error instanceof RetryLater && error.code === CONNECTING;

interface Planned {
  readonly item: DueItem;
  readonly state: PushState;
  readonly plan: PushPlan;
}
interface Batch {
  readonly connection: Connection;
  readonly planned: readonly Planned[];
}

/** The parts of a push that talk to the vendor. */
@Injectable()
export class PushParts {
  constructor(
    readonly contacts: ContactPushes,
    readonly meetings: MeetingPushes,
    readonly crms: Crms,
    readonly connections: Connections,
    readonly delays: PushDelays,
    readonly days: DayBudgets,
  ) {}
}

/** Tells clients' CRMs of leads and meetings: due work, in batches of one connection. What it does may be repeated at any point. */
@Injectable()
export class Push {
  constructor(
    private readonly db: Db,
    private readonly due: Due,
    private readonly clock: Clock,
    private readonly door: ContactsClient,
    private readonly parts: PushParts,
  ) {}

  async push(items: readonly DueItem[]): Promise<void> {
    const groups = new Map<string, DueItem[]>();
    for (const item of items) {
      const connectionId = String(item.payload['connectionId']);
      groups.set(connectionId, [...(groups.get(connectionId) ?? []), item]);
    }
    // Accounts do not wait for each other.
    const failures = await Promise.all(
      [...groups].map(async ([connectionId, group]) => {
        const left = new Set(group);
        let error: unknown = new RetryLater('crm-unclear');
        try {
          await this.pushTo(connectionId, group, left);
        } catch (cause) {
          error = cause;
        }
        // While it connects nothing went wrong, and the screen says that it waits.
        if (left.size && !isConnecting(error)) await this.parts.delays.note(connectionId, left, error);
        return [...left].map((item) => ({ item, error }));
      }),
    );
    if (failures.flat().length) throw new SomeFailed(failures.flat());
  }

  /** @param left items that are not done yet; emptied as they are */
  private async pushTo(connectionId: string, items: readonly DueItem[], left: Set<DueItem>): Promise<void> {
    const until = Date.now() + BATCH_MS;
    const batch = await this.plan(connectionId, items, left);
    if (batch?.connection.state === 'connecting') throw new RetryLater(CONNECTING, CONNECTING_MS);
    if (!batch || batch.planned.length === 0) return;
    const { connection } = batch;
    const run: PushRun = {
      connection,
      crm: this.parts.crms.of(connection),
      scope: scopeOf(connection.engagementId),
      until,
    };
    try {
      const blockedUntil = await this.parts.days.blockedUntil(connection);
      if (blockedUntil) throw new DailyLimit(blockedUntil); // before anybody's data is read for nothing
      const allowed = await this.askDoor(run, batch.planned, left);
      const leads = await this.intend(run, allowed, left);
      if (leads.length === 0) return;
      const contacts = await this.parts.contacts.push(
        run,
        leads.map((l) => l.lead),
      );
      for (const { lead } of leads) {
        const contact = contacts.get(lead.state.leadId);
        if (contact && !contact.ok && !contact.unclear)
          await this.parts.meetings.withoutContact(run, lead, contact.code);
      }
      const meetings = leads.flatMap(({ lead }): MeetingToPush[] => {
        const contact = contacts.get(lead.state.leadId);
        if (!contact?.ok) return [];
        const behind = lead.state.meetings.filter((m) => lead.plan.bookingIds.includes(m.bookingId));
        return behind.map((meeting) => ({ lead, meeting, contactId: contact.contactId }));
      });
      const unclear = await this.parts.meetings.push(run, meetings);
      const ended = leads.filter(({ lead }) => {
        const contact = contacts.get(lead.state.leadId);
        return contact && !(!contact.ok && contact.unclear) && !unclear.has(lead.state.leadId);
      });
      await this.finish(run, ended, left);
      if (ended.length) await this.parts.connections.used(connection);
    } catch (error) {
      if (!(error instanceof ReconnectNeeded)) throw error;
      await this.parts.connections.broken(connection, error.code);
      throw new RetryLater('reconnect-needed', undefined, { cause: error });
    }
  }

  /** Reads what is behind; what is not, or may not be told, is done with here. Nothing is while the connection is only being made. */
  private plan(connectionId: string, items: readonly DueItem[], left: Set<DueItem>): Promise<Batch | undefined> {
    const engagementId = items[0]!.engagementId;
    return this.done(left, scopeOf(engagementId), async (tx, done) => {
      const connection = await findConnection(tx, connectionId);
      if (connection?.state === 'connecting') return { connection, planned: [] };
      const active = connection?.state === 'active'; // else: told of again when it is (re)connected
      const ids = items.flatMap((i) => (i.leadId ? [i.leadId] : []));
      if (connection?.state === 'broken') {
        const parked = {
          state: 'parked',
          cause: 'reconnect-needed',
          code: connection.code ?? 'reconnect-needed',
        } as const;
        await delayed(tx, { connectionId, leadIds: ids }, parked, this.clock.now());
      }
      const states = active ? await lockPushStates(tx, connectionId, engagementId, ids) : new Map<string, PushState>();
      const planned: Planned[] = [];
      const now = this.clock.now();
      for (const item of items) {
        const state = states.get(item.leadId ?? '');
        if (connection && state?.contactLink?.gone)
          await blockOpenOf(tx, connectionId, state.leadId, goneCause(state), now);
        const plan = state && this.planOf(state);
        if (state && plan && hasWork(plan)) planned.push({ item, state, plan });
        else done(item, plan?.nextAt);
      }
      return connection && { connection, planned };
    });
  }

  /** The last gate: asked right before the person's data leaves (architecture.md §2, B5, B8). Who may not be told of is done with, or waits. */
  private async askDoor(
    run: PushRun,
    planned: readonly Planned[],
    left: Set<DueItem>,
  ): Promise<(Planned & { answer: ContactAnswer & { status: 'ok' } })[]> {
    const ids = planned.map((p) => p.state.leadId);
    const answers = await this.door.read(ids, 'crm', planned[0]!.item.id);
    const allowed: (Planned & { answer: ContactAnswer & { status: 'ok' } })[] = [];
    const refused: (Planned & { code: string })[] = [];
    for (const p of planned) {
      const answer = answers.get(p.state.leadId);
      if (answer?.status === 'ok' && answer.contact && answer.linkKey) allowed.push({ ...p, answer });
      // We heard that the person was told, lead-intake has not yet: it will in a moment.
      else if (answer?.status === 'not-informed' && p.state.informed) continue;
      else refused.push({ ...p, code: answer?.status === 'ok' ? 'no-data' : (answer?.status ?? 'unknown') });
    }
    if (refused.length)
      await this.done(left, run.scope, async (tx, done) => {
        const now = this.clock.now();
        const states = await this.lock(run, tx, refused);
        for (const p of refused) {
          await block(tx, pushesOf(run, p), p.code, now);
          this.doneUnlessNews(p, states.get(p.state.leadId), done);
        }
      });
    return allowed;
  }

  /** Commits what is about to be attempted; a "no" that came in the meantime still stops it. */
  private async intend(
    run: PushRun,
    allowed: readonly (Planned & { answer: ContactAnswer & { status: 'ok' } })[],
    left: Set<DueItem>,
  ): Promise<{ item: DueItem; lead: LeadToPush }[]> {
    if (allowed.length === 0) return [];
    return this.done(left, run.scope, async (tx, done) => {
      const states = await this.lock(run, tx, allowed);
      const leads: { item: DueItem; lead: LeadToPush }[] = [];
      for (const p of allowed) {
        const state = states.get(p.state.leadId);
        const plan = state && this.planOf(state);
        if (!state || !plan || !hasWork(plan)) {
          done(p.item, plan?.nextAt);
          continue;
        }
        const lead = { state, plan, contact: p.answer.contact!, mark: marker(p.answer.linkKey!) };
        leads.push({ item: p.item, lead });
      }
      await intend(
        tx,
        leads.flatMap(({ lead }) => pushesOf(run, lead)),
        this.clock.now(),
      );
      return leads;
    });
  }

  private async finish(
    run: PushRun,
    ended: readonly { item: DueItem; lead: LeadToPush }[],
    left: Set<DueItem>,
  ): Promise<void> {
    if (ended.length === 0) return;
    const items = ended.map(({ item, lead }) => ({ item, state: lead.state }));
    await this.done(left, run.scope, async (tx, done) => {
      const states = await this.lock(run, tx, items);
      for (const p of items) this.doneUnlessNews(p, states.get(p.state.leadId), done);
    });
  }

  /** Under the lead's lock: news that came while we were busy would otherwise be lost with the row. */
  private doneUnlessNews(
    p: { item: DueItem; state: PushState },
    present: PushState | undefined,
    done: (item: DueItem, again?: Temporal.Instant | null) => void,
  ): void {
    const news = present !== undefined && present.news !== p.state.news;
    done(p.item, news ? this.clock.now() : present && this.planOf(present)?.nextAt);
  }

  /** What the lead's CRM should hear now; undefined when it may hear nothing. */
  private planOf(state: PushState): PushPlan | undefined {
    if (state.barred || state.buried || state.contactLink?.gone) return undefined;
    if (state.contactHeld) return undefined; // a meeting is shown with its person or not at all
    const contact = { revision: state.contactRevision, pushed: state.contactPushed };
    const meetings = state.meetings.filter((m) => !m.held);
    return planPush({ interested: state.interested, contact, meetings }, this.clock.now());
  }

  private lock(run: PushRun, tx: EntityManager, of: readonly { state: PushState }[]): Promise<Map<string, PushState>> {
    const ids = of.map((p) => p.state.leadId);
    return lockPushStates(tx, run.connection.id, run.connection.engagementId, ids);
  }

  /** A transaction in which items end; they leave `left` only once it is committed. */
  private async done<T>(
    left: Set<DueItem>,
    scope: ReturnType<typeof scopeOf>,
    fn: (tx: EntityManager, done: (item: DueItem, again?: Temporal.Instant | null) => void) => Promise<T>,
  ): Promise<T> {
    const ended = new Map<DueItem, Temporal.Instant | null>();
    const result = await this.db.withScope(scope, async (tx) => {
      ended.clear();
      const value = await fn(tx, (item, again = null) => void ended.set(item, again));
      const over = [...ended].flatMap(([item, again]) => (again ? [] : [item]));
      await this.due.doneAll(tx, over);
      for (const [item, again] of ended) if (again) await this.due.again(tx, item, { dueAt: again });
      return value;
    });
    for (const item of ended.keys()) left.delete(item);
    return result;
  }
}

const goneCause = (state: PushState): Cause =>
  state.contactLink?.goneWhy === 'erased' ? 'erased-by-client' : 'deleted-by-client';

const hasWork = (plan: PushPlan): boolean => plan.contact || plan.bookingIds.length > 0;

/** A contact is told of with its meetings even when it is up to date: it may have been merged or deleted meanwhile. */
const pushesOf = (run: PushRun, p: { state: PushState; plan: PushPlan }): PushKey[] => [
  keyOf(run, p.state.leadId, 'contact', p.state.leadId),
  ...p.plan.bookingIds.map((id) => keyOf(run, p.state.leadId, 'meeting', id)),
];
