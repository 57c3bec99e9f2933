import type {
  InviteDelivered,
  LeadChanged,
  LeadContacted,
  LeadObjected,
  LeadReleased,
  LeadRestricted,
  MeetingBooked,
  MeetingCancelled,
} from '@avtala/contracts';
import { Due } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { MeetingState } from '../domain/meeting.js';
import { OPT_OUT, PUSH, pushKey } from '../domain/work.js';
import { wordsOf } from '../domain/words.js';
import { connectionsOf } from '../storage/connections.js';
import { applyNo, countNews, lockCase, noteChange, noteContact, saveMeeting } from '../storage/leads.js';
import { blockOpen, queueBehind } from '../storage/pushes.js';

/** Every CRM is told ten seconds after a decision (the undo window). */
const UNDO_SECONDS = 10;

/** What events mean for what a CRM should hear; always in the event's own transaction. */
@Injectable()
export class LeadNews {
  constructor(
    private readonly due: Due,
    private readonly clock: Clock,
  ) {}

  async contacted(tx: EntityManager, e: LeadContacted): Promise<void> {
    const interested = e.outcome === 'interested';
    if (!interested && !e.informed) return; // nothing a CRM would hear of
    await lockCase(tx, e.engagementId, e.leadId);
    await noteContact(tx, e.engagementId, e.leadId, { informed: e.informed, interested });
    await this.push(tx, e.engagementId, e.leadId, this.clock.now());
  }

  /** The invite carried the notice of Art. 14: what waited for it may leave now (B8). */
  async informed(tx: EntityManager, e: InviteDelivered): Promise<void> {
    await lockCase(tx, e.engagementId, e.leadId);
    await noteContact(tx, e.engagementId, e.leadId, { informed: true, interested: false });
    await this.push(tx, e.engagementId, e.leadId, this.clock.now());
  }

  /** Rectification reaches the CRM too (F2, E6). */
  async changed(tx: EntityManager, e: LeadChanged): Promise<void> {
    if (await noteChange(tx, e.engagementId, e.leadId)) await this.push(tx, e.engagementId, e.leadId, this.clock.now());
  }

  async meeting(tx: EntityManager, e: MeetingBooked | MeetingCancelled, state: MeetingState): Promise<void> {
    if ('silent' in e && e.silent) return; // part of an erasure, which settles with the CRM itself
    await lockCase(tx, e.engagementId, e.leadId);
    const tellAt = Temporal.Instant.from(e.decidedAt).add({ seconds: UNDO_SECONDS });
    await saveMeeting(tx, { ...e, state, tellAt });
    await this.push(tx, e.engagementId, e.leadId, tellAt);
  }

  async no(tx: EntityManager, e: LeadObjected | LeadRestricted, barred: 'objected' | 'restricted'): Promise<void> {
    await lockCase(tx, e.engagementId, e.leadId);
    if (!(await applyNo(tx, e.engagementId, e.leadId, { barred, leadVersion: e.leadVersion }))) return;
    await countNews(tx, e.engagementId, e.leadId);
    await this.due.cancel(tx, { kind: PUSH, engagementId: e.engagementId, leadId: e.leadId });
    await blockOpen(tx, { engagementId: e.engagementId, leadId: e.leadId, cause: barred }, this.clock.now());
    if (barred === 'objected') await this.optOut(tx, e.engagementId, e.leadId);
  }

  private async optOut(tx: EntityManager, engagementId: string, leadId: string): Promise<void> {
    for (const { id, kind } of await connectionsOf(tx, engagementId)) {
      if (!wordsOf(kind).optsOut) continue;
      const dueAt = this.clock.now();
      const key = pushKey(id, leadId);
      await this.due.schedule(tx, { kind: OPT_OUT, key, engagementId, leadId, dueAt, payload: { connectionId: id } });
    }
  }

  async released(tx: EntityManager, e: LeadReleased): Promise<void> {
    await lockCase(tx, e.engagementId, e.leadId);
    if (await applyNo(tx, e.engagementId, e.leadId, { barred: null, leadVersion: e.leadVersion }))
      await this.push(tx, e.engagementId, e.leadId, this.clock.now());
  }

  /** One row of due work per connection and lead: its lease is what keeps two pushes of a lead from running at once. The caller has locked the
   * lead's row; a push under way sees the news when it ends, and goes again. */
  private async push(tx: EntityManager, engagementId: string, leadId: string, dueAt: Temporal.Instant): Promise<void> {
    await countNews(tx, engagementId, leadId);
    for (const connection of await connectionsOf(tx, engagementId)) {
      const broken = connection.state === 'broken' ? 'reconnect-needed' : null;
      await queueBehind(tx, { connectionId: connection.id, engagementId, leadId }, this.clock.now(), broken);
      // Tells everybody when it is connected again. One that is connecting may have looked for whom to tell before this is committed.
      if (connection.state === 'broken') continue;
      await this.due.schedule(tx, {
        kind: PUSH,
        key: pushKey(connection.id, leadId),
        engagementId,
        leadId,
        dueAt,
        payload: { connectionId: connection.id },
      });
    }
  }
}
