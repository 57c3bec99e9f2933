import { requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Injectable } from '@nestjs/common';
import { engagementDates, type EngagementDates } from '../domain/erasure-dates.js';
import { findEngagementClock, listEngagementClocks, type EngagementClock } from '../storage/clocks.js';
import { engagementOrder, engagementOrders, type Order } from '../storage/orders.js';

/** The clock of an engagement (A7, E1). Without an end there are no dates yet: they follow from it and X. */
export interface ClockLine extends EngagementClock {
  readonly dates: EngagementDates | undefined;
  readonly order: Order | undefined;
}

/** What the clocks say, to whoever may enter the engagement. */
@Injectable()
export class ClockViews {
  constructor(private readonly db: Db) {}

  async list(caller: Principal): Promise<ClockLine[]> {
    if (!caller.engagementIds.length) return [];
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const clocks = await listEngagementClocks(tx);
      const orders = new Map((await engagementOrders(tx)).map((order) => [order.engagementId, order]));
      return clocks.map((clock) => line(clock, orders.get(clock.engagementId)));
    });
  }

  /** @throws Missing an engagement that is not the caller's, or that has not started */
  async get(caller: Principal, engagementId: string): Promise<ClockLine> {
    requireEngagement(caller, engagementId);
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      const clock = await findEngagementClock(tx, engagementId);
      if (!clock) throw new Missing('engagement');
      return line(clock, await engagementOrder(tx, engagementId));
    });
  }
}

function line(clock: EngagementClock, order: Order | undefined): ClockLine {
  const dates =
    clock.endedAt &&
    engagementDates(Temporal.Instant.fromEpochMilliseconds(clock.endedAt.getTime()), clock.retentionMonths);
  return { ...clock, dates: dates ?? undefined, order };
}
