import { AppError, RetryLater } from '@avtala/contracts';
import { createTransport, type Transporter } from 'nodemailer';
import type { BuiltMessage } from './invite.js';

/** The mail server said no for good (5xx). The code is its number; its words echo addresses and are not kept. */
export class MailRefused extends AppError {
  readonly code: string;
  readonly kind = 'unprocessable';
  constructor(status: number | undefined) {
    super('The mail server refused the message', { status });
    this.code = status ? `smtp-${status}` : 'smtp-refused';
  }
}

export interface MailSenderOptions {
  /** `smtp://user:password@host:port` (STARTTLS demanded outside loopback) or `smtps://…`. */
  url: string;
  /** From dialling to the server's last answer; 10,000 by default. */
  deadlineMs?: number;
}

/** Sends finished messages by SMTP, one at a time in this process: after a crash at most one message is in doubt (protocols.md §8). */
export class MailSender {
  readonly #options: Required<MailSenderOptions>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: MailSenderOptions) {
    this.#options = { deadlineMs: 10_000, ...options };
  }

  /** Resolves when the server has accepted the message. Repeating it sends the same bytes again.
   * @throws RetryLater server away, slow, or 4xx; MailRefused 5xx */
  async send(message: BuiltMessage): Promise<void> {
    const turn = this.#last.then(() => this.#sendNow(message));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #sendNow(message: BuiltMessage): Promise<void> {
    const transport = this.#transport();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new RetryLater('mail-timeout')), this.#options.deadlineMs);
    });
    try {
      await Promise.race([transport.sendMail({ envelope: message.envelope, raw: message.raw }), deadline]);
    } catch (error) {
      throw mapped(error);
    } finally {
      clearTimeout(timer);
      transport.close();
    }
  }

  #transport(): Transporter {
    const url = new URL(this.#options.url);
    const secure = url.protocol === 'smtps:';
    const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
    const { deadlineMs } = this.#options;
    return createTransport({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || (secure ? 465 : 587)),
      secure,
      requireTLS: !secure && !loopback,
      ignoreTLS: !secure && loopback,
      ...(url.username
        ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
        : {}),
      connectionTimeout: deadlineMs,
      greetingTimeout: deadlineMs,
      socketTimeout: deadlineMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }
}

// The cause is not kept: nodemailer puts the server's answer, and with it the address, into message and `response`.
function mapped(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { responseCode, code } = error as { responseCode?: number; code?: string };
  if (responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH') return new MailRefused(responseCode);
  if (responseCode !== undefined) return new RetryLater(`smtp-${responseCode}`);
  return new RetryLater(code === 'EAUTH' ? 'mail-auth' : 'mail-unreachable');
}
