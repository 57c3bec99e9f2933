import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Journal } from '../journal.js';
import type { Misbehaviours } from '../misbehave.js';
import type { Mailboxes } from './mailboxes.js';

export const MAIL_MISBEHAVIOURS = ['451', '550', 'timeout-after-commit', 'slow'] as const;

const SIZE_LIMIT = 10 * 1024 * 1024;

/** An SMTP server on loopback that accepts everything and says so only when it lies on disk. */
export async function openSink(
  port: number,
  mayMove: boolean,
  boxes: Mailboxes,
  misbehaviours: Misbehaviours,
  journal: Journal,
): Promise<{ port: number; url: string; stop(): Promise<void> }> {
  const receive = new Receiver(boxes, misbehaviours, journal);
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'], disableReverseLookup: true, size: SIZE_LIMIT },
    ...{ logger: false, banner: 'sandbox', hideSize: false },
    onData: (stream, session, done) =>
      void receive.message(stream, session).then(
        () => done(),
        (error: Error) => done(error),
      ),
  });
  server.on('error', () => undefined); // a client that hangs up in the middle is its own affair
  const bound = await listen(server, port, mayMove);
  return {
    port: bound,
    url: `smtp://127.0.0.1:${bound}`,
    stop: () => new Promise((done) => server.close(() => done())),
  };
}

class Receiver {
  constructor(
    private readonly boxes: Mailboxes,
    private readonly misbehaviours: Misbehaviours,
    private readonly journal: Journal,
  ) {}

  async message(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const started = performance.now();
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    const recipients = session.envelope.rcptTo.map((r) => r.address);
    const note = (status: number, verdict: string) =>
      this.journal.add({
        ...{ at: new Date().toISOString(), standIn: 'mail', method: 'DATA', template: 'message', status, verdict },
        ms: Math.round(performance.now() - started),
      });
    if (stream.sizeExceeded) {
      note(552, 'refused');
      throw smtpError(552, 'Message too large');
    }
    const where = recipients.join(' ');
    const refused = this.misbehaviours.take(where, ['451', '550']);
    if (refused) {
      note(Number(refused.kind), refused.kind);
      throw smtpError(Number(refused.kind), refused.kind === '451' ? 'Try again later' : 'No such mailbox');
    }
    const slow = this.misbehaviours.take(where, ['slow']);
    if (slow) await sleep(slow.ms ?? 3_000);
    await this.boxes.deliver(recipients, Buffer.concat(parts));
    const late = this.misbehaviours.take(where, ['timeout-after-commit']);
    note(late ? 0 : 250, late?.kind ?? slow?.kind ?? 'ok');
    // Taken, but the sender never hears of it: the library answers only when this resolves.
    if (late) await sleep(late.ms ?? 60_000, undefined, { ref: false });
    if (late) throw smtpError(421, 'Connection lost');
  }
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

function listen(server: SMTPServer, port: number, mayMove: boolean): Promise<number> {
  return new Promise((done, fail) => {
    const failed = (error: NodeJS.ErrnoException) => {
      if (mayMove && port !== 0 && error.code === 'EADDRINUSE') listen(server, 0, false).then(done, fail);
      else fail(error);
    };
    server.server.once('error', failed);
    server.listen(port, '127.0.0.1', () => {
      server.server.off('error', failed);
      done((server.server.address() as { port: number }).port);
    });
  });
}
