import { ContactsClient } from '@avtala/access';
import { Db, scopeOf } from '@avtala/database';
import { answeredBefore, type IdempotencyClaim } from '@avtala/http';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import type { LinkPurpose } from '../domain/link.js';
import { LinkRefused, WordsRefused } from '../domain/link-errors.js';
import { findBooking } from '../storage/bookings.js';
import { endLink, type BookingLink } from '../storage/booking-links.js';
import { BookingService } from './booking.service.js';
import { ChangeBookingService } from './change-booking.service.js';
import { LinkAnswers } from './link-answers.service.js';
import { LinkDoor, type OpenedLink } from './link-door.service.js';
import { LinkTokens } from './link-tokens.js';
import { PublicViewService } from './public-view.service.js';

/** One press of a page: which link, which page of it, from where. */
export interface Press {
  token: string;
  page: string;
  /** Counted by, and kept nowhere. */
  address: string;
}

/** What leads do themselves, by the rules that bookers have. A second press of the same page is the first one's answer. */
@Injectable()
export class PublicChangeService {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly door: LinkDoor,
    private readonly tokens: LinkTokens,
    private readonly views: PublicViewService,
    private readonly bookings: BookingService,
    private readonly changes: ChangeBookingService,
    private readonly contacts: ContactsClient,
    private readonly answers: LinkAnswers,
  ) {}

  /** @returns the receipt's link
   * @throws LinkRefused, PageRefused, LinkTooBusy, and as booking does */
  async book(press: Press, startsAt: Temporal.Instant): Promise<string> {
    const claim = await this.#claim(press, 'book', { startsAt: startsAt.toString() });
    const before = await this.#before(press, claim, 'pick');
    if (before) return this.#receipt(press, before);
    const { holder, link, lead } = this.#open(await this.#opened(press, 'pick'));
    const wanted = {
      meetingTypeId: link.meetingTypeId,
      leadId: lead.leadId,
      hostId: link.hostId ?? undefined,
      startsAt,
    };
    const id = await this.bookings.book(holder, claim, wanted, async (tx, bookingId) => {
      // Another page of the same link was quicker, or the booker took it back.
      if (!(await endLink(tx, link.id, 'booked', bookingId))) throw new LinkRefused('link-replaced');
    });
    return this.#receipt(press, id);
  }

  /** @throws LinkRefused, PageRefused, BookingChanged, and as moving does */
  async move(press: Press, startsAt: Temporal.Instant): Promise<string> {
    const claim = await this.#claim(press, 'move', { startsAt: startsAt.toString() });
    const before = await this.#before(press, claim, 'move');
    if (before) return this.#receipt(press, before);
    const { holder, scope } = await this.#opened(press, 'move');
    await this.changes.move(holder, claim, scope.subjectId, startsAt, scope.sequence);
    return this.#receipt(press, scope.subjectId);
  }

  /** @param said why, in the person's own words; kept in lead-intake alone
   * @throws WordsRefused: nothing is cancelled then; LinkRefused, PageRefused, BookingChanged, ChangeRefused */
  async cancel(press: Press, said: string | undefined): Promise<string> {
    const claim = await this.#claim(press, 'cancel', { said: said ?? null });
    const before = await this.#before(press, claim, 'cancel');
    if (before) return this.#receipt(press, before);
    const { holder, scope, lead } = await this.#opened(press, 'cancel');
    // The words go first: once the meeting is cancelled nobody would send them again.
    if (said) {
      const refused = await this.contacts.said(lead.leadId, said, this.tokens.idOf(claim), scope.subjectId);
      if (refused !== 'ok') throw new WordsRefused(refused);
    }
    await this.changes.end(holder, claim, scope.subjectId, 'cancel', 'by-lead', scope.sequence);
    return this.#receipt(press, scope.subjectId);
  }

  /** No thanks, no meeting. @throws LinkRefused, PageRefused */
  async decline(press: Press): Promise<void> {
    const claim = await this.#claim(press, 'decline', {});
    if (await this.#before(press, claim, 'pick')) return;
    await this.answers.give(this.#open(await this.#opened(press, 'pick')), claim, 'declined', this.clock.now());
  }

  /** None of the times fits: somebody calls. @throws LinkRefused, PageRefused */
  async wantTime(press: Press): Promise<void> {
    const claim = await this.#claim(press, 'want-time', {});
    if (await this.#before(press, claim, 'pick')) return;
    await this.answers.give(this.#open(await this.#opened(press, 'pick')), claim, 'time-wanted', this.clock.now());
  }

  async #claim(press: Press, act: string, body: object): Promise<IdempotencyClaim> {
    await this.door.press(press.token, press.address);
    return this.tokens.claim(press.token, press.page, act, body);
  }

  /** Asked before whether the link still opens anything: the first press has closed it. @returns what was settled then */
  async #before({ token }: Press, claim: IdempotencyClaim, purpose: LinkPurpose): Promise<string | null> {
    const { engagementId } = this.door.scope(token, [purpose]);
    const before = await this.db.withScope(scopeOf(engagementId), (tx) => answeredBefore(tx, claim));
    return before?.resourceId ?? null;
  }

  #opened({ token }: Press, purpose: LinkPurpose): Promise<OpenedLink> {
    return this.door.open(this.door.scope(token, [purpose]));
  }

  #open(opened: OpenedLink): OpenedLink & { link: BookingLink } {
    const { link } = opened;
    if (link?.state !== 'open') throw new LinkRefused(link?.state === 'booked' ? 'link-replaced' : 'link-over');
    return { ...opened, link };
  }

  async #receipt({ token }: Press, bookingId: string): Promise<string> {
    const { engagementId } = this.door.scope(token, ['pick', 'move', 'cancel']);
    const booking = await this.db.withScope(scopeOf(engagementId), (tx) => findBooking(tx, bookingId));
    if (!booking) throw new LinkRefused('link-over');
    return this.views.receiptOf(booking);
  }
}
