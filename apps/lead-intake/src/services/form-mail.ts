import { RetryLater } from '@avtala/contracts';
import { buildLetter, MailSender } from '@avtala/mail';
import { Inject, Injectable } from '@nestjs/common';
import { LeadIntakeConfig } from '../config.js';

export interface FormLetter {
  /** Of what it is about, for the Message-ID. */
  id: string;
  at: Temporal.Instant;
  /** The address alone: names are what a visitor typed, and stand in no header. */
  to: string;
  subject: string;
  lines: readonly string[];
}

/** Mail to who filled in a web form. Safe to repeat: the same letter has the same bytes. */
@Injectable()
export class FormMail {
  private sender: MailSender | undefined;

  constructor(@Inject(LeadIntakeConfig) private readonly config: LeadIntakeConfig) {}

  /** @throws RetryLater no server configured, away or slow; MailRefused, MailFieldInvalid for good */
  async send({ to, ...letter }: FormLetter): Promise<void> {
    const { SMTP_URL: url, MAIL_FROM: address, MAIL_FROM_NAME: name } = this.config;
    if (!url) throw new RetryLater('mail-not-configured');
    this.sender ??= new MailSender({ url });
    await this.sender.send(await buildLetter({ ...letter, from: { name, address }, to: { name: '', address: to } }));
  }

  link(path: string): string {
    return new URL(path, this.config.AVTALA_ORIGIN ?? 'http://localhost:7070').href;
  }
}
