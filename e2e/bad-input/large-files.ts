import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { changesNothing } from './refused.js';
import { UPLOAD_LIMIT, type System } from './system.js';

/** Uploads beyond the limit. */
export function largeFiles(system: () => System): void {
  describe('files beyond the limit', () => {
    changesNothing(system);
    // Kept open, as browsers and suppliers' clients do: a server may end what asks to be closed as soon as it has answered.
    /** Sends the head of a request, then rows until it is answered or `bytes` are out. @returns the answer and how much was sent by then */
    const upload = (
      bytes: number,
      then: 'end' | 'wait',
      headers: Record<string, string> = {},
      head = 'Namn,E-post,Titel\n',
    ) =>
      new Promise<{ status: number; text: string; sent: number }>((resolve, reject) => {
        const url = new URL(system().url);
        let sent = 0;
        let answered = false;
        const asked = request(
          {
            host: url.hostname,
            port: url.port,
            method: 'POST',
            path: `/api/v1/engagements/${system().own.engagement}/imports`,
            agent: false,
            headers: { connection: 'keep-alive', origin: url.origin, cookie: system().cookie('supervisor'), 'content-type': 'text/csv', 'idempotency-key': randomUUID(), ...headers }, // prettier-ignore
          },
          (response) => {
            answered = true;
            let text = '';
            response.on('data', (chunk: Buffer) => (text += chunk.toString()));
            response.on('end', () => {
              resolve({ status: response.statusCode!, text, sent });
              asked.destroy();
            });
          },
        );
        asked.on('error', (error) => answered || reject(error));
        const row = `Anna Stor,anna.stor@bolag.example,"${'lång '.repeat(10_000)}"\n`;
        const chunk = Buffer.from(row.repeat(20));
        asked.write(head);
        const go = () => {
          while (!answered && sent < bytes) {
            sent += chunk.length;
            if (!asked.write(chunk)) return void asked.once('drain', go);
          }
          if (!answered && then === 'end') asked.end();
        };
        go();
      });
    const memory = async () => {
      const text = await readFile(`/proc/${system().pid}/status`, 'utf8').catch(() => '');
      return Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) * 1024;
    };

    it('one that says so is refused before it is sent', async () => {
      const answer = await upload(1_000_000, 'wait', { 'content-length': '300000000' });
      expect([answer.status, answer.text]).toEqual([413, expect.stringContaining('"file-too-large"')]);
    }, 10_000);

    it('one that does not is cut off at the limit; neither memory nor disk keeps any of it', async () => {
      const [files, rss] = [await system().uploads(), await memory()];
      const answer = await upload(2 * UPLOAD_LIMIT, 'end');
      expect([answer.status, answer.text]).toEqual([413, expect.stringContaining('"file-too-large"')]);
      expect(answer.sent).toBeGreaterThan(UPLOAD_LIMIT);
      expect(answer.text).not.toContain('anna.stor');
      expect((await memory()) - rss).toBeLessThan(150_000_000);
      expect(await system().uploads()).toEqual(files);
    }, 90_000);

    it('one with a broken quote in its first row is answered at once, however much would come', async () => {
      const files = await system().uploads();
      const answer = await upload(3_000_000, 'wait', {}, 'Namn,E-post\n"Anna "Stor" Ek",anna.stor@bolag.example\n');
      expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('"csv-quotes"')]);
      expect(answer.text).not.toMatch(/Stor|anna/);
      expect(await system().uploads()).toEqual(files);
    }, 10_000);
  });
}
