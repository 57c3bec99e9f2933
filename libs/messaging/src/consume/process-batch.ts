import type { ServiceName } from '@avtala/contracts';
import { keepScope, partOf, setScope } from '@avtala/database';
import { log } from '@avtala/observability';
import type { EntityManager } from 'typeorm';
import { buriedAmong, lockEngagements } from '../erasing/tombstones.js';
import { judge, type Verdict } from '../retry.js';
import type { Handlers } from './handlers.js';
import { dropHeld, dueHeads, holdLonger, insertHeld, newlyHeld, type NewHeld } from './held.js';
import { APART, type Lane, type LaneEvent, type Mode } from './lane.js';
import { keyOf, markSeen } from './seen.js';

export interface BatchResult {
  /** Keys whose events were handled. */
  readonly keys: string[];
  readonly handled: number;
  /** Somewhere in the group an event waits for another one: nudge the keys after the commit. */
  readonly someWait: boolean;
}

/**
 * Handles events, of each lane in their order, in the caller's transaction, which holds their lanes: the part that both transports share
 * (messaging.md §4). It skips what was seen before, drops what is about somebody buried, makes what belongs to a held key wait,
 * and calls the handlers of the rest. The caller moves its position in the same transaction.
 * @throws in mode `together` what a handler threw; in mode `apart` only what is not the events' fault
 */
export async function processBatch(
  tx: EntityManager,
  group: ServiceName,
  events: readonly LaneEvent[],
  handlers: Handlers,
  mode: Mode,
): Promise<BatchResult> {
  const wanted = events.filter((e) => e.problem !== undefined || handlers.consumes(e.type));
  if (!wanted.length) return { keys: [], handled: 0, someWait: false };
  const lock = wanted.some((e) => handlers.buries(e.type)) ? 'alone' : 'shared';
  const [seen] = await Promise.all([
    markSeen(tx, group, wanted, lock, mode),
    mode === 'together' && keepScope(tx, idsOf([wanted[0]!])), // most likely what the first handler needs; the way is paid for
  ]);
  let { buried } = seen;

  const held: NewHeld[] = [];
  const keys: string[] = [];
  let many: LaneEvent[] = [];
  const flush = async () => {
    const events = many;
    many = [];
    if (events.length) await handle(tx, events, handlers, keepScope);
  };
  for (const event of wanted) {
    if (seen.fresh?.delete(event.eventId) === false) continue; // seen before, or twice in this batch
    if (isForgotten(event, buried, handlers)) continue;
    if (isHeld(event, seen.heldKeys) && !handlers.overtakes(event.type)) {
      held.push(newlyHeld(event, false));
      continue;
    }
    if (mode === 'together') {
      if (many[0] && !handlers.goTogether(many[0], event)) await flush();
      many.push(event);
      if (handlers.buries(event.type)) await flush();
    } else {
      const verdict = await attempt(tx, event, handlers);
      if (verdict) {
        held.push(newlyHeld(event, handlers.overtakes(event.type), verdict));
        seen.heldKeys.add(keyOf(event));
        logHeld(group, event, verdict);
        continue;
      }
    }
    keys.push(event.key);
    if (handlers.buries(event.type)) buried = await buriedOf(tx, wanted);
  }
  await flush();
  // Whoever was buried in this batch is not among them: what was held of them is deleted.
  await insertHeld(
    tx,
    group,
    held.filter(({ event }) => !isForgotten(event, buried, handlers)),
  );
  return { keys, handled: keys.length, someWait: seen.someWait };
}

/** Tries the due heads of this lane's held keys, each in a savepoint. The caller holds the lane. */
export async function processHeld(
  tx: EntityManager,
  group: ServiceName,
  lane: Lane,
  handlers: Handlers,
): Promise<BatchResult> {
  const heads = await dueHeads(tx, group, lane, APART);
  const events = heads.map((h) => h.event);
  await lockEngagements(tx, engagementsOf(events), events.some((e) => handlers.buries(e.type)) ? 'alone' : 'shared');
  let buried = await buriedOf(tx, events);
  const keys: string[] = [];
  for (const head of heads) {
    const { event } = head;
    if (!isForgotten(event, buried, handlers)) {
      const verdict = await attempt(tx, event, handlers);
      if (verdict) {
        await holdLonger(tx, group, head, verdict);
        logHeld(group, event, verdict);
        continue;
      }
      keys.push(event.key);
      if (handlers.buries(event.type)) buried = await buriedOf(tx, events);
    }
    await dropHeld(tx, group, event);
  }
  return { keys, handled: heads.length, someWait: keys.length > 0 };
}

/** @returns why it failed; its work is undone then. @throws what is the database's fault: the transaction must run again */
async function attempt(tx: EntityManager, event: LaneEvent, handlers: Handlers): Promise<Verdict | undefined> {
  const undone = partOf(tx);
  await tx.query('SAVEPOINT event');
  try {
    await handle(tx, [event], handlers, setScope);
    // Deferred constraints are asked now: at COMMIT nobody could say whose fault it was. RELEASE fails, too, when the
    // handler swallowed an SQL error.
    await tx.query('SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; RELEASE SAVEPOINT event');
    return undefined;
  } catch (error) {
    const verdict = judge(error);
    if (verdict.what === 'transient') throw error;
    await tx.query('ROLLBACK TO SAVEPOINT event; RELEASE SAVEPOINT event');
    undone();
    return verdict;
  }
}

/** Each call runs in the scope of its own events. @param enter after a savepoint that may have been rolled back only `setScope` */
async function handle(
  tx: EntityManager,
  events: LaneEvent[],
  handlers: Handlers,
  enter: typeof setScope,
): Promise<void> {
  await enter(tx, idsOf(events));
  await handlers.call(tx, events);
}

/** The person, or everybody in the engagement, is to be forgotten; only the saga itself goes on. */
function isForgotten(event: LaneEvent, buried: ReadonlySet<string>, handlers: Handlers): boolean {
  if (handlers.isSaga(event.type)) return false;
  return buried.has(event.leadId ?? '') || buried.has(event.engagementId ?? '');
}

function buriedOf(tx: EntityManager, events: readonly LaneEvent[]): Promise<Set<string>> {
  return buriedAmong(
    tx,
    events.map((e) => e.leadId),
    events.map((e) => e.engagementId),
  );
}

function engagementsOf(events: readonly LaneEvent[]): (string | null)[] {
  return [...new Set(events.map((e) => e.engagementId))];
}

const isHeld = (event: LaneEvent, held: ReadonlySet<string>): boolean => held.size > 0 && held.has(keyOf(event));

const idsOf = (events: readonly LaneEvent[]): string[] => engagementsOf(events).filter((id) => id !== null);

function logHeld(service: ServiceName, { topic, lane, eventId, type }: LaneEvent, verdict: Verdict): void {
  log.warn('event.held', {
    service,
    topic,
    lane,
    eventId,
    type,
    code: verdict.code,
    reason: verdict.what,
  });
}
