import type { Notice } from '@avtala/contracts';
import ical, { ICalAttendeeRole, ICalAttendeeStatus, ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import { htmlOf } from './html-part.js';
import { checkedMailbox, headerSafe, type Mailbox } from './mailbox.js';
import { cancelWords, noticeText, readableTime, requestWords, type Language } from './wording.js';

/** All that an invite or cancellation is made of. The same values give the same bytes (protocols.md §8). */
export interface InviteFacts {
  method: 'REQUEST' | 'CANCEL';
  /** Also the UID of the calendar event, for life. */
  bookingId: string;
  /** iTIP SEQUENCE: up by one with every change of time and with the cancellation (RFC 5546 §2.1.4). */
  sequence: number;
  /** When this sequence was decided, on the business clock: Date and DTSTAMP. */
  decidedAt: Temporal.Instant;
  startsAt: Temporal.Instant;
  endsAt: Temporal.Instant;
  /** The lead's IANA zone: the text names the time in it; the calendar part is in UTC. */
  zone: string;
  language: Language;
  /** The mailbox that we read: From and ORGANIZER. */
  organizer: Mailbox;
  attendee: Mailbox;
  hostName: string;
  title: string;
  location?: string | undefined;
  /** GDPR Art. 14; every REQUEST carries it. */
  notice?: Notice | undefined;
  /** Where the person sees their data and says no (C4, F5). */
  privacyUrl: string;
  /** Where the person moves or cancels the meeting themselves; signed links, good for this SEQUENCE. */
  links?: { move: string; cancel: string } | undefined;
}

/** A finished message: bytes and where they go. */
export interface BuiltMessage {
  messageId: string;
  envelope: { from: string; to: string };
  raw: Buffer;
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** Builds the message of one booking and SEQUENCE. Message-ID, Date, DTSTAMP and MIME boundaries are functions of booking, SEQUENCE and
 * `decidedAt`, so a repeat after a crash is byte-identical and recognisable.
 * @throws MailFieldInvalid a name, title or address that would break out of its line */
export async function buildInvite(facts: InviteFacts): Promise<BuiltMessage> {
  const organizer = checkedMailbox('organizer', facts.organizer);
  const attendee = checkedMailbox('attendee', facts.attendee);
  headerSafe('hostName', facts.hostName);
  headerSafe('title', facts.title);
  if (facts.location) headerSafe('location', facts.location);

  const { subject, lines } = words(facts);
  const notice = facts.notice ? noticeText(facts.notice, facts.privacyUrl, facts.language) : privacyLine(facts);
  const text = [...lines, '', '-- ', notice, ''].join('\n');
  const messageId = `<${facts.bookingId}.${facts.sequence}@${domainOf(organizer.address)}>`;
  const composer = new MailComposer({
    from: { name: organizer.name, address: organizer.address },
    to: { name: attendee.name, address: attendee.address },
    subject,
    text,
    html: htmlOf(text, facts.language, [...Object.values(facts.links ?? {}), facts.privacyUrl]),
    messageId,
    date: new Date(facts.decidedAt.epochMilliseconds),
    baseBoundary: createHash('sha256')
      .update(`${facts.bookingId}.${facts.sequence}.${facts.decidedAt.epochMilliseconds}`)
      .digest('hex')
      .slice(0, 24),
    headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': facts.language },
    icalEvent: { method: facts.method, content: calendarPart(facts, text), filename: 'invite.ics' },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    messageId,
    envelope: { from: organizer.address, to: attendee.address },
    raw: await composer.compile().build(),
  };
}

function words(facts: InviteFacts): { subject: string; lines: string[] } {
  const wording = {
    title: facts.title,
    hostName: facts.hostName,
    time: readableTime(facts.startsAt, facts.endsAt, facts.zone, facts.language),
    location: facts.location,
    moved: facts.sequence > 0,
    links: facts.links,
  };
  return facts.method === 'REQUEST' ? requestWords(wording, facts.language) : cancelWords(wording, facts.language);
}

const privacyLine = (facts: InviteFacts): string =>
  facts.language === 'sv'
    ? `Dina uppgifter och val: ${facts.privacyUrl}`
    : `Your data and choices: ${facts.privacyUrl}`;

// METHOD stands in the MIME type and in the body: Outlook refuses a mismatch.
function calendarPart(facts: InviteFacts, description: string): string {
  const cancelled = facts.method === 'CANCEL';
  const calendar = ical({
    method: cancelled ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.REQUEST,
    prodId: { company: 'Avtala', product: 'scheduling', language: facts.language.toUpperCase() },
  });
  calendar.createEvent({
    id: facts.bookingId,
    sequence: facts.sequence,
    stamp: new Date(facts.decidedAt.epochMilliseconds),
    start: new Date(facts.startsAt.epochMilliseconds),
    end: new Date(facts.endsAt.epochMilliseconds),
    summary: facts.title,
    description,
    location: facts.location ?? null,
    url: cancelled ? null : (facts.links?.move ?? null),
    status: cancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    organizer: { name: facts.hostName, email: facts.organizer.address },
    attendees: [
      {
        name: facts.attendee.name,
        email: facts.attendee.address,
        rsvp: !cancelled,
        role: ICalAttendeeRole.REQ,
        status: ICalAttendeeStatus.NEEDSACTION,
      },
    ],
  });
  return calendar.toString();
}

/** Where Swedish is an official language, in Finland by its constitution (§ 17). */
const SWEDISH = ['Europe/Stockholm', 'Europe/Helsinki', 'Europe/Mariehamn'];

/** Which language a message to this zone is written in. */
export function languageOf(zone: string): Language {
  return SWEDISH.includes(zone) ? 'sv' : 'en';
}
