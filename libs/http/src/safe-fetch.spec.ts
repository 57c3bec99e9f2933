import { RetryLater } from '@avtala/contracts';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { safeFetch, UrlRefused } from './safe-fetch.js';

let server: Server;
let port = 0;
let reached = 0;
let looked = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    reached++;
    if (request.url === '/redirect') response.writeHead(302, { location: 'http://127.0.0.1/' }).end();
    else if (request.url === '/large') response.end(Buffer.alloc(2_000_000));
    else if (request.url === '/slow') setTimeout(() => response.end('late'), 2_000).unref();
    else response.end('hello');
  });
  // Both families, so that IPv6 forms would arrive too if they were dialled.
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const resolvesTo = (address: string) => () => {
  looked++;
  return Promise.resolve([{ address, family: address.includes(':') ? 6 : 4 }]);
};

const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => 'fetched',
    (error: unknown) => (error instanceof UrlRefused ? error.code : String(error)),
  );

describe('safeFetch', () => {
  // The 21 of security.md §6: nine forms of loopback that a guard in the look-up alone let through, six special ranges, six other ways in.
  test.each([
    ['http://127.0.0.1:PORT/', 'url-address'],
    ['http://127.1:PORT/', 'url-address'],
    ['http://0x7f000001:PORT/', 'url-address'],
    ['http://2130706433:PORT/', 'url-address'],
    ['http://0:PORT/', 'url-address'],
    ['http://[::1]:PORT/', 'url-address'],
    ['http://[::ffff:127.0.0.1]:PORT/', 'url-address'],
    ['http://[::ffff:7f00:1]:PORT/', 'url-address'],
    ['http://①②⑦.⓪.⓪.①:PORT/', 'url-address'],
    ['http://169.254.169.254:PORT/', 'url-address'],
    ['http://100.64.0.1:PORT/', 'url-address'],
    ['http://[fd00::1]:PORT/', 'url-address'],
    ['http://[fe80::1]:PORT/', 'url-address'],
    ['http://[64:ff9b::7f00:1]:PORT/', 'url-address'],
    ['http://[::127.0.0.1]:PORT/', 'url-address'],
    ['http://10.0.0.1:PORT/', 'url-address'],
    ['http://inside.client.example:PORT/', 'url-address'], // resolves to loopback
    ['http://user:pw@crm.client.example:PORT/', 'url-credentials'],
    ['http://crm.client.example:22/', 'url-port'],
    ['file:///etc/passwd', 'url-scheme'],
    ['not a url', 'url-malformed'],
  ])('refuses %s: %s, and dials nothing', async (template, code) => {
    reached = 0;
    const url = template.replace('PORT', String(port));
    const operator = { allowHttp: true, ports: [port], lookup: resolvesTo('127.0.0.1') };
    expect(await problemOf(safeFetch(url, { operator }))).toBe(code);
    expect(reached).toBe(0);
  });

  it('is https on 443 only unless the operator says otherwise', async () => {
    const operator = { lookup: resolvesTo('127.0.0.1') };
    expect(await problemOf(safeFetch('http://crm.client.example/', { operator }))).toBe('url-scheme');
    expect(await problemOf(safeFetch('https://crm.client.example:8443/', { operator }))).toBe('url-port');
  });

  it('refuses a host of which one address is private', async () => {
    const lookup = () =>
      Promise.resolve([
        { address: '8.8.8.8', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    expect(await problemOf(safeFetch('https://two.client.example/', { operator: { lookup } }))).toBe('url-address');
  });

  const open = () => ({ allowHttp: true, ports: [port], privateHosts: [`crm.client.example:${port}`] });

  it('dials the answer it checked, and asks once: a name that changes in between rebinds nothing', async () => {
    looked = 0;
    const operator = { ...open(), lookup: resolvesTo('127.0.0.1') };
    const answer = await safeFetch(`http://crm.client.example:${port}/`, { operator });
    expect(answer.body.toString()).toBe('hello');
    expect(looked).toBe(1);
  });

  test.each([
    ['/redirect', 'url-redirect'],
    ['/large', 'url-too-large'],
  ])('refuses an answer that is %s', async (path, code) => {
    const operator = { ...open(), lookup: resolvesTo('127.0.0.1') };
    expect(await problemOf(safeFetch(`http://crm.client.example:${port}${path}`, { operator }))).toBe(code);
  });

  it('hands a redirect back to a caller that asks for it, and follows nothing', async () => {
    const operator = { ...open(), lookup: resolvesTo('127.0.0.1') };
    const answer = await safeFetch(`http://crm.client.example:${port}/redirect`, { operator, redirect: 'return' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'http://127.0.0.1/']);
  });

  it('gives up at the deadline', async () => {
    const operator = { ...open(), lookup: resolvesTo('127.0.0.1') };
    const slow = safeFetch(`http://crm.client.example:${port}/slow`, { operator, deadlineMs: 100 });
    await expect(slow).rejects.toBeInstanceOf(RetryLater);
  });
});
