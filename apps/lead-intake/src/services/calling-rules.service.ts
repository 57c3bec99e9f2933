import { AuditTrail, requireEngagement, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Clock } from '@avtala/time';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { RulesChanged, RulesRefused } from '../domain/calling-errors.js';
import type { CallingRules } from '../domain/calling-rules.js';
import { rulesOf, writeRules, type StoredRules } from '../storage/calling-rules.js';
import { findEngagement } from '../storage/engagement.js';

/** How often and when an engagement's leads are called. */
@Injectable()
export class CallingRulesOf {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws Missing */
  async read(caller: Principal, engagementId: string): Promise<StoredRules> {
    requireEngagement(caller, engagementId);
    return this.db.withScope(scopeOf(engagementId), (tx) => this.present(tx, engagementId));
  }

  /** @param version the one that was read; another one by now is refused. @throws RulesChanged, RulesRefused, Missing */
  async write(caller: Principal, engagementId: string, rules: CallingRules, version?: number): Promise<StoredRules> {
    requireEngagement(caller, engagementId);
    if (rules.untilMinute <= rules.fromMinute) throw new RulesRefused();
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      await findEngagement(tx, engagementId, 'share'); // its erasure waits, or is seen by the next look
      const before = await this.present(tx, engagementId);
      const after = await writeRules(tx, engagementId, rules, {
        userId: caller.userId,
        at: this.clock.now().toString(),
      });
      // Counted by the row: who wrote meanwhile has made it another number.
      if (version != null && after !== version + 1) throw new RulesChanged();
      const changed = (Object.keys(rules) as (keyof CallingRules)[]).filter(
        (k) => JSON.stringify(rules[k]) !== JSON.stringify(before[k]),
      );
      await this.audit.record(tx, {
        action: 'calling-rules.changed',
        principal: caller,
        engagementId,
        fields: changed,
        detail: { version: after },
      });
      return { ...rules, version: after };
    });
  }

  private async present(tx: EntityManager, engagementId: string): Promise<StoredRules> {
    const engagement = await findEngagement(tx, engagementId);
    if (!engagement || engagement.erasing) throw new Missing('engagement');
    return (await rulesOf(tx, [engagementId]))(engagementId);
  }
}
