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
      for (const t of told) if (t.gone) await markGone(tx, t.key);
      const news = told.filter((t) => !t.quiet);
      await this.tellSynced(
        tx,
        news.flatMap((t) => (t.outcome.state === 'confirmed' ? [t.key] : [])),
        at,
      );
      for (const t of news) if (t.outcome.state !== 'confirmed') await this.tellFailed(tx, t);
    });
  }

  /** One row of the outbox for a batch: the relay makes an event of each. A chunk knows its events by their lead, so a lead's second goes alone. */
  private async tellSynced(tx: EntityManager, keys: readonly PushKey[], at: Temporal.Instant): Promise<void> {
    const [first] = keys;
    if (!first) return;
    const { engagementId, connectionId, object } = first;
    const common = { engagementId, connectionId, object, syncedAt: at.toString() };
    const byLead = Map.groupBy(keys, (k) => k.leadId);
    await this.outbox.appendChunk(
      tx,
      CrmRecordSynced,
      common,
      [...byLead.values()].map(([k]) => ownFacts(k!)),
    );
    for (const [, ...more] of byLead.values())
      for (const k of more) await this.outbox.append(tx, Object.assign(new CrmRecordSynced(), common, ownFacts(k)));
  }

  private async tellFailed(tx: EntityManager, t: Told): Promise<void> {
    const { engagementId, connectionId, object, leadId } = t.key;
    const code = t.outcome.code ?? 'unknown';
    log.warn('crm.refused', { leadId, connectionId, kind: object, code, fields: [...(t.outcome.fields ?? [])] });
    const facts = { engagementId, connectionId, object, code, ...ownFacts(t.key) };
    await this.outbox.append(tx, Object.assign(new CrmSyncFailed(), facts));
  }
}

const ownFacts = (k: PushKey): { leadId: string; bookingId?: string } => ({
  leadId: k.leadId,
  ...(k.object === 'meeting' ? { bookingId: k.key } : {}),
});
