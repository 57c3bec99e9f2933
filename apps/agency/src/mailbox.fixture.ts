// For tests: a mail server on a real port that keeps what it gets.
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export class TestMailbox {
  readonly received: { to: string; subject: string; text: string; messageId: string }[] = [];
  /** Refuses the next messages for now, as a busy server does. */
  busy = 0;
  private readonly server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData: (stream, _session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => void this.keep(Buffer.concat(parts)).then(() => done(), done));
    },
  });

  /** @returns what SMTP_URL wants */
  async start(): Promise<string> {
    this.server.on('error', () => undefined);
    await new Promise<void>((ready) => this.server.listen(0, '127.0.0.1', ready));
    return `smtp://127.0.0.1:${(this.server.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    return new Promise((done) => this.server.close(() => done()));
  }

  to(address: string) {
    return this.received.filter((mail) => mail.to === address);
  }

  private async keep(raw: Buffer): Promise<void> {
    if (this.busy > 0) {
      this.busy--;
      throw Object.assign(new Error('try later'), { responseCode: 451 });
    }
    const mail = await simpleParser(raw);
    const to = Array.isArray(mail.to) ? mail.to[0] : mail.to;
    this.received.push({
      to: to?.value[0]?.address ?? '',
      subject: mail.subject ?? '',
      text: mail.text ?? '',
      messageId: mail.messageId ?? '',
    });
  }
}
