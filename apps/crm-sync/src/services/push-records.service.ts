import { CrmRecordSynced, CrmSyncFailed } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { Outbox } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { log } from '@avtala/observability';
import {
  type LinkToSave,
  markGone,
  type PushKey,
  type PushOutcome,
  saveLinks,
  settlePushes,
} from '../storage/pushes.js';
import type { PushRun } from './push-run.js';

export interface Told {
  readonly key: PushKey;
  readonly outcome: PushOutcome;
  /** Where it led; absent when nothing was written. */
  readonly link?: LinkToSave;
  /** The client deleted the record. */
  readonly gone?: boolean;
  /** Nothing new was told: no event. */
  readonly quiet?: boolean;
}

/** Puts on record what is about to be sent, and what came of it. */
@Injectable()
export class PushRecords {
  constructor(
    private readonly db: Db,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Committed before the call: should the answer never come, it is known which record and which values may be ours. */
  async intendLinks(run: PushRun, links: readonly LinkToSave[]): Promise<void> {
    if (links.length === 0) return;
    await this.db.withScope(run.scope, (tx) => saveLinks(tx, links));
  }

  /** Outcomes, links and events in one transaction. */
  async told(run: PushRun, told: readonly Told[]): Promise<void> {
    if (told.length === 0) return;
    await this.db.withScope(run.scope, async (tx) => {
      const at = this.clock.now();
      await saveLinks(
        tx,
        told.flatMap((t) => t.link ?? []),
      );
      await settlePushes(tx, told, at);
      for (const t of told) await this.tell(tx, t, at);
    });
  }

  private async tell(tx: EntityManager, t: Told, at: Temporal.Instant): Promise<void> {
    if (t.gone) await markGone(tx, t.key);
    if (t.quiet) return;
    const { leadId, engagementId, connectionId, object, key } = t.key;
    const fact = { leadId, engagementId, connectionId, object, ...(object === 'meeting' ? { bookingId: key } : {}) };
    if (t.outcome.state === 'confirmed') {
      await this.outbox.append(tx, Object.assign(new CrmRecordSynced(), fact, { syncedAt: at.toString() }));
      return;
    }
    const code = t.outcome.code ?? 'unknown';
    log.warn('crm.refused', { leadId, connectionId, kind: object, code, fields: [...(t.outcome.fields ?? [])] });
    await this.outbox.append(tx, Object.assign(new CrmSyncFailed(), fact, { code }));
  }
}
