import { InviteDelivered, InviteFailed, INVITE_FAILURES } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { MailRefused, MailSender, type BuiltMessage } from '@avtala/mail';
import { Due, LeaseLost, Outbox, type DueItem } from '@avtala/messaging';
import { log } from '@avtala/observability';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { toldAt } from '../domain/undo-window.js';
import { lockBooking, type Booking } from '../storage/bookings.js';
import { settleInvite, type InviteMethod } from '../storage/invites.js';
import { lockCase } from '../storage/lead-cases.js';

export type Failure = (typeof INVITE_FAILURES)[number];

/** The sending itself and its outcome. */
@Injectable()
export class Sending {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly outbox: Outbox,
    private readonly due: Due,
    private readonly mail: MailSender,
  ) {}

  /** @throws RetryLater the server is away: the due row is tried again with the same bytes */
  async send(booking: Booking, method: InviteMethod, message: BuiltMessage, item: DueItem | undefined): Promise<void> {
    try {
      await this.mail.send(message);
    } catch (error) {
      if (!(error instanceof MailRefused)) throw error;
      return this.failed(booking, method, 'refused', item, error.code);
    }
    await this.#settle(booking, item, async (tx) => {
      const { sequence } = booking;
      const isNews = await settleInvite(tx, booking, { sequence, method, state: 'sent' });
      if (isNews && method === 'REQUEST') {
        const { id: bookingId, leadId, engagementId } = booking;
        const deliveredAt = this.clock.now().toString();
        await this.outbox.append(tx, InviteDelivered.of({ bookingId, leadId, engagementId, sequence, deliveredAt }));
      }
    });
  }

  async failed(
    booking: Booking,
    method: InviteMethod,
    reason: Failure,
    item: DueItem | undefined,
    code: string = reason,
  ): Promise<void> {
    log.info('invite.failed', { bookingId: booking.id, leadId: booking.leadId, reason, code });
    await this.#settle(booking, item, async (tx) => {
      const { id: bookingId, leadId, engagementId, sequence } = booking;
      if (!(await settleInvite(tx, booking, { sequence, method, state: 'failed', code }))) return;
      await this.outbox.append(tx, InviteFailed.of({ bookingId, leadId, engagementId, sequence, reason }));
    });
  }

  async over(tx: EntityManager, item: DueItem): Promise<undefined> {
    await this.due.done(tx, item);
    return undefined;
  }

  async wait(tx: EntityManager, item: DueItem, dueAt: Temporal.Instant): Promise<undefined> {
    await this.due.again(tx, item, { dueAt });
    return undefined;
  }

  // What was sent was sent, even when the lease ran out meanwhile: the outcome is then written alone, and whoever has the row finds it.
  async #settle(
    booking: Booking,
    item: DueItem | undefined,
    work: (tx: EntityManager) => Promise<void>,
  ): Promise<void> {
    const settle = (end: boolean) =>
      this.db.withScope(scopeOf(booking.engagementId), async (tx) => {
        await lockCase(tx, booking.leadId);
        const current = await lockBooking(tx, booking.id);
        if (!current) return; // erased meanwhile
        await work(tx);
        if (!end || !item) return;
        if (current.sequence === booking.sequence && current.state === booking.state) await this.due.done(tx, item);
        else await this.due.again(tx, item, { dueAt: toldAt(current.decidedAt) });
      });
    try {
      await settle(true);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      await settle(false);
    }
  }
}
