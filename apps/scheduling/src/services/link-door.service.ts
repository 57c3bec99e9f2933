import { ContactsClient } from '@avtala/access';
import type { ContactAnswer } from '@avtala/contracts';
import { Db, noEngagement, scopeOf } from '@avtala/database';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { LeadNotBookable } from '../domain/errors.js';
import type { LinkPurpose, LinkScope } from '../domain/link.js';
import { LinkRefused, LinkTooBusy } from '../domain/link-errors.js';
import { findBooking, type Booking } from '../storage/bookings.js';
import { findLink, type BookingLink } from '../storage/booking-links.js';
import { findCase, type LeadCase } from '../storage/lead-cases.js';
import { countUse } from '../storage/link-use.js';
import { findMeetingType, type MeetingType } from '../storage/meeting-types.js';
import { holderOf, LinkTokens, type LinkHolder } from './link-tokens.js';

/** Presses of one network, presses through one link, and times one link's page is shown: in an hour of real time. */
const MOST = { network: 60, link: 30, shown: 600 };

/** A link that was made here, is in time, and whose subject is there. */
export interface OpenedLink {
  readonly scope: LinkScope;
  readonly holder: LinkHolder;
  readonly type: MeetingType;
  readonly lead: LeadCase;
  /** What the link is about; with `pick` the booking it led to, if any. */
  readonly booking: Booking | undefined;
  readonly link: BookingLink | undefined;
}

export type LinkContact = Extract<ContactAnswer, { status: 'ok' }> | { status: 'restricted' };

/** The door of the pages that links in mails lead to. Who was erased, objected or never was is answered alike. */
@Injectable()
export class LinkDoor {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly contacts: ContactsClient,
    private readonly tokens: LinkTokens,
  ) {}

  /** Counts before anything else: what is refused later counts, too. @throws LinkTooBusy */
  async press(token: string, address: string): Promise<void> {
    const buckets = [this.tokens.bucket('network', address), this.tokens.bucket('link', token)];
    const [network, link] = await this.db.withScope(noEngagement, (tx) => countUse(tx, buckets));
    if (network! > MOST.network || link! > MOST.link) throw new LinkTooBusy();
  }

  /** For showing. Signatures are checked first, so that what is made up costs nothing. @throws LinkTooBusy, LinkRefused */
  async show(token: string, purposes: readonly LinkPurpose[]): Promise<LinkScope> {
    const scope = this.tokens.read(token, purposes, this.clock.now());
    const [shown] = await this.db.withScope(noEngagement, (tx) => countUse(tx, [this.tokens.bucket('shown', token)]));
    if (shown! > MOST.shown) throw new LinkTooBusy();
    return scope;
  }

  /** @throws LinkRefused */
  scope(token: string, purposes: readonly LinkPurpose[]): LinkScope {
    return this.tokens.read(token, purposes, this.clock.now());
  }

  /** @throws LinkRefused link-over; link-replaced, link-cancelled for a meeting that changed since */
  async open(scope: LinkScope): Promise<OpenedLink> {
    const found = await this.db.withScope(scopeOf(scope.engagementId), async (tx) => {
      const link = scope.purpose === 'pick' ? await findLink(tx, scope.subjectId) : undefined;
      const bookingId = scope.purpose === 'pick' ? link?.bookingId : scope.subjectId;
      const booking = bookingId ? await findBooking(tx, bookingId) : undefined;
      const of = link ?? booking;
      return {
        link,
        booking,
        type: of && (await findMeetingType(tx, of.meetingTypeId)),
        lead: of && (await findCase(tx, of.leadId)),
      };
    });
    const { link, booking, type, lead } = found;
    if (!type || !lead || lead.objected) throw new LinkRefused('link-over');
    if (scope.purpose !== 'pick') requireCurrent(scope, booking!);
    if (link?.state === 'withdrawn') throw new LinkRefused('link-over');
    return { scope, holder: holderOf(scope), type, lead, booking, link };
  }

  /** What the page says of the person, read right now and kept nowhere. Of somebody who is in dispute nothing is read (F4).
   * @throws LinkRefused link-over; LeadNotBookable restricted, where a time would be given; RetryLater when the door is away */
  async person(opened: OpenedLink): Promise<LinkContact> {
    const { leadId } = opened.lead;
    const answer = (await this.contacts.read([leadId], 'invite', opened.scope.subjectId)).get(leadId);
    if (answer?.status === 'ok') return answer;
    if (answer?.status !== 'restricted') throw new LinkRefused('link-over');
    if (opened.scope.purpose === 'pick' || opened.scope.purpose === 'move') throw new LeadNotBookable('restricted');
    return { status: 'restricted' };
  }
}

function requireCurrent(scope: LinkScope, booking: Booking): void {
  if (booking.sequence !== scope.sequence) {
    throw new LinkRefused(booking.state === 'cancelled' ? 'link-cancelled' : 'link-replaced');
  }
  if (scope.purpose !== 'receipt' && booking.state !== 'booked') throw new LinkRefused('link-over');
}
