import { AuditTrail, requireEngagement, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { Clock } from '@avtala/time';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DEFAULT_SCRIPT, unknownValues, type ScriptStep } from '../domain/call-script.js';
import { ScriptChanged, ScriptValueUnknown } from '../domain/calling-errors.js';
import { addScript, findScript } from '../storage/call-script.js';
import { findEngagement } from '../storage/engagement.js';

export interface ScriptView {
  /** 0: the default, never changed. */
  version: number;
  steps: readonly ScriptStep[];
  changedAt: string | null;
}

/** What bookers say in an engagement. */
@Injectable()
export class CallScripts {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws Missing */
  async read(caller: Principal, engagementId: string): Promise<ScriptView> {
    requireEngagement(caller, engagementId);
    return this.db.withScope(scopeOf(engagementId), (tx) => this.present(tx, engagementId));
  }

  /** Writes the next version; those before it stay. @param version the one that was read. @throws ScriptChanged, ScriptValueUnknown, Missing */
  async write(
    caller: Principal,
    engagementId: string,
    script: { version: number; steps: ScriptStep[] },
  ): Promise<ScriptView> {
    requireEngagement(caller, engagementId);
    const unknown = unknownValues(script.steps);
    if (unknown.length) throw new ScriptValueUnknown(unknown);
    return this.db.withScope(scopeOf(engagementId), async (tx) => {
      await findEngagement(tx, engagementId, 'share'); // its erasure waits, or is seen by the next look
      const before = await this.present(tx, engagementId);
      if (before.version !== script.version) throw new ScriptChanged();
      const at = this.clock.now().toString();
      const next = { version: before.version + 1, steps: script.steps };
      if (!(await addScript(tx, engagementId, next, { userId: caller.userId, at }))) throw new ScriptChanged();
      await this.audit.record(tx, {
        action: 'call-script.changed',
        principal: caller,
        engagementId,
        detail: { version: next.version },
      });
      return { ...next, changedAt: at };
    });
  }

  private async present(tx: EntityManager, engagementId: string): Promise<ScriptView> {
    const engagement = await findEngagement(tx, engagementId);
    if (!engagement || engagement.erasing) throw new Missing('engagement');
    const found = await findScript(tx, engagementId);
    if (!found) return { version: 0, steps: DEFAULT_SCRIPT, changedAt: null };
    return { version: found.version, steps: found.steps, changedAt: found.changedAt.toISOString() };
  }
}
