import { requireEngagement, scopeOfCaller, type Principal } from '@avtala/access';
import { Db, scopeOf } from '@avtala/database';
import { Inject, Injectable } from '@nestjs/common';
import { DESK_HEARD_MS, type BookerStanding, type DeskState, standingsOf } from '../domain/desk-state.js';
import { desksHeard, leadsInHand, leaveDesks, tellDesk } from '../storage/desk-state.js';
import { CLAIM_MS } from './calling.service.js';

/** Where bookers are now, for whoever keeps the floor. Their own desks say it; nothing of it is kept, and nothing is about a lead. */
@Injectable()
export class DeskStates {
  constructor(@Inject(Db) private readonly db: Db) {}

  /** @param state `left`: the desk is closed. @throws Missing */
  async tell(caller: Principal, engagementId: string, state: DeskState | 'left'): Promise<void> {
    requireEngagement(caller, engagementId);
    const { userId } = caller;
    if (state === 'left') return this.db.withScope(scopeOf(engagementId), (tx) => leaveDesks(tx, userId));
    await this.db.withScope(scopeOfCaller(caller), (tx) =>
      tellDesk(tx, { engagementId, userId, state, at: new Date() }),
    );
  }

  /** Bookers who call in the caller's engagements. */
  async list(caller: Principal): Promise<BookerStanding[]> {
    if (!caller.engagementIds.length) return [];
    const realNow = new Date();
    return this.db.withScope(scopeOfCaller(caller), async (tx) => {
      const told = await desksHeard(tx, caller.engagementIds, new Date(realNow.getTime() - DESK_HEARD_MS));
      const inHand = await leadsInHand(tx, caller.engagementIds, realNow, CLAIM_MS);
      return standingsOf(told, inHand, realNow.getTime());
    });
  }
}
