import { requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { Db } from '@avtala/database';
import { Clock, endOfSwedishDay, startOfSwedishDay, swedishDay } from '@avtala/time';
import { Inject, Injectable } from '@nestjs/common';
import { countDay, type DayCount } from '../domain/my-day.js';
import { outcomesByHour } from '../storage/my-day.js';

export interface MyDayView extends DayCount {
  on: string;
  hours: ({ hour: number } & DayCount)[];
  outcomes: { outcome: string; count: number }[];
}

/** What one did oneself on a day: counts only, of nobody else and about nobody. Outcomes about people who are erased by now are gone with them. */
@Injectable()
export class MyDay {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @param on the Swedish calendar day; today when left out. @throws Missing */
  async of(caller: Principal, engagementId: string | undefined, on: string | undefined): Promise<MyDayView> {
    if (engagementId) requireEngagement(caller, engagementId);
    const day = on ? Temporal.PlainDate.from(on) : swedishDay(this.clock.now());
    const counts = await this.db.withScope(scopeOfCaller(caller), (tx) =>
      outcomesByHour(tx, {
        engagementIds: engagementId ? [engagementId] : caller.engagementIds,
        userId: caller.userId,
        from: startOfSwedishDay(day).toString(),
        until: endOfSwedishDay(day).toString(),
      }),
    );
    const hours = [...new Set(counts.map((c) => c.hour))];
    const kinds = [...new Set(counts.map((c) => c.outcome))].sort();
    const sum = (outcome: string) => counts.reduce((n, c) => n + (c.outcome === outcome ? c.n : 0), 0);
    return {
      on: day.toString(),
      ...countDay(counts),
      hours: hours.map((hour) => ({ hour, ...countDay(counts.filter((c) => c.hour === hour)) })),
      outcomes: kinds.map((outcome) => ({ outcome, count: sum(outcome) })),
    };
  }
}
