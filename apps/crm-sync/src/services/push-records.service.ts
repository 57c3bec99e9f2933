import { CrmRecordSynced, CrmSyncFailed } from '@avtala/contracts';
import { Db } from '@avtala/database';
import { Outbox } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Link, Provenance } from '../domain/records.js';
import { log } from '@avtala/observability';
import { markGone, type PushKey, type PushOutcome, saveLink, settlePush } from '../storage/pushes.js';
import type { PushRun } from './push-run.js';

export interface LinkToSave {
  readonly key: PushKey;
  readonly vendorId: string | null;
  readonly provenance: Provenance;
  readonly merged: boolean;
  readonly marks: Link['marks'];
}

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
    await this.db.withScope(run.scope, async (tx) => {
      for (const link of links) await saveLink(tx, link.key, link);
    });
  }

  /** Outcomes, links and events in one transaction. */
  async told(run: PushRun, told: readonly Told[]): Promise<void> {
    if (told.length === 0) return;
    await this.db.withScope(run.scope, async (tx) => {
      for (const t of told) await this.one(tx, t);
    });
  }

  private async one(tx: EntityManager, t: Told): Promise<void> {
    const at = this.clock.now();
    if (t.link) await saveLink(tx, t.key, t.link);
    if (t.gone) await markGone(tx, t.key);
    await settlePush(tx, t.key, t.outcome, at);
    if (t.quiet) return;
    const { leadId, engagementId, connectionId, object, key } = t.key;
    const fact = { leadId, engagementId, connectionId, object, ...(object === 'meeting' ? { bookingId: key } : {}) };
    if (t.outcome.state === 'done') {
      await this.outbox.append(tx, Object.assign(new CrmRecordSynced(), fact, { syncedAt: at.toString() }));
      return;
    }
    const code = t.outcome.code ?? 'unknown';
    log.warn('crm.refused', { leadId, connectionId, kind: object, code, fields: [...(t.outcome.fields ?? [])] });
    await this.outbox.append(tx, Object.assign(new CrmSyncFailed(), fact, { code }));
  }
}
