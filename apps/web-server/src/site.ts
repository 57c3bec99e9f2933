import { securityHeaders } from '@avtala/http';
import type { Request, RequestHandler, Response } from 'express';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export interface SiteOptions {
  /** Marks the page as a sandbox's: another favicon, another title, a bar that cannot be closed. */
  readonly sandbox?: boolean;
}

interface File {
  readonly type: string;
  readonly cache: string;
  readonly etag: string;
  readonly plain: Buffer;
  /** Made at the first request: most files are never asked for. */
  packed: Partial<Record<Encoding, Promise<Buffer>>>;
}
type Encoding = 'br' | 'gzip';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};
const PACKED = /^(text\/|image\/svg|application\/json)/;

// No inline script and no inline style sheet; styles that scripts set on elements are not inline styles to a browser.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** First parts of paths that are never a page of the console: what no service answers there stays a 404 problem. */
const NO_PAGES = new Set([
  'api',
  'assets',
  'confirm',
  'f',
  'health',
  'internal',
  'metrics',
  'openapi.json',
  'sandbox',
  'webhooks',
]);

/** Everything of the console, held in memory: 1 MB. A newer build does not disturb what this process serves.
 * @param dir as tools/build-web.mjs made it
 * @throws Error when it was not built */
export async function openSite(dir: string, options: SiteOptions = {}): Promise<RequestHandler> {
  const files = await filesOf(dir, options);
  const page = files.get('/index.html');
  if (!page) throw new Error(`The console is not built: npm run build (looked in ${dir})`);
  const headers = securityHeaders();
  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next();
    const file =
      request.path === '/' || request.path === '/index.html'
        ? page
        : (files.get(request.path) ?? (isPage(request) ? page : undefined));
    if (!file) return next();
    headers(request, response, () => {
      response.setHeader('content-security-policy', POLICY);
      send(file, request, response).catch(next);
    });
  };
}

/** A person's browser opening an address, as against a program that wants to be told that nothing is there. */
function isPage(request: Request): boolean {
  const [, first = ''] = request.path.split('/');
  return !NO_PAGES.has(first) && extname(request.path) === '' && /\btext\/html\b/.test(request.headers.accept ?? '');
}

async function send(file: File, request: Request, response: Response): Promise<void> {
  response.setHeader('content-type', file.type);
  response.setHeader('cache-control', file.cache);
  const encoding = PACKED.test(file.type) ? (request.acceptsEncodings('br', 'gzip') as Encoding | false) : false;
  response.setHeader('vary', 'accept-encoding');
  response.setHeader('etag', `"${file.etag}${encoding ? `-${encoding}` : ''}"`);
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  if (encoding) response.setHeader('content-encoding', encoding);
  const body = encoding ? await (file.packed[encoding] ??= pack[encoding](file.plain)) : file.plain;
  response.setHeader('content-length', body.length);
  if (request.method === 'HEAD') response.end();
  else response.end(body);
}

const pack: Readonly<Record<Encoding, (plain: Buffer) => Promise<Buffer>>> = {
  // Quality 9: 11 saves 2 % and takes half a second for the largest file.
  br: (plain) => promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (plain) => promisify(gzip)(plain, { level: 9 }),
};

async function filesOf(dir: string, { sandbox = false }: SiteOptions): Promise<Map<string, File>> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = new Map<string, File>();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || !type) continue;
    const url = `/${relative(dir, path).split(sep).join('/')}`;
    if (url.startsWith('/.')) continue;
    const read = await readFile(path);
    const plain = url === '/index.html' && sandbox ? asSandbox(read) : read;
    files.set(url, {
      type,
      plain,
      etag: createHash('sha256').update(plain).digest('base64url').slice(0, 22),
      // Names of assets carry a hash of their content.
      cache: url.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      packed: {},
    });
  }
  return files;
}

const asSandbox = (page: Buffer): Buffer =>
  Buffer.from(
    page
      .toString('utf8')
      .replace('<html lang="sv">', '<html lang="sv" data-sandbox>')
      .replace('/favicon.svg', '/favicon-sandbox.svg')
      .replace('<title>', '<title>[Sandlåda] '),
  );
