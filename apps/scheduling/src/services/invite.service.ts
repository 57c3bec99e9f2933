import { ContactsClient } from '@avtala/access';
import {
  InviteDelivered,
  InviteFailed,
  INVITE_FAILURES,
  type ContactAnswer,
  type ContactPurpose,
} from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { MailFieldInvalid, MailRefused, MailSender, type BuiltMessage } from '@avtala/mail';
import { Due, LeaseLost, Outbox, type DueItem } from '@avtala/messaging';
import { log } from '@avtala/observability';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { decideInvite } from '../domain/decide-invite.js';
import { toldAt } from '../domain/undo-window.js';
import { findBooking, lockBooking, updateBooking, type Booking } from '../storage/bookings.js';
import { intendInvite, invitesOf, settleInvite, type InviteMethod } from '../storage/invites.js';
import { lockCase } from '../storage/lead-cases.js';
import { InviteComposer } from './invite-composer.js';

type Failure = (typeof INVITE_FAILURES)[number];

/** Brings what the lead was told to what the booking says: REQUEST, a newer REQUEST, CANCEL, or nothing. */
@Injectable()
export class InviteService {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly contacts: ContactsClient,
    private readonly composer: InviteComposer,
    private readonly sending: Sending,
  ) {}

  /** One due row: reads the contact right before, commits the intent, sends, commits the outcome. Safe to repeat and to die anywhere. */
  async settle(item: DueItem): Promise<void> {
    const scope = scopeOf(item.engagementId);
    const step = await this.db.withScope(scope, async (tx) => {
      const booking = await findBooking(tx, item.key);
      if (!booking) return this.sending.over(tx, item);
      const opensAt = toldAt(booking.decidedAt);
      if (Temporal.Instant.compare(this.clock.now(), opensAt) < 0) return this.sending.wait(tx, item, opensAt);
      const method = decideInvite(booking, await invitesOf(tx, booking.id));
      return method ? { booking, method } : this.sending.over(tx, item);
    });
    if (step) await this.tell(step.booking, step.method, 'invite', item);
  }

  /** Sends one message about the booking as it stands.
   * @param purpose `erasure`: inside an order, where alone the address of a buried lead is still given
   * @param item the due row to end with the outcome; none when an order does the cancelling */
  async tell(booking: Booking, method: InviteMethod, purpose: ContactPurpose, item?: DueItem): Promise<void> {
    const answer = (await this.contacts.read([booking.leadId], purpose, item?.id ?? booking.id)).get(booking.leadId);
    const refused = refusal(answer);
    if (refused) return this.sending.failed(booking, method, refused, item);
    try {
      const intent = await this.#intend(booking, method, answer as Told, item);
      if (!intent) return;
      await this.sending.send(intent.booking, method, intent.message, item);
    } catch (error) {
      if (error instanceof MailFieldInvalid) return this.sending.failed(booking, method, 'no-address', item);
      throw error;
    }
  }

  /** Commits which bytes are about to be sent. Other bytes than those tried before under this SEQUENCE (the person's data changed) take a new one.
   * @returns undefined when the booking was changed meanwhile: the message is superseded, and the due row comes again for the newer one */
  async #intend(
    seen: Booking,
    method: InviteMethod,
    answer: Told,
    item: DueItem | undefined,
  ): Promise<{ booking: Booking; message: BuiltMessage } | undefined> {
    const compose = await this.composer.prepare(seen, method, answer);
    const first = await compose(seen);
    return this.db.withScope(scopeOf(seen.engagementId), async (tx) => {
      await lockCase(tx, seen.leadId);
      const current = await lockBooking(tx, seen.id);
      if (!current || current.sequence !== seen.sequence || current.state !== seen.state) {
        if (item) await this.sending.wait(tx, item, current ? toldAt(current.decidedAt) : this.clock.now());
        return undefined;
      }
      const tried = (await invitesOf(tx, seen.id)).find((i) => i.sequence === current.sequence);
      if (!tried?.messageMac) {
        await intendInvite(tx, current, { sequence: current.sequence, method, messageMac: first.mac });
        return { booking: current, message: first.message };
      }
      if (tried.messageMac.equals(first.mac)) return { booking: current, message: first.message };
      const renewed: Booking = { ...current, sequence: current.sequence + 1, decidedAt: this.clock.now() };
      await updateBooking(tx, renewed);
      const again = await compose(renewed);
      await intendInvite(tx, renewed, { sequence: renewed.sequence, method, messageMac: again.mac });
      return { booking: renewed, message: again.message };
    });
  }
}

type Told = Extract<ContactAnswer, { status: 'ok' }>;

function refusal(answer: ContactAnswer | undefined): Failure | undefined {
  if (answer?.status !== 'ok') return 'not-allowed';
  return answer.contact?.email ? undefined : 'no-address';
}

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
      await settleInvite(tx, booking, { sequence, method, state: 'sent' });
      if (method === 'REQUEST') {
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
      await settleInvite(tx, booking, { sequence, method, state: 'failed', code });
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
