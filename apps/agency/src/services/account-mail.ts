import { Injectable } from '@nestjs/common';
import { RetryLater } from '@avtala/contracts';
import { buildLetter, MailSender } from '@avtala/mail';
import { AgencyConfig } from '../config.js';

export interface AccountLetter {
  /** Of what it is about, for the Message-ID. */
  readonly id: string;
  readonly at: Temporal.Instant;
  readonly to: { readonly name: string; readonly email: string };
  readonly subject: string;
  readonly lines: readonly string[];
}

/** Mail to people with an account here. Safe to repeat: the same letter has the same bytes. */
@Injectable()
export class AccountMail {
  private readonly sender: MailSender | undefined;

  constructor(private readonly config: AgencyConfig) {
    this.sender = config.SMTP_URL ? new MailSender({ url: config.SMTP_URL }) : undefined;
  }

  /** @throws RetryLater no server configured, away or slow; MailRefused for good */
  async send({ to, ...letter }: AccountLetter): Promise<void> {
    if (!this.sender) throw new RetryLater('mail-not-configured');
    const from = { name: this.config.MAIL_FROM_NAME, address: this.config.MAIL_FROM };
    await this.sender.send(await buildLetter({ ...letter, from, to: { name: to.name, address: to.email } }));
  }

  /** @param fragment stays behind `#`, in no server's log */
  link(path: string, fragment = ''): string {
    const url = new URL(path, this.config.AVTALA_ORIGIN ?? 'http://localhost:7070');
    url.hash = fragment;
    return url.href;
  }
}
