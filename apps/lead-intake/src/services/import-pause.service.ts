import { AuditTrail, scopeOfCaller, type Principal } from '@avtala/access';
import { Missing } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { claimKey, settleKey, type IdempotencyClaim } from '@avtala/http';
import { Due } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Inject, Injectable } from '@nestjs/common';
import { ImportConflict } from '../domain/errors.js';
import { findImport } from '../storage/import.js';
import { setImportState } from '../storage/import-state.js';

/** Lets an import rest, and go on where it was. */
@Injectable()
export class ImportPause {
  constructor(
    @Inject(Db) private readonly db: Db,
    @Inject(Due) private readonly due: Due,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  /** What is being committed at this moment still is; the next chunk is not. @throws ImportConflict, Missing */
  async pause(caller: Principal, id: string, claim: IdempotencyClaim): Promise<void> {
    await this.turn(caller, id, claim, 'running', 'paused');
  }

  /** @throws ImportConflict, Missing */
  async resume(caller: Principal, id: string, claim: IdempotencyClaim): Promise<void> {
    await this.turn(caller, id, claim, 'paused', 'running');
  }

  private async turn(
    caller: Principal,
    id: string,
    claim: IdempotencyClaim,
    from: 'running' | 'paused',
    to: 'running' | 'paused',
  ): Promise<void> {
    await this.db.withScope(scopeOfCaller(caller), async (tx) => {
      if (await claimKey(tx, claim)) return;
      const found = await findImport(tx, id, true);
      if (!found) throw new Missing('import');
      if (found.state !== from)
        throw new ImportConflict(from === 'running' ? 'import-not-running' : 'import-not-paused');
      await setImportState(tx, id, to);
      const engagementId = found.engagement_id;
      // Anew: whoever has just seen the pause and is putting the work away must not put this away with it.
      if (to === 'running')
        await this.due.schedule(
          tx,
          { kind: 'import-run', key: id, engagementId, dueAt: this.clock.now() },
          { replace: true },
        );
      await this.audit.record(tx, {
        action: `import.${to === 'paused' ? 'paused' : 'resumed'}`,
        principal: caller,
        engagementId,
        detail: { importId: id },
      });
      await settleKey(tx, claim, { status: 200, resourceId: id, engagementId });
    });
  }
}
