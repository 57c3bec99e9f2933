import { ContactsClient } from '@avtala/access';
import type { ContactAnswer } from '@avtala/contracts';
import { Db, scopeOf } from '@avtala/database';
import {
  buildLetter,
  languageOf,
  MailFieldInvalid,
  MailRefused,
  MailSender,
  noticeText,
  type BuiltMessage,
} from '@avtala/mail';
import { Due, LeaseLost, type DueItem } from '@avtala/messaging';
import { Injectable } from '@nestjs/common';
import { SchedulingConfig } from '../config.js';
import { findLink, settleMail, type BookingLink } from '../storage/booking-links.js';
import { findCase, lockCase } from '../storage/lead-cases.js';
import { findMeetingType } from '../storage/meeting-types.js';
import { LinkTokens } from './link-tokens.js';

type Told = Extract<ContactAnswer, { status: 'ok' }>;

/** The mail with a booking link: a service mail that the lead asked for, with nothing but the link and the notice in it. */
@Injectable()
export class LinkMailService {
  constructor(
    private readonly db: Db,
    private readonly due: Due,
    private readonly contacts: ContactsClient,
    private readonly mail: MailSender,
    private readonly tokens: LinkTokens,
    private readonly config: SchedulingConfig,
  ) {}

  /** One due row. Safe to repeat: the same link makes the same bytes. @throws RetryLater the door or the mail server is away */
  async settle(item: DueItem): Promise<void> {
    const found = await this.db.withScope(scopeOf(item.engagementId), async (tx) => {
      const link = await findLink(tx, item.key);
      if (link?.state === 'open' && link.mail === 'due')
        return { link, type: await findMeetingType(tx, link.meetingTypeId), lead: await findCase(tx, link.leadId) };
      await this.due.done(tx, item);
      return undefined;
    });
    if (!found) return;
    const { link, type, lead } = found;
    const answer = (await this.contacts.read([link.leadId], 'invite', item.id)).get(link.leadId);
    if (answer?.status !== 'ok') return this.#end(link, item, 'failed', 'not-allowed');
    if (!answer.contact?.email) return this.#end(link, item, 'failed', 'no-address');
    try {
      await this.mail.send(await this.#letter(link, type?.name ?? 'Möte', lead?.zone ?? 'Europe/Stockholm', answer));
    } catch (error) {
      if (error instanceof MailFieldInvalid) return this.#end(link, item, 'failed', 'no-address');
      if (error instanceof MailRefused) return this.#end(link, item, 'failed', error.code);
      throw error;
    }
    await this.#end(link, item, 'sent');
  }

  #letter(link: BookingLink, title: string, zone: string, { contact, notice }: Told): Promise<BuiltMessage> {
    const language = languageOf(zone);
    const { id: subjectId, engagementId, expiresAt } = link;
    const url = this.tokens.url({ purpose: 'pick', engagementId, subjectId, sequence: 0, expiresAt });
    const until = expiresAt.toZonedDateTimeISO(zone).toPlainDate().toString();
    const { privacyUrl, MAIL_FROM: address, MAIL_FROM_NAME: name } = this.config;
    const body =
      language === 'sv'
        ? ['Hej!', '', 'Här är länken du bad om. Välj en tid som passar, eller tacka nej:', '', url, '', `Länken gäller till och med ${until}.`] // prettier-ignore
        : ['Hello!', '', 'Here is the link you asked for. Pick a time that suits you, or say no:', '', url, '', `The link is good until ${until}.`]; // prettier-ignore
    return buildLetter({
      id: `${link.id}.link`,
      at: link.madeAt,
      from: { name, address },
      to: { name: contact?.name ?? '', address: contact?.email ?? '' },
      subject: `${language === 'sv' ? 'Välj tid' : 'Pick a time'}: ${title}`,
      lines: [...body, '', '-- ', ...(notice ? noticeText(notice, privacyUrl, language).split('\n') : [privacyUrl])],
      html: { language, links: [url, privacyUrl] },
    });
  }

  // What was sent was sent, even when the lease ran out meanwhile.
  async #end(link: BookingLink, item: DueItem, mail: 'sent' | 'failed', code?: string): Promise<void> {
    const settle = (end: boolean) =>
      this.db.withScope(scopeOf(link.engagementId), async (tx) => {
        await lockCase(tx, link.leadId);
        await settleMail(tx, link.id, mail, code ?? null);
        if (end) await this.due.done(tx, item);
      });
    try {
      await settle(true);
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error;
      await settle(false);
    }
  }
}
