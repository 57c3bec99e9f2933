import { RetryLater } from '@avtala/contracts';
import { afterEach, describe, expect, it, test } from '@jest/globals';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { MailRefused, MailSender } from './mail-sender.js';

const message = {
  messageId: '<m@agency.example>',
  envelope: { from: 'a@agency.example', to: 'l@lead.example' },
  raw: Buffer.from('Message-ID: <m@agency.example>\r\nSubject: x\r\n\r\nhello\r\n'),
};

let server: Server | undefined;
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

/** A mail server of a few lines; `answers` replaces the answer to a command, null = silence. */
async function smtp(answers: Record<string, string | null> = {}) {
  const seen = { received: [] as string[], inFlight: 0, mostInFlight: 0 };
  const speak = (socket: Socket) => {
    socket.on('error', () => undefined);
    const say = (command: string, text: string) => {
      const answer = command in answers ? answers[command] : text;
      if (answer) socket.write(`${answer}\r\n`);
    };
    let data: string | undefined;
    say('GREETING', '220 hello');
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split(/(?<=\r\n)/)) {
        if (data !== undefined) {
          data += line;
          if (!data.endsWith('\r\n.\r\n')) continue;
          seen.received.push(data.slice(0, -3));
          data = undefined;
          setTimeout(() => {
            seen.inFlight--;
            say('DONE', '250 ok');
          }, 30);
          continue;
        }
        const command = line.slice(0, 4).trim().toUpperCase();
        if (command === 'DATA') {
          data = '';
          seen.mostInFlight = Math.max(seen.mostInFlight, ++seen.inFlight);
        }
        if (command === 'QUIT') socket.end('221 bye\r\n');
        else say(command, command === 'DATA' ? '354 go' : '250 ok');
      }
    });
  };
  server = createServer(speak);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return { seen, url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('MailSender', () => {
  it('sends the bytes it was given, one mail at a time', async () => {
    const { seen, url } = await smtp();
    const sender = new MailSender({ url });
    await Promise.all([sender.send(message), sender.send(message), sender.send(message)]);
    expect(seen.received).toEqual(Array(3).fill(message.raw.toString()));
    expect(seen.mostInFlight).toBe(1);
  });

  test.each([
    ['RCPT', '550 no such user l@lead.example', 'smtp-550', MailRefused],
    ['RCPT', '451 greylisted l@lead.example', 'smtp-451', RetryLater],
    ['DONE', '554 spam from l@lead.example', 'smtp-554', MailRefused],
    ['MAIL', '421 busy', 'smtp-421', RetryLater],
  ])('%s answered "%s" becomes %s, without the words', async (command, answer, code, kind) => {
    const { url } = await smtp({ [command]: answer });
    const failure = await new MailSender({ url }).send(message).catch((e: unknown) => e as Error & { code: string });
    expect(failure).toBeInstanceOf(kind);
    expect((failure as { code: string }).code).toBe(code);
    expect(JSON.stringify(failure) + String(failure) + String((failure as Error).cause)).not.toContain('lead.example');
  });

  it('gives up at the deadline, and the next mail goes through', async () => {
    const { url } = await smtp({ GREETING: null });
    const slow = new MailSender({ url, deadlineMs: 150 });
    await expect(slow.send(message)).rejects.toMatchObject({ code: expect.stringMatching(/^mail-/) });
    await expect(slow.send(message)).rejects.toBeInstanceOf(RetryLater);
  });

  it('a server that is away is tried later', async () => {
    await expect(new MailSender({ url: 'smtp://127.0.0.1:1' }).send(message)).rejects.toMatchObject({
      code: 'mail-unreachable',
    });
  });
});
