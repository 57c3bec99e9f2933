import { ContactsClient } from '@avtala/access';
import type { ContactAnswer, ContactPurpose } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { MailFieldInvalid, type BuiltMessage } from '@avtala/mail';
import { isBuried, type DueItem } from '@avtala/messaging';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { decideInvite, isSettled } from '../domain/decide-invite.js';
import { toldAt } from '../domain/undo-window.js';
import { lockBooking, updateBooking, type Booking } from '../storage/bookings.js';
import { intendInvite, invitesOf, type InviteMethod } from '../storage/invites.js';
import { lockCase } from '../storage/lead-cases.js';
import { InviteComposer } from './invite-composer.js';
import { Sending, type Failure } from './sending.js';
import { Telling } from './telling.js';

/** Brings what the lead was told to what the booking says: REQUEST, a newer REQUEST, CANCEL, or nothing. */
@Injectable()
export class InviteService {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly contacts: ContactsClient,
    private readonly composer: InviteComposer,
    private readonly sending: Sending,
    private readonly telling: Telling,
  ) {}

  /** One due row: reads the contact right before, commits the intent, sends, commits the outcome. Safe to repeat and to die anywhere. */
  async settle(item: DueItem): Promise<void> {
    const scope = scopeOf(item.engagementId);
    const step = await this.db.withScope(scope, async (tx) => {
      const booking = await lockBooking(tx, item.key); // a change that commits meanwhile would find this row, which we are about to end
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
      const intent = await this.#intend(booking, method, answer as Told, purpose, item);
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
    purpose: ContactPurpose,
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
      // Sent by a worker that took the row over: once is enough.
      if (tried && isSettled(tried, purpose === 'erasure')) return item && this.sending.over(tx, item);
      if (!tried?.messageMac || tried.messageMac.equals(first.mac)) {
        await intendInvite(tx, current, { sequence: current.sequence, method, messageMac: first.mac });
        return { booking: current, message: first.message };
      }
      const renewed: Booking = { ...current, sequence: current.sequence + 1, decidedAt: this.clock.now() };
      await updateBooking(tx, renewed);
      // The event is to carry the same SEQUENCE, or what its host does to it is no longer noticed. An order empties calendars itself.
      if (item && !(await isBuried(tx, renewed))) await this.telling.calendar(tx, renewed);
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
