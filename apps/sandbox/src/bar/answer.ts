import { randomUUID } from 'node:crypto';
import { simpleParser, type ParsedMail } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer/index.js';

export const PARTICIPATION = { accepted: 'ACCEPTED', declined: 'DECLINED', tentative: 'TENTATIVE' } as const;
export type Participation = keyof typeof PARTICIPATION;

/** A finished answer and whom it goes to. */
export interface Answer {
  to: string;
  subject: string;
  raw: Buffer;
}

/** The message has no invitation that could be accepted or declined. */
export class NoInvitation extends Error {}

const WORDS: Readonly<Record<Participation, string>> = {
  accepted: 'Accepted',
  declined: 'Declined',
  tentative: 'Tentative',
};

/**
 * What the reader of a message would send back, as a mail program would write it: to Reply-To or From, in its thread, and with METHOD:REPLY
 * (RFC 5546 §3.2.3) when the invitation in it is accepted or declined.
 * @param reader address of the mailbox that the message lies in
 * @throws NoInvitation
 */
export async function answerTo(
  original: Buffer,
  reader: string,
  at: Date,
  said: { text?: string; calendar?: Participation },
): Promise<Answer> {
  const mail = await simpleParser(original);
  const to = (mail.replyTo ?? mail.from)?.value[0]?.address ?? '';
  const name = namesOf(mail).get(reader) ?? '';
  const about = mail.subject ?? '';
  const subject = said.calendar
    ? `${WORDS[said.calendar]}: ${about}`
    : /^(re|sv):/i.test(about)
      ? about
      : `Re: ${about}`;
  const reply = said.calendar ? replyOf(mail, reader, at, said.calendar) : undefined;
  const references = [mail.references ?? []].flat().concat(mail.messageId ?? []);
  const composer = new MailComposer({
    from: { name, address: reader },
    to,
    subject,
    date: at,
    messageId: `<${randomUUID()}@${reader.slice(reader.lastIndexOf('@') + 1)}>`,
    ...(mail.messageId ? { inReplyTo: mail.messageId, references } : {}),
    text: said.text ?? '',
    ...(reply ? { icalEvent: { method: 'REPLY', content: reply, filename: 'reply.ics' } } : {}),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return { to, subject, raw: await composer.compile().build() };
}

function namesOf(mail: ParsedMail): Map<string, string> {
  const people = [mail.to ?? []].flat().flatMap((list) => list.value);
  return new Map(people.map((p) => [(p.address ?? '').toLowerCase(), p.name]));
}

/** Lines of the invitation that a reply repeats as they came. */
const REPEATED = ['UID', 'SEQUENCE', 'RECURRENCE-ID', 'DTSTART', 'DTEND', 'ORGANIZER'];

function replyOf(mail: ParsedMail, reader: string, at: Date, participation: Participation): string {
  const part = mail.attachments.find((a) => /^(text\/calendar|application\/ics)/.test(a.contentType));
  const lines = (part?.content.toString('utf8') ?? '').replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  if (!lines.some((l) => l.trim() === 'METHOD:REQUEST')) throw new NoInvitation();
  const event = lines.slice(lines.indexOf('BEGIN:VEVENT') + 1, lines.indexOf('END:VEVENT'));
  const kept = event.filter((line) => REPEATED.includes(line.split(/[;:]/, 1)[0]!));
  if (!kept.some((l) => l.startsWith('UID'))) throw new NoInvitation();
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Avtala//Sandbox//EN',
    'METHOD:REPLY',
    'BEGIN:VEVENT',
    ...kept,
    `DTSTAMP:${at.toISOString().replace(/[-:]|\.\d+/g, '')}`,
    `ATTENDEE;PARTSTAT=${PARTICIPATION[participation]}:mailto:${reader}`,
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ]
    .map(folded)
    .join('\r\n');
}

/** RFC 5545 §3.1: at most 75 octets a line, never in the middle of a character. */
function folded(line: string): string {
  let out = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > 75) {
      out += '\r\n ';
      octets = 1;
    }
    out += character;
    octets += size;
  }
  return out;
}
