import { Injectable } from '@nestjs/common';
import { AppError } from '@avtala/contracts';
import { MailRefused } from '@avtala/mail';
import { log } from '@avtala/observability';
import { AccountMail } from './account-mail.js';

/** Tells somebody that their account will go (E2). */
@Injectable()
export class IdleReminder {
  constructor(private readonly mail: AccountMail) {}

  /** Who cannot be reached is not kept for it: a refusal for good, or no mail server at all, ends here; one that is away is tried again.
   * @throws RetryLater */
  async send(userId: string, to: { name: string; email: string }, deleteAt: Temporal.Instant): Promise<void> {
    const date = deleteAt.toZonedDateTimeISO('Europe/Stockholm').toPlainDate().toString();
    try {
      await this.mail.send({
        id: `idle.${userId}.${date}`,
        at: deleteAt,
        to,
        subject: 'Ditt konto tas bort / Your account will be deleted',
        lines: [
          `Hej ${to.name},`,
          '',
          `du har inte använt ditt konto på 23 månader. Det tas bort den ${date}. Vill du behålla det, logga in:`,
          this.mail.link('/sign-in'),
          '',
          `You have not used your account for 23 months. It will be deleted on ${date}. To keep it, sign in.`,
        ],
      });
    } catch (error) {
      const unreachable =
        error instanceof MailRefused || (error instanceof AppError && error.code === 'mail-not-configured');
      if (!unreachable) throw error;
      log.warn('account.not-reminded', { code: error.code });
    }
  }
}
