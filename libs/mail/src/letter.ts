import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { BuiltMessage } from './invite.js';
import { htmlOf } from './html-part.js';
import { checkedMailbox, headerSafe, type Mailbox } from './mailbox.js';
import type { Language } from './wording.js';

/** A message that is no invite: to somebody with an account here, or to a lead who asked for it. */
export interface Letter {
  /** Of what it is about: a repeat after a crash has the same bytes and the same Message-ID. */
  readonly id: string;
  /** When it was decided, real time: Date. */
  readonly at: Temporal.Instant;
  readonly from: Mailbox;
  readonly to: Mailbox;
  readonly subject: string;
  readonly lines: readonly string[];
  /** With a part in HTML beside the text, where these addresses are links. */
  readonly html?: { readonly language: Language; readonly links: readonly string[] };
}

/** @throws MailFieldInvalid a name, subject or address that would break out of its line */
export async function buildLetter(letter: Letter): Promise<BuiltMessage> {
  const from = checkedMailbox('from', letter.from);
  const to = checkedMailbox('to', letter.to);
  const text = `${letter.lines.join('\n')}\n`;
  const messageId = `<${letter.id}@${from.address.slice(from.address.lastIndexOf('@') + 1)}>`;
  const composer = new MailComposer({
    from,
    to,
    subject: headerSafe('subject', letter.subject),
    text,
    ...(letter.html ? { html: htmlOf(text, letter.html.language, letter.html.links) } : {}),
    messageId,
    date: new Date(letter.at.epochMilliseconds),
    baseBoundary: createHash('sha256').update(letter.id).digest('hex').slice(0, 24),
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    messageId,
    envelope: { from: from.address, to: to.address },
    raw: await composer.compile().build(),
  };
}
