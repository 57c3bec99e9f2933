import { scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { Injectable } from '@nestjs/common';
import { engagementDates } from '../domain/erasure-dates.js';
import {
  engagementOfLead,
  findEngagementClock,
  leadClock,
  type EngagementClock,
  type LeadClock,
} from '../storage/clocks.js';
import { engagementOrder, leadOrder, type Order } from '../storage/orders.js';
import { Erasures, type OrderView } from './erasures.service.js';

/** By when a person is gone, and why: whichever of the clocks runs out first. */
export interface LeadClockView {
  readonly leadId: string;
  readonly engagementId: string;
  /** B8: told by then, or erased; null when the month does not run. */
  readonly informBy: string | null;
  readonly toldAt: string | null;
  /** Months after the engagement's end in which everything goes (E1). */
  readonly retentionMonths: number | null;
  readonly engagementEndedAt: string | null;
  /** Last day on which anything may exist; null while the engagement runs. */
  readonly eraseBy: string | null;
  /** When erasing begins, so that the slowest recipient is done on that day. */
  readonly erasesFrom: string | null;
  /** The order by which the person is being, or was, erased. Not for bookers: why somebody is gone, they are not told. */
  readonly order: OrderView | null;
}

/** The clocks of one person (B8, E1). Ids and dates: nobody's data is read. */
@Injectable()
export class LeadClocks {
  constructor(
    private readonly db: Db,
    private readonly erasures: Erasures,
  ) {}

  /** Also of a person who is gone, as long as their order is kept. @throws Missing nobody the caller may see */
  async read(caller: Principal, leadId: string): Promise<LeadClockView> {
    const found = await this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const own = await leadOrder(tx, leadId);
      const engagementId = own?.engagementId ?? (await engagementOfLead(tx, leadId));
      if (!engagementId || !caller.engagementIds.includes(engagementId)) throw new Missing('lead');
      return {
        engagementId,
        order: own ?? (await engagementOrder(tx, engagementId)),
        lead: await leadClock(tx, engagementId, leadId),
        engagement: await findEngagementClock(tx, engagementId),
      };
    });
    if (caller.role === 'booker' && found.order) throw new Missing('lead');
    const order = found.order ? await this.erasures.get(caller, found.order.id) : null;
    return { leadId, engagementId: found.engagementId, ...datesOf(found), order };
  }
}

type Dates = Omit<LeadClockView, 'leadId' | 'engagementId' | 'order'>;

function datesOf(found: {
  lead: LeadClock | undefined;
  engagement: EngagementClock | undefined;
  order: Order | undefined;
}): Dates {
  const { lead, engagement } = found;
  const ended = engagement?.endedAt ? Temporal.Instant.fromEpochMilliseconds(engagement.endedAt.getTime()) : null;
  const dates = ended && engagementDates(ended, engagement!.retentionMonths);
  return {
    informBy: lead?.toldAt ? null : (lead?.informBy?.toISOString() ?? null),
    toldAt: lead?.toldAt?.toISOString() ?? null,
    retentionMonths: engagement?.retentionMonths ?? null,
    engagementEndedAt: ended?.toString() ?? null,
    eraseBy: dates?.eraseBy.toString() ?? null,
    erasesFrom: dates?.erasesFrom.toString() ?? null,
  };
}
