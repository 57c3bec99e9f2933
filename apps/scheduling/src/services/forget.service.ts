import {
  ErasureReceipt,
  MeetingCancelled,
  type EngagementErasureOrdered,
  type ErasureCleared,
  type LeadErasureOrdered,
  type ReceiptPhase,
} from '@avtala/contracts';
import { buryEngagement, buryLead, Due, isBuried, NotYet, Outbox } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { freeSlots, lockBooking, updateBooking, type Booking } from '../storage/bookings.js';
import { lockEngagement } from '../storage/engagements.js';
import { keepErasure, lockErasure, updateErasure, type Erasure } from '../storage/erasures.js';
import { releaseKept } from '../storage/kept-slots.js';
import { lockCase } from '../storage/lead-cases.js';
import { meetingFacts } from './telling.js';

export const ERASE_ASK = 'erase-ask';
export const ERASE_ROWS = 'erase-rows';
/** Work of the orders themselves: everything else about the lead is called off. */
const OWN_KINDS = [ERASE_ASK, ERASE_ROWS] as const;

/** What scheduling does inside transactions when it must forget a lead, or everybody in an engagement (protocols.md §1). */
@Injectable()
export class ForgetService {
  constructor(
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly due: Due,
  ) {}

  /** The order: blocked from this commit on. Waits for bookings under way, which it then finds; those that wait for it find the tombstone. */
  async order(tx: EntityManager, e: LeadErasureOrdered | EngagementErasureOrdered): Promise<void> {
    const { orderId, engagementId, orderedAt } = e;
    const leadId = 'leadId' in e ? e.leadId : null;
    if (leadId) {
      await buryLead(tx, { leadId, engagementId, orderId });
      await lockCase(tx, leadId);
    } else {
      await buryEngagement(tx, { engagementId, orderId });
      await lockEngagement(tx, engagementId);
    }
    await releaseKept(tx, leadId ? { leadId } : { engagementId });
    await this.due.cancel(tx, { ...whose({ engagementId, leadId }), except: OWN_KINDS });
    await keepErasure(tx, { orderId, engagementId, leadId, orderedAt });
    await this.due.schedule(tx, { kind: ERASE_ASK, key: orderId, engagementId, dueAt: this.clock.now() });
  }

  /** Everybody has asked, or a day has passed: the rows go. @throws NotYet the order itself is still on its way */
  async cleared(tx: EntityManager, e: ErasureCleared): Promise<void> {
    const erasure = await lockErasure(tx, e.orderId);
    if (!erasure) {
      const done = await isBuried(tx, { engagementId: e.engagementId, ...(e.leadId ? { leadId: e.leadId } : {}) });
      if (!done) throw new NotYet('erasure-order');
      return;
    }
    if (erasure.stage === 'reading-back') return;
    await this.due.cancel(tx, { kind: ERASE_ASK, key: e.orderId });
    await updateErasure(tx, { ...erasure, stage: 'cleared' });
    const { engagementId } = erasure;
    await this.due.schedule(tx, { kind: ERASE_ROWS, key: e.orderId, engagementId, dueAt: this.clock.now() });
  }

  /** Somebody works on the lead, and may be writing into a calendar. */
  async isAtWork(tx: EntityManager, erasure: Erasure): Promise<boolean> {
    return (await this.due.leased(tx, { ...whose(erasure), except: OWN_KINDS })) > 0;
  }

  /** Says `stopped` once nobody works on the lead any more. @returns false while somebody does */
  async stopped(tx: EntityManager, erasure: Erasure): Promise<boolean> {
    if (await this.isAtWork(tx, erasure)) return false;
    await this.receipt(tx, erasure, 'stopped', 'blocked', {});
    await updateErasure(tx, { ...erasure, stage: 'asking' });
    return true;
  }

  /** Cancels one meeting that lies ahead. Silent: the saga tells CRMs, and the address is given for this order alone. */
  async cancelAhead(tx: EntityManager, seen: Booking): Promise<boolean> {
    await lockCase(tx, seen.leadId);
    const b = await lockBooking(tx, seen.id);
    const now = this.clock.now();
    if (b?.state !== 'booked' || Temporal.Instant.compare(b.startsAt, now) <= 0) return false;
    const cancelled: Booking = { ...b, state: 'cancelled', sequence: b.sequence + 1, decidedAt: now };
    await updateBooking(tx, cancelled);
    await freeSlots(tx, [b.id]);
    await this.outbox.append(tx, MeetingCancelled.of({ ...meetingFacts(cancelled), silent: true }));
    return true;
  }

  async receipt(
    tx: EntityManager,
    erasure: Erasure,
    phase: ReceiptPhase,
    action: string,
    counts: Record<string, number>,
    outstanding: string[] = [],
  ): Promise<void> {
    const { orderId, engagementId } = erasure;
    const at = this.clock.now().toString();
    await this.outbox.append(
      tx,
      ErasureReceipt.of({ orderId, engagementId, recipient: 'scheduling', phase, action, counts, outstanding, at }),
    );
  }
}

const whose = (of: { engagementId: string; leadId: string | null }) =>
  of.leadId ? { leadId: of.leadId, engagementId: of.engagementId } : { engagementId: of.engagementId };
