import { Db, scopeOf } from '@avtala/database';
import { calendarFile, languageOf, type Language } from '@avtala/mail';
import { Clock } from '@avtala/time';
import { Injectable } from '@nestjs/common';
import { maskedAddress, type LinkPurpose } from '../domain/link.js';
import { blockedBy } from '../domain/free-starts.js';
import { minuteOf } from '../domain/span.js';
import type { Booking } from '../storage/bookings.js';
import { retentionOf } from '../storage/engagements.js';
import { findHosts } from '../storage/hosts.js';
import { keptOf } from '../storage/kept-slots.js';
import { LinkDoor, type OpenedLink } from './link-door.service.js';
import { LinkTokens } from './link-tokens.js';
import { SetupService } from './setup.service.js';
import { SlotsService, type Slots } from './slots.service.js';

/** Beyond the meeting's end, so that its receipt can still be looked at. */
const RECEIPT_DAYS = 30;

/** All that a page behind a link shows. */
export interface PublicView {
  purpose: LinkPurpose;
  state: 'open' | 'booked' | 'cancelled' | 'declined' | 'over';
  title: string;
  lengthMinutes: number;
  location: string | null;
  hostName: string | null;
  startsAt: Temporal.Instant | null;
  endsAt: Temporal.Instant | null;
  language: Language;
  timeZone: string;
  hostTimeZone: string;
  now: Temporal.Instant;
  expiresAt: Temporal.Instant;
  timeWanted: boolean;
  /** Masked. */
  invitationTo: string | null;
  notice: { source: string; ground: string; obtainedAt: string; controller: string } | null;
  retentionMonths: number | null;
  page: string;
  moveToken: string | null;
  cancelToken: string | null;
  receiptToken: string | null;
}

/** What pages behind links show. Reading changes nothing: mail scanners follow links. */
@Injectable()
export class PublicViewService {
  constructor(
    private readonly db: Db,
    private readonly clock: Clock,
    private readonly door: LinkDoor,
    private readonly tokens: LinkTokens,
    private readonly setup: SetupService,
    private readonly slots: SlotsService,
  ) {}

  /** @throws LinkRefused, LinkTooBusy, LeadNotBookable, RetryLater */
  async view(token: string): Promise<PublicView> {
    const opened = await this.door.open(await this.door.show(token, ['pick', 'move', 'cancel', 'receipt']));
    const { scope, type, lead, booking, link } = opened;
    const person = await this.door.person(opened);
    const { host, retentionMonths } = await this.#setting(opened);
    const booked = booking?.state === 'booked' ? booking : undefined;
    const now = this.clock.now();
    return {
      purpose: scope.purpose,
      state: stateOf(opened),
      title: type.name,
      lengthMinutes: type.lengthMinutes,
      location: type.location,
      hostName: (host && (await this.setup.openHost(host))?.name) ?? null,
      startsAt: booking?.startsAt ?? null,
      endsAt: booking?.endsAt ?? null,
      language: languageOf(lead.zone),
      timeZone: booking?.timeZone ?? lead.zone,
      hostTimeZone: host?.zone ?? 'Europe/Stockholm',
      now,
      expiresAt: scope.expiresAt,
      timeWanted: link?.timeWantedAt != null,
      invitationTo: person.status === 'ok' && person.contact?.email ? maskedAddress(person.contact.email) : null,
      notice: (person.status === 'ok' && person.notice) || null,
      retentionMonths,
      page: this.tokens.page(token),
      // All went to the same address in the same mail; each still opens its own door only.
      moveToken: booked && Temporal.Instant.compare(now, booked.startsAt) < 0 ? this.#link('move', booked) : null,
      cancelToken: booked && Temporal.Instant.compare(now, booked.endsAt) < 0 ? this.#link('cancel', booked) : null,
      receiptToken: booking && scope.purpose !== 'receipt' ? this.receiptOf(booking) : null,
    };
  }

  /** Times that could be picked; the booking itself asks again. @throws as view does; RangeInvalid */
  async free(token: string, asked: { from: Temporal.Instant; to: Temporal.Instant; zone: string }): Promise<Slots> {
    const opened = await this.door.open(this.door.scope(token, ['pick', 'move']));
    const { holder, type, booking, link, lead } = opened;
    if (link) {
      const kept = await this.db.withScope(scopeOf(link.engagementId), (tx) => keptOf(tx, lead.leadId));
      return this.slots.free(holder, type.id, asked, { hostId: link.hostId, mine: kept });
    }
    const { hostId, startsAt } = booking!;
    const mine = { hostId, blocked: blockedBy(minuteOf(startsAt), type) };
    const found = await this.slots.free(holder, type.id, asked, { hostId, mine });
    return { ...found, slots: found.slots.filter((s) => !s.startsAt.equals(startsAt)) };
  }

  /** The meeting as an iCalendar file. @throws as view does */
  async file(token: string): Promise<string> {
    const opened = await this.door.open(await this.door.show(token, ['receipt']));
    const { host } = await this.#setting(opened);
    const { booking, type, lead } = opened;
    return calendarFile({
      bookingId: booking!.id,
      sequence: booking!.sequence,
      decidedAt: booking!.decidedAt,
      startsAt: booking!.startsAt,
      endsAt: booking!.endsAt,
      cancelled: booking!.state === 'cancelled',
      title: type.name,
      hostName: host && (await this.setup.openHost(host))?.name,
      location: type.location ?? undefined,
      language: languageOf(lead.zone),
    });
  }

  receiptOf(b: Booking): string {
    const expiresAt = b.endsAt.add({ hours: RECEIPT_DAYS * 24 });
    const { engagementId, sequence } = b;
    return this.tokens.make({ purpose: 'receipt', engagementId, subjectId: b.id, sequence, expiresAt });
  }

  #link(purpose: 'move' | 'cancel', b: Booking): string {
    const expiresAt = purpose === 'move' ? b.startsAt : b.endsAt;
    const { engagementId, sequence } = b;
    return this.tokens.make({ purpose, engagementId, subjectId: b.id, sequence, expiresAt });
  }

  async #setting({ booking, link, type, scope }: OpenedLink) {
    const hostId = booking?.hostId ?? link?.hostId ?? (type.hostIds.length === 1 ? type.hostIds[0] : undefined);
    return this.db.withScope(scopeOf(scope.engagementId), async (tx) => ({
      host: hostId ? (await findHosts(tx, [hostId]))[0] : undefined,
      retentionMonths: await retentionOf(tx, scope.engagementId),
    }));
  }
}

function stateOf({ scope, booking, link }: OpenedLink): PublicView['state'] {
  if (scope.purpose === 'pick' && !booking) return link?.state === 'declined' ? 'declined' : 'open';
  if (scope.purpose === 'pick' || scope.purpose === 'receipt')
    return booking!.state === 'booked' || booking!.state === 'cancelled' ? booking!.state : 'over';
  return 'open';
}
