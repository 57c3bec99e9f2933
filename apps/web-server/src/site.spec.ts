import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { openSite } from './site.js';

const PAGE =
  '<!doctype html><html lang="sv"><head><title>Avtala</title><link rel="icon" href="/favicon.svg" /></head></html>';
const SCRIPT = 'console.log("hej");'.repeat(100);

describe('the console’s files', () => {
  let dir: string;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'avtala-site-'));
    await mkdir(join(dir, 'assets'));
    await mkdir(join(dir, '.vite'));
    await writeFile(join(dir, 'index.html'), PAGE);
    await writeFile(join(dir, 'assets', 'frame-abc.js'), SCRIPT);
    await writeFile(join(dir, '.vite', 'manifest.json'), '{}');
    const app = express();
    app.get('/api/v1/known', (_request, response) => void response.json({ known: true }));
    app.use(await openSite(dir, { sandbox: true }));
    app.use(
      (_request: express.Request, response: express.Response) => void response.status(404).json({ code: 'not-found' }),
    );
    server = app.listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await rm(dir, { recursive: true, force: true });
  });
  const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  it('every address of its own is the page, asked for anew each time and told by its tag', async () => {
    for (const path of ['/', '/leads', '/leads/01J2?tab=rights', '/privacy-centre/erasures/1', '/index.html']) {
      const first = await raw(path, HTML);
      expect([path, first.status, first.headers]).toEqual([
        path,
        200,
        expect.objectContaining({ 'cache-control': 'no-cache' }),
      ]);
      const again = await raw(path, { ...HTML, 'if-none-match': first.headers['etag']! });
      expect([again.status, again.body.toString()]).toEqual([304, '']);
    }
    expect((await raw('/', { accept: '*/*' })).status).toBe(200); // whoever tries the address with curl, too
  });

  it('files with a hash in their names are kept for a year, and packed', async () => {
    const { headers, body } = await raw('/assets/frame-abc.js', { 'accept-encoding': 'br, gzip' });
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'br',
      'content-type': 'text/javascript; charset=utf-8',
      vary: 'accept-encoding',
      'content-length': String(body.length),
    });
    expect(brotliDecompressSync(body).toString()).toBe(SCRIPT);
    expect((await raw('/assets/frame-abc.js', {})).body.toString()).toBe(SCRIPT);
  });

  it('nothing inline runs, nothing foreign is loaded, nobody frames it', async () => {
    const policy = (await fetch(url, { headers: HTML })).headers.get('content-security-policy')!;
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|data:|https?:|\*/);
  });

  it.each([
    ['/api/v1/unknown', HTML],
    ['/health/nothing', HTML],
    ['/metrics', HTML],
    ['/f/unknown-form', HTML],
    ['/assets/gone-abc.js', HTML],
    ['/.vite/manifest.json', HTML],
    ['/leads.json', HTML],
    ['/leads', { accept: 'application/json' }],
    ['/leads', {}],
  ])('%s %p is no page: what does not exist stays a problem', async (path, headers) => {
    const answer = await fetch(`${url}${path}`, { headers: headers as Record<string, string> });
    expect([answer.status, await answer.json()]).toEqual([404, { code: 'not-found' }]);
  });

  it('only reading is answered', async () => {
    expect((await fetch(`${url}/leads`, { method: 'POST', headers: HTML })).status).toBe(404);
    const head = await fetch(`${url}/leads`, { method: 'HEAD', headers: HTML });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('a sandbox cannot be taken for the real thing, not even before a script has run', async () => {
    const page = await (await fetch(url, { headers: HTML })).text();
    expect(page).toContain('data-sandbox');
    expect(page).toContain('/favicon-sandbox.svg');
    expect(page).toContain('<title>[Sandlåda] Avtala');
  });

  it('what was not built is said, with the command', async () => {
    await expect(openSite(join(dir, 'nowhere'))).rejects.toThrow('The console is not built: npm run build');
  });

  /** fetch unpacks by itself, and with a tag asks past every cache. */
  const raw = (path: string, headers: Record<string, string>) =>
    new Promise<{ status: number | undefined; headers: IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
      get(`${url}${path}`, { headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }),
        );
      }).on('error', reject);
    });
});
