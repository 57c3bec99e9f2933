import { scopeOfCaller, type Principal } from '@avtala/access';
import { Db } from '@avtala/database';
import { Clock } from '@avtala/time';
import { Inject, Injectable } from '@nestjs/common';
import { closesAt, nextOpening } from '../domain/calling-rules.js';
import { DRY_WITHIN_MINUTES, driesAt } from '../domain/dry-list.js';
import { COUNT_UP_TO, countQueue } from '../storage/calling.js';
import { attemptsSince, countComing } from '../storage/desk-state.js';
import { deskOf } from './calling.service.js';

/** How deep one engagement's queue is. */
export interface QueueDepth {
  engagementId: string;
  /** False: outside its calling hours, or not running. */
  open: boolean;
  callableNow: number;
  waiting: number;
  handedOut: number;
  nextCallableAt: string | null;
  /** Attempts in the last hour. */
  perHour: number;
  /** When the list runs dry at that pace, if within two hours. */
  dryAt: string | null;
}

/** What a supervisor's floor shows of the queues: counts, of nobody. */
@Injectable()
export class Floor {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** One line for each engagement of the caller that runs; read from indexes and nobody's key is opened, so it may be asked every other second. */
  async queues(caller: Principal): Promise<QueueDepth[]> {
    if (!caller.engagementIds.length) return [];
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const now = this.clock.now();
      const desk = await deskOf(tx, caller.engagementIds, now);
      const at = { bookerId: caller.userId, now: now.toString(), realNow: new Date() };
      const paces = await attemptsSince(tx, desk.openIds, now.subtract({ hours: 1 }).toString());
      const soon = { now: at.now, until: now.add({ minutes: DRY_WITHIN_MINUTES }).toString(), limit: COUNT_UP_TO };
      const depths: QueueDepth[] = [];
      for (const e of desk.engagements.filter((one) => desk.runningIds.includes(one.id))) {
        const counts = await countQueue(tx, [e.id], at);
        const open = desk.openIds.includes(e.id);
        const opens = open || !counts.callable ? undefined : nextOpening(desk.rules(e.id), now, e.time_zone);
        const soonest = Math.min(opens?.epochMilliseconds ?? Infinity, counts.nextCallableAt?.getTime() ?? Infinity);
        const perHour = paces.get(e.id) ?? 0;
        const list = { callable: counts.callable, perHour, coming: open ? await countComing(tx, e.id, soon) : 0 };
        const dryAt = open ? driesAt(list, now, closesAt(desk.rules(e.id), now, e.time_zone)) : null;
        depths.push({
          engagementId: e.id,
          open,
          callableNow: open ? counts.callable : 0,
          waiting: counts.waiting + (open ? 0 : counts.callable),
          handedOut: counts.handedOut,
          nextCallableAt: Number.isFinite(soonest) ? new Date(soonest).toISOString() : null,
          perHour,
          dryAt: dryAt?.toString() ?? null,
        });
      }
      return depths;
    });
  }
}
