import { request } from 'node:http';
import { RetryLater } from '@avtala/contracts';

export interface ClockAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Asks the sandbox. Through node:http rather than fetch, which gives up after five minutes of silence: going through months takes longer.
 * @param base address of the sandbox's control
 * @throws RetryLater when the sandbox is away */
export function askClock(base: string, method: 'GET' | 'PUT', body?: object): Promise<ClockAnswer> {
  return new Promise((resolve, reject) => {
    const away = (cause: unknown) => reject(new RetryLater('test-clock-away', undefined, { cause }));
    const asked = request(
      new URL('/clock', base),
      { method, headers: { 'content-type': 'application/json' } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', away);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 502,
            type: answer.headers['content-type'] ?? 'application/json',
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    asked.on('error', away);
    asked.end(body ? JSON.stringify(body) : undefined);
  });
}
