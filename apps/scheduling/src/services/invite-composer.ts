import type { ContactAnswer } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import { buildInvite, languageOf, type BuiltMessage } from '@avtala/mail';
import { linkKey, Vault } from '@avtala/vault';
import { Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { SchedulingConfig } from '../config.js';
import type { Booking } from '../storage/bookings.js';
import { findHosts } from '../storage/hosts.js';
import type { InviteMethod } from '../storage/invites.js';
import { findMeetingType } from '../storage/meeting-types.js';
import { LinkTokens } from './link-tokens.js';
import { SetupService } from './setup.service.js';

type Told = Extract<ContactAnswer, { status: 'ok' }>;

export interface Composed {
  message: BuiltMessage;
  /** Keyed hash of its bytes. */
  mac: Buffer;
}

/** Makes messages out of a booking, its host and what the door just said of the lead. Nothing of it is kept but a keyed hash of the bytes. */
@Injectable()
export class InviteComposer {
  constructor(
    private readonly db: Db,
    private readonly vault: Vault,
    private readonly setup: SetupService,
    private readonly config: SchedulingConfig,
    private readonly links: LinkTokens,
  ) {}

  /** Reads what messages about a booking need beside its times; what it returns makes them, and opens no transaction. */
  async prepare(b: Booking, method: InviteMethod, told: Told): Promise<(b: Booking) => Promise<Composed>> {
    const { type, host } = await this.db.withScope(scopeOf(b.engagementId), async (tx) => ({
      type: await findMeetingType(tx, b.meetingTypeId),
      host: (await findHosts(tx, [b.hostId]))[0],
    }));
    const person = host && (await this.setup.openHost(host));
    const key = (await this.vault.open('host', [b.hostId], 'invite')).get(b.hostId);
    return async (now) => {
      const message = await buildInvite({
        method,
        bookingId: now.id,
        sequence: now.sequence,
        decidedAt: now.decidedAt,
        startsAt: now.startsAt,
        endsAt: now.endsAt,
        zone: now.timeZone,
        language: languageOf(now.timeZone),
        organizer: { name: this.config.MAIL_FROM_NAME, address: this.config.MAIL_FROM },
        attendee: { name: told.contact?.name ?? '', address: told.contact?.email ?? '' },
        hostName: person?.name ?? this.config.MAIL_FROM_NAME,
        title: type?.name ?? 'Möte',
        location: type?.location ?? undefined,
        notice: method === 'REQUEST' ? told.notice : undefined,
        privacyUrl: this.config.privacyUrl,
        links: method === 'REQUEST' ? this.#links(now) : undefined,
      });
      // Keyed by the host's key: an address is guessable, and a plain hash of it would say whom we wrote to.
      const hmac = createHmac('sha256', key ? linkKey(key) : now.id);
      return { message, mac: hmac.update('invite\0').update(message.raw).digest() };
    };
  }

  // Each is good until it could not be used any more.
  #links(b: Booking): { move: string; cancel: string } {
    const of = { engagementId: b.engagementId, subjectId: b.id, sequence: b.sequence };
    return {
      move: this.links.url({ ...of, purpose: 'move', expiresAt: b.startsAt }),
      cancel: this.links.url({ ...of, purpose: 'cancel', expiresAt: b.endsAt }),
    };
  }
}
